//! A CA, a responder key and OpenSSL's reading of answers, for tests.

use std::{
    io::Write as _,
    process::{Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use aws_lc_rs::{
    encoding::{AsDer as _, PublicKeyX509Der},
    signature::{Ed25519KeyPair, KeyPair as _},
};
use feed::{Entry, Event, IssuerKind, Status, Terms};
use issuance::{Issuer, PreparedCertificate};
use ocsp::IssuerHashes;
use pki::{
    AttributeType, DistinguishedName, IssuerName, PublicKey, SerialNumber, SignatureAlgorithm,
    SpkiHash,
    time::{SignedDuration, Timestamp},
};
use policy::{BasicConstraintsPlan, CertificatePlan, KeyUsage, KeyUsages};
use tokio::sync::{Notify, Semaphore};

use crate::answer::{AnswerSigner, SigningFault};

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

    /// A CertID about one of the CA's certificates, DER.
    pub(crate) fn cert_id(&self, hash: TestHash, last: u8) -> Vec<u8> {
        let certificate = self.issuer.certificate();
        let hashes = IssuerHashes::of(certificate.subject_der(), certificate.public_key());
        let (algorithm, name, key): (&[u8], &[u8], &[u8]) = match hash {
            TestHash::Sha1Bare => (SHA_1_BARE, &hashes.name_sha1, &hashes.key_sha1),
            TestHash::Sha1Odd => (SHA_1_ODD, &hashes.name_sha1, &hashes.key_sha1),
            TestHash::Sha1 => (SHA_1, &hashes.name_sha1, &hashes.key_sha1),
            TestHash::Sha256 => (SHA_256, &hashes.name_sha256, &hashes.key_sha256),
        };
        let parts = [
            algorithm.to_vec(),
            tlv(0x04, name),
            tlv(0x04, key),
            tlv(0x02, serial(last).as_bytes()),
        ];
        tlv(0x30, &parts.concat())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TestHash {
    Sha1,
    /// Without parameters.
    Sha1Bare,
    /// With parameters of its own.
    Sha1Odd,
    Sha256,
}

const SHA_1: &[u8] = &[
    0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00,
];
const SHA_1_BARE: &[u8] = b"\x30\x07\x06\x05\x2b\x0e\x03\x02\x1a";
const SHA_1_ODD: &[u8] = b"\x30\x0a\x06\x05\x2b\x0e\x03\x02\x1a\x04\x01\x07";
const SHA_256: &[u8] = &[
    0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
];
/// `id-pkix-ocsp-pref-sig-algs`.
const PREFERRED: &[u8] = b"\x06\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x08";
/// `id-pkix-ocsp-nonce`.
const NONCE: &[u8] = &[
    0x06, 0x09, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x02,
];

/// The same from a client that prefers these signature algorithms.
pub(crate) fn request_preferring(
    cert_ids: &[Vec<u8>],
    preferred: &[SignatureAlgorithm],
) -> Vec<u8> {
    let listed: Vec<u8> = preferred
        .iter()
        .flat_map(|algorithm| tlv(0x30, &algorithm.identifier_der()))
        .collect();
    let extension = [PREFERRED.to_vec(), tlv(0x04, &tlv(0x30, &listed))].concat();
    encode(cert_ids, Some(&tlv(0x30, &extension)))
}

/// An `OCSPRequest` about `cert_ids`, DER.
pub(crate) fn request(cert_ids: &[Vec<u8>], nonce: Option<&[u8]>) -> Vec<u8> {
    let nonce = nonce.map(|nonce| {
        let value = tlv(0x04, &tlv(0x04, nonce));
        tlv(0x30, &[NONCE.to_vec(), value].concat())
    });
    encode(cert_ids, nonce.as_deref())
}

fn encode(cert_ids: &[Vec<u8>], extension: Option<&[u8]>) -> Vec<u8> {
    let requests: Vec<u8> = cert_ids.iter().flat_map(|id| tlv(0x30, id)).collect();
    let mut tbs = tlv(0x30, &requests);
    if let Some(extension) = extension {
        tbs.extend(tlv(0xa2, &tlv(0x30, extension)));
    }
    tlv(0x30, &tlv(0x30, &tbs))
}

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut der = vec![tag];
    match content.len() {
        length @ 0..=0x7f => der.push(u8::try_from(length).unwrap()),
        length => {
            der.push(0x82);
            der.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
    }
    // Two octets of length where one is enough is not DER.
    if let [_, 0x82, 0x00, short, ..] = der[..] {
        der.splice(1..4, [0x81, short]);
    }
    der.extend(content);
    der
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

/// The responder's key, with a hand on it: counts, waits, fails.
pub(crate) struct TestSigner {
    key: SoftwareKey,
    signatures: AtomicUsize,
    fault: Mutex<Option<SigningFault>>,
    permits: Semaphore,
    begun: Notify,
    dawdling: AtomicBool,
}

impl TestSigner {
    pub(crate) fn new() -> Arc<Self> {
        Self::numbered(200)
    }

    /// With a key that depends on its number alone.
    pub(crate) fn numbered(number: u8) -> Arc<Self> {
        Arc::new(Self {
            key: SoftwareKey::new(number),
            signatures: AtomicUsize::new(0),
            fault: Mutex::new(None),
            permits: Semaphore::new(Semaphore::MAX_PERMITS),
            begun: Notify::new(),
            dawdling: AtomicBool::new(false),
        })
    }

    /// How many signatures were made.
    pub(crate) fn signatures(&self) -> usize {
        self.signatures.load(Ordering::SeqCst)
    }

    /// Lets signatures fail, or work again.
    pub(crate) fn fail(&self, fault: Option<SigningFault>) {
        *self.fault.lock().unwrap() = fault;
    }

    /// Lets signatures take their time, each another one.
    pub(crate) fn dawdle(&self) {
        self.dawdling.store(true, Ordering::SeqCst);
    }

    /// Lets signatures wait until [`TestSigner::release`].
    pub(crate) fn hold(&self) {
        self.permits.forget_permits(Semaphore::MAX_PERMITS);
    }

    /// Lets `count` signatures through.
    pub(crate) fn release(&self, count: usize) {
        self.permits.add_permits(count);
    }

    /// Waits until a signature has been asked for.
    pub(crate) async fn begun(&self) {
        self.begun.notified().await;
    }
}

impl std::fmt::Debug for TestSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TestSigner")
    }
}

#[async_trait]
impl AnswerSigner for TestSigner {
    fn public_key(&self) -> &PublicKey {
        &self.key.public_key
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::Ed25519
    }

    async fn sign(&self, message: Arc<[u8]>) -> Result<Vec<u8>, SigningFault> {
        self.begun.notify_one();
        self.permits.acquire().await.unwrap().forget();
        if let Some(fault) = *self.fault.lock().unwrap() {
            return Err(fault);
        }
        let before = self.signatures.fetch_add(1, Ordering::SeqCst);
        if self.dawdling.load(Ordering::SeqCst) {
            for _ in 0..before * 7 % 61 {
                tokio::task::yield_now().await;
            }
        }
        Ok(self.key.sign(&message))
    }
}

/// What OpenSSL reads in a response.
#[derive(Debug)]
pub(crate) struct Reading {
    /// `successful`, `trylater` and so on.
    pub(crate) status: String,
    /// `good`, `revoked` or `unknown`, in the order of the response.
    pub(crate) statuses: Vec<String>,
    /// All of it.
    pub(crate) text: String,
}

impl Reading {
    pub(crate) fn of(response: &[u8]) -> Self {
        let mut openssl = Command::new("openssl")
            .args(["ocsp", "-respin", "/dev/stdin", "-noverify", "-resp_text"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        openssl.stdin.take().unwrap().write_all(response).unwrap();
        let output = openssl.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let after = |label: &str| -> Vec<String> {
            let lines = text
                .lines()
                .filter_map(|line| line.trim().strip_prefix(label));
            lines
                .map(|rest| rest.split_whitespace().next().unwrap_or("").to_owned())
                .collect()
        };
        let status = after("OCSP Response Status:").concat();
        // Without content OpenSSL says the status in another way.
        let status = if status.is_empty() {
            exception(response)
        } else {
            status
        };
        Self {
            status,
            statuses: after("Cert Status:"),
            text,
        }
    }

    /// The only certificate's status.
    pub(crate) fn only(&self) -> &str {
        assert_eq!(self.statuses.len(), 1, "{}", self.text);
        &self.statuses[0]
    }
}

fn exception(response: &[u8]) -> String {
    let name = match response {
        [0x30, 3, 0x0a, 1, 1] => "malformedrequest",
        [0x30, 3, 0x0a, 1, 2] => "internalerror",
        [0x30, 3, 0x0a, 1, 3] => "trylater",
        [0x30, 3, 0x0a, 1, 6] => "unauthorized",
        _ => "unreadable",
    };
    name.to_owned()
}
