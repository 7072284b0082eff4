//! Joining a CA certificate to its key.

use issuance::{Issuer, IssuerError};
use pki::{Certificate, SignatureAlgorithm};
use policy::KeyUsage;

use crate::support::{SoftwareKey, TestCa, ca_plan, issuer_name, name, serial};

#[test]
fn another_key_is_refused() {
    let ca = TestCa::fixed();
    let error = join(ca.issuer.certificate(), &SoftwareKey::ed25519(9));
    assert_eq!(error.unwrap_err(), IssuerError::OtherKey);
}

#[test]
fn an_algorithm_of_another_kind_of_key_is_refused() {
    let ca = TestCa::fixed();
    let error = Issuer::new(
        issuer_name(),
        ca.issuer.certificate().clone(),
        ca.key.public_key(),
        SignatureAlgorithm::RsaPkcs1Sha256,
    );
    assert_eq!(error.unwrap_err().code(), "issuer-algorithm-does-not-fit");
}

#[test]
fn an_end_entity_certificate_is_refused() {
    let leaf = TestCa::fixed().leaf(serial(2));
    let error = join(leaf.certificate(), &SoftwareKey::ed25519(8));
    assert_eq!(error.unwrap_err(), IssuerError::NotCa);
}

#[test]
fn a_ca_that_may_not_sign_crls_is_refused() {
    let mut plan = ca_plan(None);
    plan.subject = name(&[(pki::AttributeType::CommonName, "No CRLs")]);
    plan.key_usage = [KeyUsage::KeyCertSign].into_iter().collect();
    let ca = TestCa::fixed();
    let key = SoftwareKey::ed25519(8);
    match issuance::PreparedCertificate::new(&ca.issuer, serial(2), key.public_key(), &plan) {
        // The lint may refuse it even earlier.
        Err(error) => assert_eq!(error.code(), "lint-findings"),
        Ok(prepared) => {
            let certificate = crate::support::sign(prepared, &ca.key);
            let error = join(certificate.certificate(), &key);
            assert_eq!(error.unwrap_err(), IssuerError::NoCrlSign);
        }
    }
}

fn join(certificate: &Certificate, key: &SoftwareKey) -> Result<Issuer, IssuerError> {
    let algorithm = SignatureAlgorithm::Ed25519;
    Issuer::new(
        issuer_name(),
        certificate.clone(),
        key.public_key(),
        algorithm,
    )
}
