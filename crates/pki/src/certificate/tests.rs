//! Cases for certificates.

use x509_cert::ext::pkix::KeyUsages;

use super::{Certificate, CertificateError, NotIssuedBy};
use crate::{AttributeType, DistinguishedName, Fingerprint, SignatureAlgorithm};

const ROOT: &[u8] = include_bytes!("../../tests/fixtures/certificate/good.root.der");
const ISSUING: &[u8] = include_bytes!("../../tests/fixtures/certificate/good.issuing.der");
const LEAF: &[u8] = include_bytes!("../../tests/fixtures/certificate/good.leaf.der");
const CHAIN: &str = include_str!("../../tests/fixtures/certificate/chain.pem");

fn parse(der: &[u8]) -> Certificate {
    Certificate::parse(der).unwrap()
}

#[test]
fn reads_a_leaf() {
    let leaf = parse(LEAF);
    assert_eq!(leaf.der(), LEAF);
    assert_eq!(leaf.serial().to_string(), "8000000000000001");
    assert_eq!(leaf.fingerprint(), Fingerprint::of(LEAF));
    assert!(!leaf.is_ca());
    assert_eq!(leaf.path_len(), None);
    assert_eq!(leaf.key_usage(), Some(KeyUsages::DigitalSignature.into()));
    assert_eq!(leaf.signature_algorithm(), SignatureAlgorithm::EcdsaSha384);
    assert_eq!(
        leaf.subject_key_id(),
        Some(&leaf.public_key().key_id().as_bytes()[..])
    );
    assert_eq!(leaf.authority_key_id(), parse(ROOT).subject_key_id());
    assert!(leaf.not_before() < leaf.not_after());
    let subject = DistinguishedName::from_x509(leaf.x509().tbs_certificate().subject()).unwrap();
    assert_eq!(subject.get(AttributeType::CommonName), Some("王小明"));
    assert_eq!(subject.to_der(), leaf.subject_der());
    assert_eq!(leaf.subject_display(), "CN=王小明,O=示例科技有限公司,C=CN");
    assert_eq!(leaf.issuer_display(), "CN=Example Root,O=示例,C=CN");
}

#[test]
fn reads_a_ca_and_a_date_past_2049() {
    let root = parse(ROOT);
    assert!(root.is_ca());
    assert!(root.not_after().to_string().as_str() > "2050");
    assert_eq!(parse(ISSUING).path_len(), Some(0));
}

#[test]
fn the_parts_lie_in_the_original_octets() {
    let leaf = parse(LEAF);
    for part in [
        leaf.tbs_der(),
        leaf.issuer_der(),
        leaf.subject_der(),
        leaf.signature(),
    ] {
        assert!(!part.is_empty() && LEAF.windows(part.len()).any(|window| window == part));
    }
    assert_eq!(leaf.tbs_der(), &LEAF[4..4 + leaf.tbs_der().len()]);
}

#[test]
fn verifies_who_issued_whom() {
    let (root, issuing, leaf) = (parse(ROOT), parse(ISSUING), parse(LEAF));
    assert_eq!(leaf.verify_issued_by(&root), Ok(()));
    assert_eq!(issuing.verify_issued_by(&root), Ok(()));
    assert_eq!(root.verify_issued_by(&root), Ok(()));
    assert_eq!(leaf.verify_issued_by(&issuing), Err(NotIssuedBy::Name));
    assert_eq!(root.verify_issued_by(&leaf), Err(NotIssuedBy::Name));
}

#[test]
fn finds_a_changed_signature_and_changed_contents() {
    let root = parse(ROOT);
    let mut signature = LEAF.to_vec();
    *signature.last_mut().unwrap() ^= 1;
    assert_eq!(
        parse(&signature).verify_issued_by(&root),
        Err(NotIssuedBy::Signature)
    );
    let at = LEAF
        .windows(11)
        .position(|window| window == b"example.com")
        .unwrap();
    let mut contents = LEAF.to_vec();
    contents[at] = b'f';
    assert_eq!(
        parse(&contents).verify_issued_by(&root),
        Err(NotIssuedBy::Signature)
    );
}

#[test]
fn finds_another_key_identifier() {
    let root = parse(ROOT);
    let id = root.subject_key_id().unwrap().to_vec();
    let at = LEAF.windows(20).position(|window| window == id).unwrap();
    let mut changed = LEAF.to_vec();
    changed[at] ^= 1;
    assert_eq!(
        parse(&changed).verify_issued_by(&root),
        Err(NotIssuedBy::KeyId)
    );
}

#[test]
fn reads_and_writes_pem() {
    let chain = Certificate::parse_pem_chain(CHAIN).unwrap();
    assert_eq!(chain, [parse(LEAF), parse(ROOT)]);
    assert_eq!(Certificate::parse_pem(CHAIN).unwrap(), parse(LEAF));
    assert_eq!(
        Certificate::parse_pem(&parse(ROOT).to_pem()).unwrap(),
        parse(ROOT)
    );
    for text in ["", "-----BEGIN CERTIFICATE-----\n"] {
        let error = Certificate::parse_pem_chain(text).unwrap_err();
        assert_eq!(error.code(), "certificate-not-pem", "{text:?}");
    }
}

#[test]
fn survives_every_cut_and_every_changed_octet_without_panic() {
    for length in 0..LEAF.len() {
        assert_eq!(
            Certificate::parse(&LEAF[..length]),
            Err(CertificateError::NotDer)
        );
    }
    for position in 0..LEAF.len() {
        let mut changed = LEAF.to_vec();
        changed[position] ^= 0xFF;
        if let Ok(certificate) = Certificate::parse(&changed) {
            assert_ne!(certificate, parse(LEAF));
            assert!(
                certificate.verify_issued_by(&parse(ROOT)).is_err(),
                "{position}"
            );
        }
    }
}
