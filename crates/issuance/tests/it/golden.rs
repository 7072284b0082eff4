//! Fixed keys, serials and times give the same bytes for ever. `cargo insta review` accepts a
//! change that is meant.

use pki::{RevocationReason, SignatureAlgorithm};

use crate::{
    crl::{entry, issue},
    support::{SoftwareKey, TestCa, leaf_plan, openssl, serial},
};

#[test]
fn an_ed25519_root_and_its_leaf() {
    let ca = TestCa::fixed();
    insta::assert_snapshot!("root-ed25519", dump(ca.issuer.certificate().der()));
    insta::assert_snapshot!("leaf-ed25519", dump(ca.leaf(serial(2)).der()));
}

#[test]
fn a_leaf_under_an_rsa_root() {
    let algorithm = SignatureAlgorithm::RsaPkcs1Sha256;
    let ca = TestCa::root_with(SoftwareKey::rsa(), algorithm);
    let leaf = ca.issue(serial(2), &SoftwareKey::ed25519(8), &leaf_plan());
    insta::assert_snapshot!("leaf-rsa", dump(leaf.der()));
}

#[test]
fn a_crl() {
    let mut doubted = entry(3, Some(RevocationReason::KeyCompromise));
    doubted.invalidity_date = Some(crate::support::time("2026-11-01T00:00:00Z"));
    let crl = issue(&TestCa::fixed(), vec![entry(2, None), doubted], None);
    insta::assert_snapshot!("crl-ed25519", dump(crl.der()));
}

/// The structure, for people, and the octets.
fn dump(der: &[u8]) -> String {
    let structure = openssl("asn1parse -inform DER -i", der);
    let structure = structure.lines().map(|line| line.trim_end().to_owned());
    structure
        .chain(der.chunks(32).map(hex::encode))
        .collect::<Vec<_>>()
        .join("\n")
}
