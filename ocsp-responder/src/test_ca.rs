//! A CA, a responder key and OpenSSL's reading of answers, for tests.

mod reading;
mod request;
mod signer;

use aws_lc_rs::{
    encoding::{AsDer as _, PublicKeyX509Der},
    signature::{Ed25519KeyPair, KeyPair as _},
};
use feed::{Entry, Event, IssuerKind, Status, Terms};
use issuance::{Issuer, PreparedCertificate};
use pki::{
    AttributeType, DistinguishedName, IssuerName, PublicKey, SerialNumber, SignatureAlgorithm,
    SpkiHash,
    time::{SignedDuration, Timestamp},
};
use policy::{BasicConstraintsPlan, CertificatePlan, KeyUsage, KeyUsages};

pub(crate) use self::{
    reading::Reading,
    request::{TestHash, request, request_preferring},
    signer::TestSigner,
};

/// 2027-01-15T08:00:00Z.
const START: i64 = 1_800_000_000;

/// The moment `seconds` after the beginning of the test.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(START + seconds).unwrap()
}

pub(crate) fn serial(last: u8) -> SerialNumber {
    SerialNumber::from_bytes(&[0x0a, 0xd0, 0x51, 0x6e, 0x1d, 0xc4, 0x90, 0x22, 0x37, last]).unwrap()
}

struct SoftwareKey {
    pair: Ed25519KeyPair,
    public_key: PublicKey,
}

impl SoftwareKey {
    fn new(seed: u8) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
        let spki: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        let public_key = PublicKey::parse(spki.as_ref()).unwrap();
        Self { pair, public_key }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }
}

/// An issuing CA with a key that depends on its number alone.
pub(crate) struct TestCa {
    key: SoftwareKey,
    /// The beginning of the test, for this CA.
    start: Timestamp,
    pub(crate) issuer: Issuer,
}

impl TestCa {
    pub(crate) fn new(number: u8) -> Self {
        Self::starting(number, at(0))
    }

    /// One whose test begins at another moment, such as now.
    pub(crate) fn starting(number: u8, start: Timestamp) -> Self {
        let key = SoftwareKey::new(number);
        let name: IssuerName = format!("ca-{number}").parse().unwrap();
        let usages = [KeyUsage::KeyCertSign, KeyUsage::CrlSign]
            .into_iter()
            .collect();
        let mut plan = plan(start, &format!("Test CA {number}"), usages);
        plan.basic_constraints = BasicConstraintsPlan::Ca { path_len: None };
        plan.not_after = days_after(start, 3_650);
        let prepared = PreparedCertificate::self_signed(
            name.clone(),
            serial(number),
            &key.public_key,
            SignatureAlgorithm::Ed25519,
            &plan,
        );
        let (message, awaiting) = prepared.unwrap().release();
        let issued = awaiting.complete(&key.sign(&message)).unwrap();
        let ca = Issuer::new(
            name,
            issued.certificate().clone(),
            &key.public_key,
            SignatureAlgorithm::Ed25519,
        );
        Self {
            issuer: ca.unwrap(),
            start,
            key,
        }
    }

    pub(crate) fn der(&self) -> &[u8] {
        self.issuer.certificate().der()
    }

    /// A certificate for a responder's key, valid from `begin` to `end`, DER.
    pub(crate) fn delegate(&self, key: &PublicKey, begin: Timestamp, end: Timestamp) -> Vec<u8> {
        let usages = [KeyUsage::DigitalSignature].into_iter().collect();
        let plan = CertificatePlan {
            extended_key_usage: vec![const_oid::db::rfc5280::ID_KP_OCSP_SIGNING],
            ocsp_no_check: true,
            not_before: begin,
            not_after: end,
            ..plan(self.start, "Test Responder", usages)
        };
        self.issue(key, &plan)
    }

    /// A certificate with serial number 99 that says nothing of OCSP, DER.
    pub(crate) fn certify_client(&self, key: &PublicKey) -> Vec<u8> {
        let usages = [KeyUsage::DigitalSignature].into_iter().collect();
        let plan = CertificatePlan {
            extended_key_usage: vec![const_oid::db::rfc5280::ID_KP_CLIENT_AUTH],
            ..plan(self.start, "Test Client", usages)
        };
        self.issue(key, &plan)
    }

    fn issue(&self, key: &PublicKey, plan: &CertificatePlan) -> Vec<u8> {
        let prepared = PreparedCertificate::new(&self.issuer, serial(99), key, plan).unwrap();
        let (message, awaiting) = prepared.release();
        let issued = awaiting.complete(&self.key.sign(&message)).unwrap();
        issued.der().to_vec()
    }

    pub(crate) fn issuer_entry(&self, seq: u64, kind: IssuerKind) -> Entry {
        let issuer = self.issuer.name().clone();
        let certificate_der = self.der().into();
        entry(
            seq,
            Event::Issuer {
                issuer,
                certificate_der,
                kind,
            },
        )
    }

    pub(crate) fn delegation_entry(&self, seq: u64, certificate_der: Vec<u8>) -> Entry {
        entry(
            seq,
            Event::ResponderCertificate {
                issuer: self.issuer.name().clone(),
                follower: "responder".to_owned(),
                spki_hash: key_of(&certificate_der),
                certificate_der: certificate_der.into(),
            },
        )
    }

    pub(crate) fn retired_entry(&self, seq: u64, key: &PublicKey) -> Entry {
        entry(
            seq,
            Event::ResponderKeyRetired {
                issuer: self.issuer.name().clone(),
                follower: "responder".to_owned(),
                spki_hash: key.hash(),
            },
        )
    }

    /// The CA's policy: answers are valid for a day, the feed may be silent for twelve hours, what
    /// expired is answered for during ten days.
    pub(crate) fn terms_entry(&self, seq: u64) -> Entry {
        let terms = Terms {
            repository: "http://pki.example.com".to_owned(),
            ocsp: "http://ocsp.example.com".to_owned(),
            ocsp_validity: 86_400,
            ocsp_max_age: 300,
            ocsp_max_staleness: 43_200,
            archive_cutoff: 864_000,
            shards: 0,
            delta: false,
            issuing: true,
        };
        let issuer = self.issuer.name().clone();
        entry(seq, Event::Terms { issuer, terms })
    }

    pub(crate) fn certificate_entry(&self, seq: u64, last: u8, status: Status) -> Entry {
        entry(
            seq,
            Event::Certificate {
                issuer: self.issuer.name().clone(),
                serial: serial(last),
                not_after: days_after(self.start, 90),
                shard: None,
                status,
            },
        )
    }
}

/// Any key for what is no certificate.
fn key_of(certificate_der: &[u8]) -> SpkiHash {
    pki::Certificate::parse(certificate_der).map_or_else(
        |_| SpkiHash::of(certificate_der),
        |certificate| certificate.public_key().hash(),
    )
}

fn entry(seq: u64, event: Event) -> Entry {
    Entry {
        seq,
        at: at(-1),
        event,
    }
}

pub(crate) fn revoked(seconds: i64) -> Status {
    Status::Revoked {
        at: at(seconds),
        reason: None,
        invalidity_date: None,
    }
}

fn days_after(start: Timestamp, days: i64) -> Timestamp {
    start
        .checked_add(SignedDuration::from_hours(24 * days))
        .unwrap()
}

fn plan(start: Timestamp, common_name: &str, key_usage: KeyUsages) -> CertificatePlan {
    let subject = vec![
        (AttributeType::CountryName, "CN".to_owned()),
        (AttributeType::CommonName, common_name.to_owned()),
    ];
    CertificatePlan {
        profile: "test".to_owned(),
        subject: DistinguishedName::new(subject).unwrap(),
        subject_alt_names: Vec::new(),
        not_before: days_after(start, -1),
        not_after: days_after(start, 14),
        basic_constraints: BasicConstraintsPlan::EndEntity,
        key_usage,
        extended_key_usage: Vec::new(),
        policies: Vec::new(),
        crl_distribution_point: None,
        ocsp_uri: None,
        ca_issuers_uri: None,
        no_rev_avail: false,
        ocsp_no_check: false,
    }
}
