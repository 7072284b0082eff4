//! Revoked for serial numbers that were never given out (RFC 6960 sections 2.2 and 4.4.8).

use ocsp::{CertStatus, OcspRequest};
use pki::SignatureAlgorithm;
use testkit::judges::{GnuTls, OcspAnswer, OpenSsl};

use crate::scene::{Scene, nonce_extension};

/// `id-pkix-ocsp-extended-revoke` with NULL, not critical.
const EXTENDED_REVOKE: &[u8] =
    b"\x30\x0f\x06\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x09\x04\x02\x05\x00";
/// `RevokedInfo` in [1]: 1970-01-01, certificateHold.
const HOLD_SINCE_1970: &[u8] = b"\xa1\x16\x18\x0f19700101000000Z\xa0\x03\x0a\x01\x06";

fn holds(der: &[u8], part: &[u8]) -> bool {
    der.windows(part.len()).any(|window| window == part)
}

#[test]
fn a_serial_that_was_never_issued_can_be_told_to_be_revoked() {
    let scene = Scene::new(SignatureAlgorithm::EcdsaSha256);
    let nonce = nonce_extension(b"\x04\x01\x05");
    for extensions in [None, Some(vec![nonce])] {
        let request = OcspRequest::parse(&scene.request(&[2], extensions)).unwrap();
        let response = scene.answer(&request, &[CertStatus::NeverIssued]);
        assert!(holds(&response, EXTENDED_REVOKE));
        assert!(holds(&response, HOLD_SINCE_1970));
        let (root, leaf) = (scene.ca.der(), scene.leaf(2));
        let verdict = OpenSsl::verify_ocsp(root, root, leaf.der(), &response);
        assert_eq!(verdict.ok(), Some(OcspAnswer::Revoked));
        assert!(GnuTls::verify_ocsp(root, &response).is_ok());
    }
}

#[test]
fn other_answers_do_not_carry_the_extension() {
    let scene = Scene::fixed();
    let request = OcspRequest::parse(&scene.request(&[2, 3, 4], None)).unwrap();
    let revoked = CertStatus::Revoked {
        at: scene.now,
        reason: None,
    };
    let without = [CertStatus::Good, CertStatus::Unknown, revoked];
    assert!(!holds(&scene.answer(&request, &without), EXTENDED_REVOKE));
    let with = [CertStatus::Good, CertStatus::NeverIssued, revoked];
    assert!(holds(&scene.answer(&request, &with), EXTENDED_REVOKE));
}
