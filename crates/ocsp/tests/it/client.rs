//! The relying party's half before a responder of somebody else's: OpenSSL reads our requests and
//! makes the responses, good and broken.

use std::{path::Path, process::Command};

use der_07::{Decode, Encode};
use jiff::{SignedDuration, Timestamp};
use ocsp::{
    Answer, Asked, CertIdHash, CertStatus, MAX_RESPONSE_BYTES, NonceEcho, OcspRequest, Query,
    QueryError, ResponseFault, ResponseStatus, unsigned,
};
use pki::{Certificate, RevocationReason, SerialNumber};
use tempfile::TempDir;

use crate::{scene::Scene, support::serial};

const GOOD: &[u8] = &[0x80, 0x01];
const REVOKED: &[u8] = &[0x80, 0x02];
const HELD: &[u8] = &[0x80, 0x03];
const NEVER_ISSUED: &[u8] = &[0x80, 0x04];
const NONCE: &[u8] = &[0x5a; 32];

/// A CA and its responders, by OpenSSL.
struct Pki(TempDir);

impl Pki {
    fn new() -> Self {
        let pki = Self(tempfile::tempdir().unwrap());
        pki.sh(include_str!("client/pki.sh"));
        pki
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn sh(&self, script: &str) {
        let status = Command::new("sh")
            .args(["-ec", script])
            .current_dir(self.path())
            .status();
        let log = || std::fs::read_to_string(self.path().join("log")).unwrap_or_default();
        assert!(status.unwrap().success(), "{}", log());
    }

    fn ca(&self) -> Certificate {
        Certificate::parse(&std::fs::read(self.path().join("ca.der")).unwrap()).unwrap()
    }

    fn query(&self, serials: &[&[u8]], hash: CertIdHash, nonce: Option<&[u8]>) -> Query {
        let serials: Vec<_> = serials
            .iter()
            .map(|octets| SerialNumber::from_bytes(octets).unwrap())
            .collect();
        Query::new(&self.ca(), &serials, hash, nonce).unwrap()
    }

    /// What `openssl ocsp` answers, with the key of `signer`; `more` are its options.
    fn answer(&self, query: &Query, signer: &str, more: &str) -> Vec<u8> {
        std::fs::write(self.path().join("request"), query.der()).unwrap();
        self.sh(&format!(
            "exec 2>log; {more} -index index.txt -CA ca.pem -rsigner {signer}.pem \
             -rkey {signer}.key -reqin request -respout response"
        ));
        std::fs::read(self.path().join("response")).unwrap()
    }

    fn verify(&self, query: &Query, response: &[u8]) -> Result<Answer, ResponseFault> {
        self.verify_at(query, response, SignedDuration::ZERO)
    }

    fn verify_at(
        &self,
        query: &Query,
        response: &[u8],
        later: SignedDuration,
    ) -> Result<Answer, ResponseFault> {
        let asked = Asked {
            query,
            issuer: &self.ca(),
            now: now() + later,
            tolerance: SignedDuration::from_secs(5),
        };
        Answer::verify(response, &asked)
    }
}

#[expect(clippy::disallowed_methods, reason = "OpenSSL reads the clock too")]
fn now() -> Timestamp {
    Timestamp::now()
}

/// A day of validity.
const DAY: &str = "openssl ocsp -ndays 1";

#[test]
fn openssl_answers_our_requests_and_its_answers_are_understood() {
    let pki = Pki::new();
    for hash in [CertIdHash::Sha1, CertIdHash::Sha256] {
        for (nonce, echo) in [(None, NonceEcho::NotAsked), (Some(NONCE), NonceEcho::Same)] {
            for options in [DAY, "openssl ocsp -ndays 1 -resp_key_id"] {
                let query = pki.query(&[GOOD, REVOKED, HELD, NEVER_ISSUED], hash, nonce);
                let response = pki.answer(&query, "good", options);
                let answer = pki.verify(&query, &response).unwrap();
                let statuses: Vec<_> = answer.statuses.iter().map(|stated| stated.status).collect();
                let revoked = |reason| CertStatus::Revoked {
                    at: "2025-01-01T12:00:00Z".parse().unwrap(),
                    reason: Some(reason),
                };
                let expected = [
                    CertStatus::Good,
                    revoked(RevocationReason::KeyCompromise),
                    revoked(RevocationReason::CertificateHold),
                    CertStatus::Unknown,
                ];
                assert_eq!(statuses, expected, "{hash:?} {options}");
                assert_eq!(answer.nonce, echo);
                assert_eq!(answer.responder.subject_display(), "CN=good");
            }
        }
    }
}

#[test]
fn the_issuer_may_answer_itself() {
    let pki = Pki::new();
    let query = pki.query(&[GOOD], CertIdHash::Sha256, None);
    let response = pki.answer(&query, "ca", DAY);
    let answer = pki.verify(&query, &response).unwrap();
    assert_eq!(answer.responder, pki.ca());
}

#[test]
fn responders_without_the_right_to_speak_are_refused() {
    let pki = Pki::new();
    let query = pki.query(&[GOOD], CertIdHash::Sha1, Some(NONCE));
    for (signer, code) in [
        ("checked", "ocsp-responder-needs-check"),
        ("purposeless", "ocsp-responder-not-delegated"),
        ("misused", "ocsp-responder-not-delegated"),
        ("foreign", "ocsp-responder-foreign"),
        ("other", "ocsp-responder-foreign"),
        ("expired", "ocsp-responder-not-valid"),
    ] {
        let response = pki.answer(&query, signer, DAY);
        let fault = pki.verify(&query, &response).unwrap_err();
        assert_eq!(fault.code(), code, "{signer}");
    }
    let response = pki.answer(&query, "good", "openssl ocsp -ndays 1 -resp_no_certs");
    let fault = pki.verify(&query, &response).unwrap_err();
    assert_eq!(fault, ResponseFault::ResponderMissing);
}

#[test]
fn answers_to_other_questions_are_refused() {
    let pki = Pki::new();
    let query = pki.query(&[GOOD], CertIdHash::Sha256, Some(NONCE));
    let response = pki.answer(&query, "good", DAY);
    let code = |query: &Query| pki.verify(query, &response).unwrap_err().code();
    let other_serial = pki.query(&[REVOKED], CertIdHash::Sha256, Some(NONCE));
    assert_eq!(code(&other_serial), "ocsp-not-answered");
    let other_hash = pki.query(&[GOOD], CertIdHash::Sha1, Some(NONCE));
    assert_eq!(code(&other_hash), "ocsp-not-answered");
    let more = pki.query(&[GOOD, REVOKED], CertIdHash::Sha256, Some(NONCE));
    assert_eq!(code(&more), "ocsp-not-answered");
    let other_nonce = pki.query(&[GOOD], CertIdHash::Sha256, Some(&[0x5b; 32]));
    assert_eq!(code(&other_nonce), "ocsp-nonce-wrong");
    let no_nonce = pki.query(&[GOOD], CertIdHash::Sha256, None);
    assert_eq!(code(&no_nonce), "ocsp-nonce-wrong");
}

/// An answer made in advance is one without a nonce; whoever asks decides whether it will do.
#[test]
fn a_missing_nonce_is_told() {
    let pki = Pki::new();
    let plain = pki.query(&[GOOD], CertIdHash::Sha256, None);
    let response = pki.answer(&plain, "good", DAY);
    let query = pki.query(&[GOOD], CertIdHash::Sha256, Some(NONCE));
    let answer = pki.verify(&query, &response).unwrap();
    assert_eq!(answer.nonce, NonceEcho::Absent);
}

#[test]
fn answers_of_another_time_are_refused() {
    let pki = Pki::new();
    let query = pki.query(&[GOOD], CertIdHash::Sha256, None);
    let fault = |signer, minutes| {
        let response = pki.answer(&query, signer, "openssl ocsp -nmin 5");
        let later = SignedDuration::from_mins(minutes);
        pki.verify_at(&query, &response, later).unwrap_err().code()
    };
    assert_eq!(fault("good", 6), "ocsp-stale");
    assert_eq!(fault("ca", -6), "ocsp-not-yet-valid");
    assert_eq!(fault("good", -6), "ocsp-responder-not-valid");
    let endless = pki.answer(&query, "good", "openssl ocsp");
    let fault = pki.verify(&query, &endless).unwrap_err();
    assert_eq!(fault, ResponseFault::NoNextUpdate);
}

#[test]
fn what_was_changed_under_way_is_refused() {
    let pki = Pki::new();
    let query = pki.query(&[GOOD], CertIdHash::Sha256, None);
    let response = pki.answer(&query, "good", "openssl ocsp -ndays 1");
    // Every single bit flip breaks the form, the signature or the responder's certificate.
    for at in (0..response.len()).step_by(7) {
        let mut changed = response.clone();
        changed[at] ^= 0x10;
        assert!(pki.verify(&query, &changed).is_err(), "octet {at}");
    }
    for length in 0..response.len() {
        assert!(pki.verify(&query, &response[..length]).is_err());
    }
    let longer = [&response[..], &[0]].concat();
    assert_eq!(
        pki.verify(&query, &longer).unwrap_err().code(),
        "ocsp-response-malformed"
    );
    let huge = vec![0x30; MAX_RESPONSE_BYTES + 1];
    assert_eq!(
        pki.verify(&query, &huge).unwrap_err().code(),
        "ocsp-response-too-large"
    );
}

/// A length in the long form where the short one would do: BER, not DER.
#[test]
fn ber_is_refused() {
    let pki = Pki::new();
    let query = pki.query(&[GOOD], CertIdHash::Sha256, None);
    let tampered = [0x30, 0x81, 0x03, 0x0a, 0x01, 0x03];
    let code = pki.verify(&query, &tampered).unwrap_err().code();
    assert_eq!(code, "ocsp-response-malformed");
}

#[test]
fn exceptions_are_told_apart() {
    let scene = Scene::fixed();
    let query = query_of(&scene, CertIdHash::Sha1, None);
    for (status, code) in [
        (ResponseStatus::MalformedRequest, "ocsp-malformed-request"),
        (ResponseStatus::InternalError, "ocsp-internal-error"),
        (ResponseStatus::TryLater, "ocsp-try-later"),
        (ResponseStatus::Unauthorized, "ocsp-unauthorized"),
    ] {
        let fault = verify_of(&scene, &query, &unsigned(status)).unwrap_err();
        assert_eq!(fault, ResponseFault::Exception { status });
        assert_eq!(fault.code(), code);
    }
    let refused = |der: &[u8]| verify_of(&scene, &query, der).unwrap_err();
    assert_eq!(
        refused(&[0x30, 0x03, 0x0a, 0x01, 0x05]),
        ResponseFault::SignatureRequired
    );
    // Successful, but empty.
    assert_eq!(
        refused(&[0x30, 0x03, 0x0a, 0x01, 0x00]),
        ResponseFault::Contents
    );
}

/// What our own responder makes, our own relying party takes; and our own parser takes its
/// requests.
#[test]
fn both_halves_understand_each_other() {
    let scene = Scene::fixed();
    for hash in [CertIdHash::Sha1, CertIdHash::Sha256] {
        let query = query_of(&scene, hash, Some(NONCE));
        let request = OcspRequest::parse(query.der()).unwrap();
        assert_eq!(request.cert_ids(), query.cert_ids());
        assert_eq!(request.nonce(), query.nonce());
        let response = scene.answer(&request, &[CertStatus::Good]);
        let answer = verify_of(&scene, &query, &response).unwrap();
        assert_eq!(answer.statuses[0].status, CertStatus::Good);
        assert_eq!(answer.nonce, NonceEcho::Same);
        assert_eq!(answer.responder, *scene.responder.certificate());
    }
}

/// Two answers about one certificate could contradict each other.
#[test]
fn a_certificate_that_is_answered_twice_is_not_answered() {
    let scene = Scene::fixed();
    let query = query_of(&scene, CertIdHash::Sha1, None);
    let twice = Query::with_cert_ids([query.cert_ids(), query.cert_ids()].concat(), None).unwrap();
    let request = OcspRequest::parse(twice.der()).unwrap();
    let response = scene.answer(&request, &[CertStatus::Good, CertStatus::Unknown]);
    let fault = verify_of(&scene, &query, &response).unwrap_err();
    assert_eq!(fault, ResponseFault::NotAnswered);
}

#[test]
fn queries_are_bounded() {
    let scene = Scene::fixed();
    let ca = scene.ca.issuer.certificate();
    let ask = |count: u8, nonce: Option<&[u8]>| {
        let serials: Vec<_> = (1..=count).map(serial).collect();
        Query::new(ca, &serials, CertIdHash::Sha256, nonce).map(drop)
    };
    assert_eq!(ask(0, None), Err(QueryError::Count));
    assert_eq!(ask(17, None), Err(QueryError::Count));
    assert_eq!(ask(16, Some(&[0; 128])), Ok(()));
    assert_eq!(ask(1, Some(&[])), Err(QueryError::Nonce));
    assert_eq!(ask(1, Some(&[0; 129])), Err(QueryError::Nonce));
}

/// RFC 6960 appendix A.1; the reference is OpenSSL's base64.
#[test]
fn the_path_of_a_get_is_escaped_base64() {
    let pki = Pki::new();
    for count in 1..=3 {
        let nonce: Vec<u8> = (0..count).map(|octet| 0xfb ^ octet).collect();
        let query = pki.query(&[GOOD], CertIdHash::Sha1, Some(&nonce));
        std::fs::write(pki.path().join("request"), query.der()).unwrap();
        pki.sh("openssl base64 -A -in request -out base64");
        let expected = std::fs::read_to_string(pki.path().join("base64")).unwrap();
        let escaped = expected
            .replace('+', "%2B")
            .replace('/', "%2F")
            .replace('=', "%3D");
        assert_eq!(query.get_path(), escaped);
    }
}

#[test]
fn a_query_about_a_certificate_names_its_serial_number() {
    let scene = Scene::fixed();
    let ca = scene.ca.issuer.certificate();
    let leaf = scene.leaf(2);
    let query = Query::about(leaf.certificate(), ca, CertIdHash::Sha256, None).unwrap();
    assert_eq!(query.cert_ids()[0].serial, serial(2));
    let decoded = x509_ocsp::OcspRequest::from_der(query.der()).unwrap();
    assert_eq!(decoded.to_der().unwrap(), query.der());
}

fn query_of(scene: &Scene, hash: CertIdHash, nonce: Option<&[u8]>) -> Query {
    let ca = scene.ca.issuer.certificate();
    Query::new(ca, &[serial(2)], hash, nonce).unwrap()
}

fn verify_of(scene: &Scene, query: &Query, response: &[u8]) -> Result<Answer, ResponseFault> {
    let asked = Asked {
        query,
        issuer: scene.ca.issuer.certificate(),
        now: scene.now,
        tolerance: SignedDuration::ZERO,
    };
    Answer::verify(response, &asked)
}
