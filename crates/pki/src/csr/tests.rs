//! Cases for what is read in a good request; `tests/corpus.rs` has the bad ones.

use x509_cert::ext::pkix::KeyUsages;

use super::{CertificationRequest, CsrError, MAX_CSR_BYTES};
use crate::{AttributeType, KeyAlgorithm, SignatureAlgorithm, SubjectAltName, pem};

const P256: &[u8] = include_bytes!("../../tests/fixtures/csr/good.p256.der");
const CA: &[u8] = include_bytes!("../../tests/fixtures/csr/good.ca-true.der");
const PASSWORD: &[u8] = include_bytes!("../../tests/fixtures/csr/good.challenge-password.der");
const EMPTY: &[u8] = include_bytes!("../../tests/fixtures/csr/good.empty-subject.der");
const MAILBOX: &[u8] = include_bytes!("../../tests/fixtures/csr/good.smtp-utf8-mailbox.der");
const PSS: &[u8] = include_bytes!("../../tests/fixtures/csr/good.rsa-pss.der");

fn parse(der: &[u8]) -> CertificationRequest {
    CertificationRequest::parse(der).unwrap()
}

#[test]
fn reads_subject_key_and_extensions() {
    let request = parse(P256);
    assert_eq!(request.der(), P256);
    assert_eq!(request.public_key().algorithm(), KeyAlgorithm::EcP256);
    assert_eq!(
        request.signature_algorithm(),
        SignatureAlgorithm::EcdsaSha256
    );
    let subject = request.subject().unwrap();
    assert_eq!(subject.to_string(), "CN=王小明,O=示例科技有限公司,C=CN");
    assert_eq!(subject.get(AttributeType::CommonName), Some("王小明"));
    let requested = request.requested();
    let names: Vec<String> = requested
        .subject_alt_names
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        names,
        [
            "dns:example.com",
            "email:a@example.com",
            "ip:192.0.2.1",
            "ip:2001:db8::1",
            "uri:https://example.com/a",
        ]
    );
    assert_eq!(requested.ca, None);
    assert_eq!(
        requested.key_usage,
        Some(KeyUsages::DigitalSignature.into())
    );
    assert_eq!(
        requested.extended_key_usage[0].to_string(),
        "1.3.6.1.5.5.7.3.2"
    );
    assert!(requested.other.is_empty());
}

#[test]
fn shows_that_a_request_asks_to_be_a_ca() {
    let requested = parse(CA).requested().clone();
    assert_eq!(requested.ca, Some(true));
    assert_eq!(
        requested.key_usage,
        Some(KeyUsages::KeyCertSign | KeyUsages::CRLSign)
    );
}

#[test]
fn tells_an_empty_subject() {
    assert!(parse(EMPTY).subject_is_empty());
    assert!(!parse(P256).subject_is_empty());
}

#[test]
fn reads_a_mailbox_of_any_script() {
    let requested = parse(MAILBOX).requested().clone();
    assert_eq!(
        requested.subject_alt_names,
        [SubjectAltName::Email("王@example.com".into())]
    );
}

#[test]
fn takes_pss_parameters_as_openssl_writes_them() {
    assert_eq!(
        parse(PSS).signature_algorithm(),
        SignatureAlgorithm::RsaPssSha256
    );
}

#[test]
fn debug_shows_neither_names_nor_the_challenge_password() {
    let shown = format!("{:?}", parse(PASSWORD));
    let hash = parse(PASSWORD).public_key().hash().to_string();
    assert!(shown.contains(&hash));
    assert!(
        !shown.contains("secret") && !shown.contains("115, 101, 99"),
        "{shown}"
    );
}

#[test]
fn reads_pem_with_text_around_but_one_block_only() {
    let block = pem::encode("CERTIFICATE REQUEST", P256);
    let with_text = format!("Subject: a\n\n{block}\n");
    let request = CertificationRequest::parse_pem_or_der(with_text.as_bytes()).unwrap();
    assert_eq!(request.der(), P256);
    let twice = format!("{block}{block}");
    let cases = [
        (twice.into_bytes(), CsrError::TrailingBytes),
        (
            pem::encode("CERTIFICATE", P256).into_bytes(),
            CsrError::NotDer,
        ),
        (b"hello".to_vec(), CsrError::NotDer),
        (vec![b' '; 3 * MAX_CSR_BYTES], CsrError::TooLarge),
        (vec![0xFF; 9], CsrError::NotDer),
    ];
    for (octets, error) in cases {
        assert_eq!(
            CertificationRequest::parse_pem_or_der(&octets).unwrap_err(),
            error
        );
    }
}
