//! A CA on a token, with its records, in a time that the test sets.

use std::path::Path;
use std::sync::Arc;

use api::{PeerRole, PeerStatus};
use audit::{Actor, AuditEvent, EventKind};
use ca_daemon::authority::{Authority, Ca};
use ca_daemon::http::problem::NotDone;
use ca_daemon::issue::{Order, by_the_ca, certify};
use ca_daemon::leadership::Leadership;
use ca_daemon::policies;
use feed::IssuerKind;
use hsm::{CkaId, KeySpec, SigningKey, Token, TokenConfig, TokenSelector};
use issuance::{Issuer, PreparedCertificate};
use pki::time::{Clock as _, ManualClock, SignedDuration, Timestamp};
use pki::{
    AttributeType, DistinguishedName, IssuerName, KeyAlgorithm, PublicKey, SerialNumber,
    SignatureAlgorithm,
};
use policy::{BasicConstraintsPlan, CertificatePlan, CrlDistributionPoint, KeyUsage, Policy};
use service::Lifecycle;
use service::lifecycle::LifecycleLimits;
use store::{DatabaseConfig, IssuerRecord, Peer, ResponderCertificate, ResponderKey, Store};
use testkit::TestToken;
use tokio::sync::Semaphore;
use uuid::Uuid;

pub const PUBLISHER: &str = "crl-1";
pub const RESPONDER: &str = "ocsp-1";
/// As `policy/internal.toml` has it.
pub const REPOSITORY: &str = "http://pki.example.com";
const ALGORITHM: SignatureAlgorithm = SignatureAlgorithm::EcdsaSha256;

/// The CA, ca-daemon's records, and the keys of both daemons that sign.
pub struct TestAuthority {
    pub authority: Arc<Authority>,
    pub ca: Arc<Ca>,
    pub clock: ManualClock,
    pub responder_key: SigningKey,
    /// Certified again and again: one subject, many certificates.
    subject_key: PublicKey,
    /// Held so that its sessions stay.
    _token: Token,
}

impl TestAuthority {
    pub async fn new(token: &TestToken, directory: &Path) -> Self {
        let clock = ManualClock::new("2026-03-01T08:00:00Z".parse().unwrap());
        let token = open(token).await;
        let key = new_key(&token, "01").await;
        let responder_key = new_key(&token, "02").await;
        let subject_key = new_key(&token, "03").await.public_key().clone();
        let database = directory.join("ca.db");
        let database = DatabaseConfig::new(format!("sqlite://{}", database.display()));
        let shared: pki::time::SharedClock = Arc::new(clock.clone());
        Store::migrate(&database, Arc::clone(&shared))
            .await
            .unwrap();
        let store = Store::connect(&database, Arc::clone(&shared))
            .await
            .unwrap();

        let issuer = self_signed(&key, clock.now()).await;
        let mut ca = Ca::new(
            issuer,
            key,
            Vec::new(),
            policy(0),
            directory.join("policy.toml"),
        );
        ca.places = Arc::new(Semaphore::new(1024));
        let ca = Arc::new(ca);
        let authority = Authority {
            issuers: [(ca.name().clone(), Arc::clone(&ca))].into(),
            management: "management".parse().unwrap(),
            leadership: Leadership::new(&store),
            receipts: None,
            store,
            clock: shared,
            lifecycle: Lifecycle::new(LifecycleLimits::default()),
            weak_keys: pki::key_check::WeakKeyList::default(),
            acknowledgements: feed::server::Acknowledged::new([]),
            policies_turn: tokio::sync::Mutex::default(),
        };
        let this = Self {
            authority: Arc::new(authority),
            ca,
            clock,
            responder_key,
            subject_key,
            _token: token,
        };
        this.register().await;
        this
    }

    async fn register(&self) {
        let certificate = self.ca.issuer.certificate();
        let record = IssuerRecord {
            name: self.ca.name().clone(),
            kind: IssuerKind::Issuing,
            parent: None,
            certificate_der: certificate.der().to_vec(),
            spki_hash: certificate.public_key().hash(),
            not_after: certificate.not_after(),
        };
        let event = self.event(EventKind::IssuerRegistered);
        let store = &self.authority.store;
        store.register_issuer(record, event).await.unwrap().unwrap();
        for (name, role) in [
            (PUBLISHER, PeerRole::Publisher),
            (RESPONDER, PeerRole::Responder),
        ] {
            let peer = Peer {
                name: name.to_owned(),
                role,
                status: PeerStatus::Active,
                valid_from: Timestamp::UNIX_EPOCH,
                valid_to: None,
                agreement_ref: None,
                profiles: [].into(),
                subject_kinds: Vec::new(),
                daily_quota: None,
                max_validity_days: None,
            };
            let event = self.event(EventKind::PeerRegistered);
            let registered = store.register_peer(peer, Vec::new(), event).await;
            registered.unwrap().unwrap();
        }
        let public_key = self.responder_key.public_key();
        let key = ResponderKey {
            follower: RESPONDER.to_owned(),
            issuers: [self.ca.name().clone()].into(),
            spki_hash: public_key.hash(),
            spki_der: public_key.spki_der().to_vec(),
        };
        let event = self.event(EventKind::ResponderKeyRegistered);
        let registered = store.register_responder_key(key, event).await;
        registered.unwrap().unwrap();
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn event(&self, kind: EventKind) -> AuditEvent {
        AuditEvent::new(self.now(), kind, Actor::Operator).issuer(self.ca.name())
    }

    /// Puts a policy in force that divides new certificates among so many shards.
    pub async fn divide(&self, shards: u16) {
        let policy = policy(shards);
        let (record, documents) = policies::records(self.ca.name(), &policy, self.now());
        let terms = policies::terms(&policy);
        let event = self.event(EventKind::PolicyActivated);
        let store = &self.authority.store;
        let activated = store.activate_policy(record, documents, terms, event).await;
        activated.unwrap().unwrap();
        self.ca.policy.store(Arc::new(policy));
    }

    /// The plan of a subscriber's certificate that ends then.
    pub fn plan(&self, not_after: Timestamp) -> CertificatePlan {
        let shards = self.ca.policy.load().crl().shards;
        let point = CrlDistributionPoint::new(REPOSITORY, self.ca.name(), shards);
        let mut plan = plan(
            "Subscriber",
            self.now(),
            not_after,
            &[KeyUsage::DigitalSignature],
        );
        plan.crl_distribution_point = Some(point);
        plan.extended_key_usage = vec!["1.3.6.1.5.5.7.3.36".parse().unwrap()];
        plan
    }

    /// What ca-daemon signs when this plan was decided.
    pub fn order(&self, plan: CertificatePlan) -> Order {
        Order {
            request: by_the_ca(Uuid::from_u128(rand::random()), "issue", self.now()),
            plan,
            public_key: self.subject_key.clone(),
            subject_hash: [7; 32],
            subscriber_ref: None,
            binding: None,
            predecessor: None,
            policy_digest: self.ca.policy.load().digest(),
            statement: None,
            quota: None,
            actor: Actor::Daemon,
        }
    }

    /// Certifies the responder's key, as ca-daemon does every day.
    pub async fn certify_responder(&self) {
        let not_after = self.ca.issuer.certificate().not_after();
        let name = name("OCSP");
        let policy = self.ca.policy.load_full();
        let mut order = self.order(self.plan(not_after));
        order.plan = policy
            .ocsp_responder_plan(name, self.now(), not_after)
            .unwrap();
        order.public_key = self.responder_key.public_key().clone();
        order.subject_hash = [8; 32];
        let issued = certify(Arc::clone(&self.authority), Arc::clone(&self.ca), order).await;
        let issued = issued
            .unwrap_or_else(|not_done| panic!("{}", why(&not_done)))
            .issued;
        let certificate = ResponderCertificate {
            issuer: self.ca.name().clone(),
            follower: RESPONDER.to_owned(),
            spki_hash: self.responder_key.public_key().hash(),
            serial: issued.serial(),
            not_after: issued.not_after(),
            certificate_der: issued.der().to_vec(),
        };
        let event = self.event(EventKind::ResponderCertificateIssued);
        let store = &self.authority.store;
        let recorded = store.record_responder_certificate(certificate, event).await;
        recorded.unwrap();
    }
}

/// What kept a certificate from being issued.
pub fn why(not_done: &NotDone) -> String {
    match not_done {
        NotDone::Refused(refusal) => format!("{:?}", refusal.codes()),
        NotDone::Failed(error) => format!("{error:#}"),
    }
}

async fn open(token: &TestToken) -> Token {
    let selector = TokenSelector::Label(token.label().to_owned());
    let mut config = TokenConfig::new(token.module(), selector, token.pin_file());
    config.queue = 4096;
    config.deadline = std::time::Duration::from_mins(1);
    Token::open(&config).await.unwrap()
}

async fn new_key(token: &Token, id: &str) -> SigningKey {
    let id: CkaId = id.parse().unwrap();
    let spec = KeySpec {
        algorithm: KeyAlgorithm::EcP256,
        id: id.clone(),
        label: "walk".to_owned(),
    };
    token.generate_key_pair(&spec).await.unwrap();
    token.signing_key(&id, ALGORITHM).await.unwrap()
}

async fn self_signed(key: &SigningKey, now: Timestamp) -> Issuer {
    let issuer: IssuerName = "esign-ca".parse().unwrap();
    let day = SignedDuration::from_hours(24);
    let (begin, end) = (now - day, now + day * 3650);
    let mut plan = plan(
        "Walk CA",
        begin,
        end,
        &[KeyUsage::KeyCertSign, KeyUsage::CrlSign],
    );
    plan.basic_constraints = BasicConstraintsPlan::Ca { path_len: None };
    let prepared = PreparedCertificate::self_signed(
        issuer.clone(),
        SerialNumber::generate(now, &mut rand::rng()),
        key.public_key(),
        ALGORITHM,
        &plan,
    );
    let (tbs_der, awaiting) = prepared.unwrap().release();
    let issued = awaiting
        .complete(&key.sign(tbs_der).await.unwrap())
        .unwrap();
    let certificate = issued.certificate().clone();
    Issuer::new(issuer, certificate, key.public_key(), ALGORITHM).unwrap()
}

fn policy(shards: u16) -> Policy {
    let shipped = include_str!("../../../policy/internal.toml");
    let (before, after) = shipped.split_once("\n[\"7.3\"]").unwrap();
    assert!(
        !before.contains("shards ="),
        "the shipped policy has shards: replace them"
    );
    let text = format!(
        "{before}\nshards = {shards}\n\n[\"7.2\".delta]\nnext_update = \"48h\"\n\
         interval = \"6h\"\nafter_revocation = \"2s\"\n\n[\"7.3\"]{after}"
    );
    Policy::parse(&text).unwrap()
}

fn name(common_name: &str) -> DistinguishedName {
    let attributes = vec![
        (AttributeType::CountryName, "CN".to_owned()),
        (AttributeType::CommonName, common_name.to_owned()),
    ];
    DistinguishedName::new(attributes).unwrap()
}

fn plan(
    common_name: &str,
    not_before: Timestamp,
    not_after: Timestamp,
    usages: &[KeyUsage],
) -> CertificatePlan {
    CertificatePlan {
        profile: "walk".to_owned(),
        subject: name(common_name),
        subject_alt_names: Vec::new(),
        not_before,
        not_after,
        basic_constraints: BasicConstraintsPlan::EndEntity,
        key_usage: usages.iter().copied().collect(),
        extended_key_usage: Vec::new(),
        policies: Vec::new(),
        crl_distribution_point: None,
        ocsp_uri: None,
        ca_issuers_uri: None,
        no_rev_avail: false,
        ocsp_no_check: false,
    }
}
