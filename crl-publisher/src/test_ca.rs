//! A CA in memory for tests: certificates and lists as ca-daemon would make them.

use aws_lc_rs::{
    encoding::{AsDer as _, PublicKeyX509Der},
    signature::{Ed25519KeyPair, KeyPair as _},
};
use feed::{Base64, Entry, Event, IssuerKind, Status};
use issuance::{CrlCoverage, CrlEntry, Issuer, PreparedCertificate, PreparedCrl};
use pki::{
    AttributeType, Certificate, CrlNumber, DistinguishedName, IssuerName, PublicKey, SerialNumber,
    SignatureAlgorithm,
    time::{SignedDuration, Timestamp},
};
use policy::{BasicConstraintsPlan, CertificatePlan, KeyUsage};

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

/// What a list says; change what the test is about.
#[derive(Clone)]
pub(crate) struct TestList {
    pub(crate) number: u64,
    pub(crate) this_update: Timestamp,
    pub(crate) next_update: Timestamp,
    pub(crate) serials: Vec<u8>,
    pub(crate) scope: Option<CrlCoverage>,
}

impl TestList {
    /// A list of the test's beginning that is good for an hour.
    pub(crate) fn new(number: u64, serials: &[u8]) -> Self {
        Self {
            number,
            this_update: at(0),
            next_update: at(3_600),
            serials: serials.to_vec(),
            scope: None,
        }
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
        let entries = list.serials.iter().map(|last| CrlEntry {
            serial: serial(*last),
            revoked_at: at(-60),
            reason: None,
            invalidity_date: None,
        });
        let prepared = PreparedCrl::new(
            &self.issuer,
            CrlNumber::new(list.number),
            list.this_update,
            list.next_update,
            entries,
            list.scope.clone(),
        );
        let (message, awaiting) = prepared.unwrap().release();
        let issued = awaiting
            .complete(self.pair.sign(&message).as_ref())
            .unwrap();
        issued.der().to_vec()
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
        entry(
            seq,
            Event::Certificate {
                issuer: self.name().clone(),
                serial: serial(last),
                not_after: at(86_400),
                shard: None,
                status,
            },
        )
    }

    pub(crate) fn list_entry(&self, seq: u64, list: &TestList) -> Entry {
        entry(
            seq,
            Event::Crl {
                issuer: self.name().clone(),
                scope: pki::CrlScope::Full,
                base: None,
                as_of: seq,
                size: 0,
                sha256: [0; 32],
                number: CrlNumber::new(list.number),
                this_update: list.this_update,
                next_update: list.next_update,
                crl_der: self.sign(list).into(),
            },
        )
    }
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
