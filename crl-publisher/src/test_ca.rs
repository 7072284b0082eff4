//! A CA in memory for tests: certificates and lists as ca-daemon would make them.

use aws_lc_rs::{
    encoding::{AsDer as _, PublicKeyX509Der},
    signature::{Ed25519KeyPair, KeyPair as _},
};
use feed::{Base64, Entry, Event, IssuerKind, Status, Terms};
use issuance::{
    CrlCoverage, CrlEntry, DistributionPoint, Issuer, OnlyContains, PreparedCertificate,
    PreparedCrl, crl_reader::CrlView,
};
use pki::{
    AttributeType, Certificate, CrlNumber, CrlScope, DistinguishedName, IssuerName, PublicKey,
    RevocationReason, SerialNumber, SignatureAlgorithm,
    time::{SignedDuration, Timestamp},
};
use policy::{BasicConstraintsPlan, CertificatePlan, KeyUsage};
use sha2::{Digest as _, Sha256};

/// 2027-01-15T08:00:00Z, within the CA's validity.
const START: i64 = 1_800_000_000;

/// The moment `seconds` after the beginning of the test.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(START + seconds).unwrap()
}

pub(crate) fn serial(last: u8) -> SerialNumber {
    SerialNumber::from_bytes(&[0x0a, 0xd0, 0x51, 0x6e, 0x1d, 0xc4, 0x90, 0x22, 0x37, last]).unwrap()
}

pub(crate) struct TestCa {
    pub(crate) pair: Ed25519KeyPair,
    pub(crate) issuer: Issuer,
    pub(crate) kind: IssuerKind,
}

/// What a list says and its announcement tells; change what the test is about.
#[derive(Clone)]
pub(crate) struct TestList {
    pub(crate) scope: CrlScope,
    pub(crate) number: u64,
    pub(crate) base: Option<u64>,
    pub(crate) as_of: u64,
    pub(crate) this_update: Timestamp,
    pub(crate) next_update: Timestamp,
    pub(crate) entries: Vec<CrlEntry>,
    pub(crate) coverage: CrlCoverage,
}

impl TestList {
    /// A complete list of the test's beginning that is good for an hour and shows these serial
    /// numbers as [`revoked`].
    pub(crate) fn new(number: u64, serials: &[u8]) -> Self {
        Self {
            scope: CrlScope::Full,
            number,
            base: None,
            as_of: 3,
            this_update: at(0),
            next_update: at(3_600),
            entries: serials.iter().map(|last| revoked_entry(*last)).collect(),
            coverage: CrlCoverage::default(),
        }
    }

    pub(crate) fn read_at(self, as_of: u64) -> Self {
        Self { as_of, ..self }
    }

    pub(crate) fn shard(self, shard: u16) -> Self {
        let scope = CrlScope::Shard(shard);
        let point = DistributionPoint {
            uri: Some(url(scope)),
            only_contains: OnlyContains::UserCertificates,
        };
        Self {
            scope,
            coverage: CrlCoverage {
                distribution_point: Some(point),
                ..CrlCoverage::default()
            },
            ..self
        }
    }

    pub(crate) fn delta(self, base: u64) -> Self {
        Self {
            scope: CrlScope::Delta,
            base: Some(base),
            coverage: CrlCoverage {
                delta_base: Some(CrlNumber::new(base)),
                ..CrlCoverage::default()
            },
            ..self
        }
    }

    /// Tells of the last octet of a serial number that it is to be removed.
    pub(crate) fn removing(mut self, last: u8) -> Self {
        let mut entry = revoked_entry(last);
        entry.reason = Some(RevocationReason::RemoveFromCrl);
        self.entries.push(entry);
        self
    }
}

pub(crate) const REPOSITORY: &str = "http://pki.example.com";

pub(crate) fn url(scope: CrlScope) -> String {
    format!("{REPOSITORY}/{}", scope.path(&"esign-ca".parse().unwrap()))
}

/// The last octet of the serial number that is on hold where it is on a list.
pub(crate) const HELD: u8 = 4;

pub(crate) fn revoked_entry(last: u8) -> CrlEntry {
    CrlEntry {
        serial: serial(last),
        revoked_at: at(-60),
        reason: (last == HELD).then_some(RevocationReason::CertificateHold),
        invalidity_date: None,
    }
}

impl TestCa {
    /// An issuing CA with a key that depends on `seed` alone.
    pub(crate) fn new(seed: u8) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
        let spki: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        let key = PublicKey::parse(spki.as_ref()).unwrap();
        let name: IssuerName = "esign-ca".parse().unwrap();
        let algorithm = SignatureAlgorithm::Ed25519;
        let prepared =
            PreparedCertificate::self_signed(name.clone(), serial(1), &key, algorithm, &ca_plan())
                .unwrap();
        let (message, awaiting) = prepared.release();
        let issued = awaiting.complete(pair.sign(&message).as_ref()).unwrap();
        let ca = Issuer::new(name, issued.certificate().clone(), &key, algorithm).unwrap();
        Self {
            pair,
            issuer: ca,
            kind: IssuerKind::Issuing,
        }
    }

    pub(crate) fn certificate(&self) -> &Certificate {
        self.issuer.certificate()
    }

    pub(crate) fn name(&self) -> &IssuerName {
        self.issuer.name()
    }

    /// Signs a list.
    pub(crate) fn sign(&self, list: &TestList) -> Vec<u8> {
        let prepared = PreparedCrl::new(
            &self.issuer,
            CrlNumber::new(list.number),
            list.this_update,
            list.next_update,
            list.entries.iter().cloned(),
            Some(list.coverage.clone()),
        );
        let (message, awaiting) = prepared.unwrap().release();
        let issued = awaiting
            .complete(self.pair.sign(&message).as_ref())
            .unwrap();
        issued.der().to_vec()
    }

    /// Signs a list after replacing some octets in it by as many others: what our own writer would
    /// not write.
    pub(crate) fn sign_changed(&self, list: &TestList, from: &[u8], to: &[u8]) -> Vec<u8> {
        assert_eq!(from.len(), to.len());
        let mut der = self.sign(list);
        let place = der.windows(from.len()).position(|it| it == from).unwrap();
        der[place..place + to.len()].copy_from_slice(to);
        self.sign_again(der)
    }

    /// Puts a new signature under a list: the last 64 octets, for this key is one of Ed25519.
    pub(crate) fn sign_again(&self, mut der: Vec<u8>) -> Vec<u8> {
        let tbs_der = CrlView::parse(&der).unwrap().tbs_der().to_vec();
        let end = der.len() - 64;
        der[end..].copy_from_slice(self.pair.sign(&tbs_der).as_ref());
        der
    }

    pub(crate) fn issuer_entry(&self, seq: u64) -> Entry {
        entry(
            seq,
            Event::Issuer {
                issuer: self.name().clone(),
                certificate_der: self.certificate().der().into(),
                kind: self.kind,
            },
        )
    }

    pub(crate) fn certificate_entry(&self, seq: u64, last: u8, status: Status) -> Entry {
        self.sharded_entry(seq, last, None, status)
    }

    pub(crate) fn sharded_entry(
        &self,
        seq: u64,
        last: u8,
        shard: Option<u16>,
        status: Status,
    ) -> Entry {
        entry(
            seq,
            Event::Certificate {
                issuer: self.name().clone(),
                serial: serial(last),
                not_after: at(86_400),
                shard,
                status,
            },
        )
    }

    pub(crate) fn terms_entry(&self, seq: u64, shards: u16, delta: bool, issuing: bool) -> Entry {
        let terms = Terms {
            repository: REPOSITORY.to_owned(),
            ocsp: String::new(),
            ocsp_validity: 0,
            ocsp_max_age: 0,
            ocsp_max_staleness: 0,
            archive_cutoff: 0,
            shards,
            delta,
            issuing,
        };
        let issuer = self.name().clone();
        entry(seq, Event::Terms { issuer, terms })
    }

    pub(crate) fn list_entry(&self, seq: u64, list: &TestList) -> Entry {
        let der = self.sign(list);
        entry(
            seq,
            Event::Crl {
                issuer: self.name().clone(),
                scope: list.scope,
                number: CrlNumber::new(list.number),
                base: list.base.map(CrlNumber::new),
                this_update: list.this_update,
                next_update: list.next_update,
                as_of: list.as_of.min(seq - 1),
                size: der.len().try_into().unwrap(),
                sha256: Sha256::digest(&der).into(),
            },
        )
    }
}

/// On hold since a minute before the test began.
pub(crate) fn held() -> Status {
    Status::Hold { at: at(-60) }
}

/// Revoked a minute before the test began.
pub(crate) fn revoked() -> Status {
    Status::Revoked {
        at: at(-60),
        reason: None,
        invalidity_date: None,
    }
}

pub(crate) fn document(seq: u64, name: &str, media_type: &str) -> Entry {
    entry(
        seq,
        Event::Document {
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            body: Base64(b"<h1>CPS</h1>".to_vec()),
            issuer: "esign-ca".parse().unwrap(),
        },
    )
}

fn entry(seq: u64, event: Event) -> Entry {
    Entry {
        seq,
        at: at(-1),
        event,
    }
}

fn ca_plan() -> CertificatePlan {
    let subject = vec![
        (AttributeType::CountryName, "CN".to_owned()),
        (AttributeType::CommonName, "Test CA".to_owned()),
    ];
    CertificatePlan {
        profile: "root".to_owned(),
        subject: DistinguishedName::new(subject).unwrap(),
        subject_alt_names: Vec::new(),
        not_before: at(-3_600),
        not_after: at(0)
            .checked_add(SignedDuration::from_hours(24 * 3_650))
            .unwrap(),
        basic_constraints: BasicConstraintsPlan::Ca { path_len: None },
        key_usage: [KeyUsage::KeyCertSign, KeyUsage::CrlSign]
            .into_iter()
            .collect(),
        extended_key_usage: Vec::new(),
        policies: Vec::new(),
        crl_distribution_point: None,
        ocsp_uri: None,
        ca_issuers_uri: None,
        no_rev_avail: false,
        ocsp_no_check: false,
    }
}
