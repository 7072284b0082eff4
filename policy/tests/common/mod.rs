//! A request that is permitted, to be spoilt one rule at a time.
#![allow(
    dead_code,
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::panic,
    reason = "each test crate uses another part; tests stop at the first thing that is missing"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Mutex,
};

use api::{
    Consent, ConsentMethod, Evidence, SanKind, SanStatement, Statement, SubjectKind, Validity,
};
use jiff::{SignedDuration, Timestamp};
use pki::{AttributeType, CertificationRequest, DistinguishedName, IssuerName, PublicKey};
use policy::{
    CertificatePlan, CertificateStatus, Decision, Facts, IssuanceRequest, IssuerFacts, Operation,
    Policy, PredecessorFacts,
};

pub(crate) const ESIGN: &str = include_str!("../../esign.toml");
pub(crate) const INTERNAL: &str = include_str!("../../internal.toml");
pub(crate) const MANAGEMENT: &str = include_str!("../../management.toml");

pub(crate) const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Reads a policy; each text once.
pub(crate) fn parse(text: &str) -> Policy {
    static READ: Mutex<BTreeMap<String, Policy>> = Mutex::new(BTreeMap::new());
    let mut read = READ.lock().expect("no test panics while it holds this");
    let policy = read
        .entry(text.to_owned())
        .or_insert_with(|| Policy::parse(text).unwrap_or_else(|faults| panic!("{faults}")));
    policy.clone()
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("time")
}

pub(crate) fn now() -> Timestamp {
    at("2026-11-22T12:00:00.25Z")
}

pub(crate) fn csr(name: &str) -> CertificationRequest {
    let path = format!("{}/tests/fixtures/{name}.csr", env!("CARGO_MANIFEST_DIR"));
    let octets = std::fs::read(path).expect("fixture");
    CertificationRequest::parse_pem_or_der(&octets).expect("request")
}

/// A request with everything that it is judged by.
pub(crate) struct Scenario {
    pub(crate) policy: Policy,
    pub(crate) profile: String,
    pub(crate) operation: Operation,
    pub(crate) issuer: IssuerName,
    pub(crate) csr: Option<CertificationRequest>,
    pub(crate) public_key: PublicKey,
    pub(crate) statement: Statement,
    pub(crate) facts: Facts,
    pub(crate) validity: Option<Validity>,
    pub(crate) now: Timestamp,
}

impl fmt::Debug for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scenario")
            .field("operation", &self.operation)
            .field("statement", &self.statement)
            .field("facts", &self.facts)
            .field("validity", &self.validity)
            .finish_non_exhaustive()
    }
}

impl Scenario {
    fn new(policy: &str, profile: &str, request: &str, statement: Statement) -> Self {
        let csr = csr(request);
        let issuer = IssuerFacts {
            not_before: at("2026-01-01T00:00:00Z"),
            not_after: at("2035-12-31T23:59:59Z"),
        };
        Self {
            policy: parse(policy),
            profile: profile.to_owned(),
            operation: Operation::Issue,
            issuer: "esign-ca".parse().expect("issuer name"),
            public_key: csr.public_key().clone(),
            csr: Some(csr),
            statement,
            facts: Facts::assumed(profile, issuer),
            validity: None,
            now: now(),
        }
    }

    /// A natural person.
    pub(crate) fn individual() -> Self {
        let subject = [
            (AttributeType::CountryName, "CN"),
            (AttributeType::Surname, "张"),
            (AttributeType::GivenName, "三"),
            (AttributeType::CommonName, "张三"),
            (AttributeType::SerialNumber, "U-2026-000123"),
        ];
        let mut statement = statement(SubjectKind::Individual, &subject);
        statement.evidence = ["name", "id_number", "mobile"].map(evidence).to_vec();
        statement.consent = Some(consent());
        Self::new(ESIGN, "esign-individual", "blank", statement)
    }

    /// A legal person.
    pub(crate) fn organization() -> Self {
        let subject = [
            (AttributeType::CountryName, "CN"),
            (AttributeType::OrganizationName, "示例科技有限公司"),
            (
                AttributeType::OrganizationIdentifier,
                "NTRCN-91350100M000100Y43",
            ),
            (AttributeType::CommonName, "示例科技有限公司"),
        ];
        let mut statement = statement(SubjectKind::Organization, &subject);
        let kinds = ["org_name", "uscc", "legal_rep_id", "corp_bank_account"];
        statement.evidence = kinds.map(evidence).to_vec();
        statement.consent = Some(consent());
        Self::new(ESIGN, "esign-organization", "blank", statement)
    }

    /// A TLS server.
    pub(crate) fn tls_server() -> Self {
        Self::new(
            INTERNAL,
            "tls-server",
            "tls-server",
            statement(SubjectKind::Device, &[]),
        )
    }

    /// A device.
    pub(crate) fn device() -> Self {
        Self::new(
            INTERNAL,
            "device",
            "device",
            statement(SubjectKind::Device, &[]),
        )
    }

    /// A TLS client of an RA.
    pub(crate) fn client_ra() -> Self {
        Self::new(
            MANAGEMENT,
            "client-ra",
            "device",
            statement(SubjectKind::Organization, &[]),
        )
    }

    /// The renewal of this request's certificate, ten days before it expires.
    pub(crate) fn renewal(mut self) -> Self {
        let plan = self.plan();
        self.operation = Operation::Renew;
        self.facts.predecessor = Some(PredecessorFacts {
            profile: self.profile.clone(),
            issuer: self.issuer.clone(),
            not_before: self.now - DAY * 355,
            not_after: self.now + DAY * 10,
            status: CertificateStatus::Good,
            spki_hash: self.public_key.hash(),
            subject: plan.subject,
            subject_alt_names: plan.subject_alt_names,
        });
        self
    }

    pub(crate) fn predecessor(&mut self) -> &mut PredecessorFacts {
        self.facts.predecessor.as_mut().expect("predecessor")
    }

    pub(crate) fn use_csr(&mut self, name: &str) {
        let request = csr(name);
        self.public_key = request.public_key().clone();
        self.csr = Some(request);
    }

    pub(crate) fn consent(&mut self) -> &mut Consent {
        self.statement.consent.as_mut().expect("consent")
    }

    pub(crate) fn set(&mut self, attribute: AttributeType, value: &str) {
        self.statement.subject.insert(attribute, value.to_owned());
    }

    pub(crate) fn add_san(&mut self, kind: SanKind, value: &str) {
        self.statement.subject_alt_names.push(SanStatement {
            kind,
            value: value.to_owned(),
        });
    }

    pub(crate) fn request(&self) -> IssuanceRequest<'_> {
        IssuanceRequest {
            operation: self.operation,
            profile: &self.profile,
            issuer: &self.issuer,
            csr: self.csr.as_ref(),
            public_key: &self.public_key,
            statement: &self.statement,
            validity: self.validity,
        }
    }

    pub(crate) fn decide(&self) -> Decision {
        self.policy.evaluate(&self.request(), &self.facts, self.now)
    }

    pub(crate) fn codes(&self) -> Vec<String> {
        self.decide()
            .codes()
            .into_iter()
            .map(str::to_owned)
            .collect()
    }

    pub(crate) fn plan(&self) -> CertificatePlan {
        match self.decide() {
            Decision::Permit(plan) => *plan,
            Decision::Deny(violations) => panic!("{violations:?}"),
        }
    }
}

pub(crate) fn statement(kind: SubjectKind, subject: &[(AttributeType, &str)]) -> Statement {
    Statement {
        subject_kind: kind,
        subject: subject
            .iter()
            .map(|(attribute, value)| (*attribute, (*value).to_owned()))
            .collect::<BTreeMap<_, _>>(),
        subject_alt_names: Vec::new(),
        subscriber_ref: None,
        evidence: Vec::new(),
        consent: None,
        key_custody: None,
        binding: None,
        age_band: None,
        guardian_consent: None,
        submitted_on_behalf: None,
    }
}

pub(crate) fn evidence(kind: &str) -> Evidence {
    Evidence {
        kind: kind.to_owned(),
        digest_sha256: "ab".repeat(32),
        collected_at: now() - DAY,
        verified_by: "ra".to_owned(),
        method: "database".to_owned(),
        passed: true,
        source_ref: None,
        expires_at: None,
    }
}

pub(crate) fn consent() -> Consent {
    let agreement = parse(ESIGN)
        .agreements()
        .first()
        .expect("agreement")
        .clone();
    Consent {
        agreement_version: agreement.version,
        agreement_sha256: hex::encode(agreement.sha256),
        method: ConsentMethod::Click,
        at: now() - DAY,
        purposes: ["certificate_issuance", "third_party_verification"]
            .map(str::to_owned)
            .to_vec(),
    }
}

pub(crate) fn name(attributes: &[(AttributeType, &str)]) -> DistinguishedName {
    let attributes = attributes
        .iter()
        .map(|(kind, value)| (*kind, (*value).to_owned()))
        .collect();
    DistinguishedName::new(attributes).expect("name")
}

pub(crate) fn set(items: &[&str]) -> BTreeSet<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}
