//! PKCS#10 requests.

use issuance::PreparedRequest;
use pki::{AttributeType, CertificationRequest, DistinguishedName, SubjectAltName};
use testkit::judges::OpenSsl;

use crate::support::{ALGORITHMS, SoftwareKey, name};

#[test]
fn openssl_verifies_a_request_with_every_signature_algorithm() {
    for algorithm in ALGORITHMS {
        let key = SoftwareKey::for_algorithm(algorithm);
        let prepared = PreparedRequest::new(&subject(), key.public_key(), algorithm, &[]);
        let (message, awaiting) = prepared.unwrap().release();
        let der = awaiting.complete(&key.sign(algorithm, &message)).unwrap();
        let verdict = OpenSsl::verify_request(&der);
        assert!(verdict.is_ok(), "{algorithm}: {verdict:?}");
    }
}

#[test]
fn alternative_names_are_asked_for() {
    let algorithm = pki::SignatureAlgorithm::Ed25519;
    let key = SoftwareKey::ed25519(8);
    let names = [SubjectAltName::new_dns("ocsp.example.com").unwrap()];
    let prepared = PreparedRequest::new(&subject(), key.public_key(), algorithm, &names);
    let (message, awaiting) = prepared.unwrap().release();
    let der = awaiting.complete(&key.sign(algorithm, &message)).unwrap();
    let request = CertificationRequest::parse(&der).unwrap();
    assert_eq!(request.requested().subject_alt_names, names);
    assert_eq!(request.subject(), Some(&subject()));
    assert_eq!(request.public_key(), key.public_key());
}

#[test]
fn a_request_signed_with_another_key_is_refused() {
    let algorithm = pki::SignatureAlgorithm::Ed25519;
    let key = SoftwareKey::ed25519(8);
    let prepared = PreparedRequest::new(&subject(), key.public_key(), algorithm, &[]).unwrap();
    let (message, awaiting) = prepared.release();
    let signature = SoftwareKey::ed25519(9).sign(algorithm, &message);
    assert!(awaiting.complete(&signature).is_err());
}

fn subject() -> DistinguishedName {
    name(&[
        (AttributeType::CountryName, "CN"),
        (AttributeType::CommonName, "签发 CA"),
    ])
}
