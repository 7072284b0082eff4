//! Certificates.

use issuance::{Issuer, PrepareError, PreparedCertificate};
use pki::{AttributeType, SerialNumber, SignatureAlgorithm, SubjectAltName};
use policy::BasicConstraintsPlan;
use proptest::prelude::*;
use testkit::judges::{Chain, GnuTls, OpenSsl};

use crate::support::{
    ALGORITHMS, SoftwareKey, TestCa, ca_plan, issuer_name, leaf_plan, name, serial, sign, time,
};

#[test]
fn openssl_accepts_a_chain_with_every_signature_algorithm() {
    for algorithm in ALGORITHMS {
        let ca = TestCa::root(algorithm);
        let leaf = ca.leaf(serial(2));
        let verdict = OpenSsl::verify_chain(&ca.chain(leaf.der()));
        assert!(verdict.is_ok(), "{algorithm}: {verdict:?}");
    }
}

#[test]
fn openssl_rejects_a_leaf_under_another_root() {
    let ca = TestCa::root(SignatureAlgorithm::EcdsaSha256);
    let leaf = TestCa::root(SignatureAlgorithm::EcdsaSha256).leaf(serial(2));
    assert!(OpenSsl::verify_chain(&ca.chain(leaf.der())).is_err());
}

#[test]
fn an_intermediate_ca_chains_to_its_root() {
    let root = TestCa::root(SignatureAlgorithm::EcdsaSha384);
    let mut plan = ca_plan(Some(0));
    plan.subject = name(&[(AttributeType::CommonName, "Issuing")]);
    let key = SoftwareKey::rsa();
    let certificate = root.issue(serial(2), &key, &plan);
    let algorithm = SignatureAlgorithm::RsaPkcs1Sha256;
    let certificate = certificate.certificate().clone();
    let issuer = Issuer::new(issuer_name(), certificate, key.public_key(), algorithm).unwrap();
    let issuing = TestCa { key, issuer };
    let leaf = issuing.leaf(serial(3));
    OpenSsl::verify_chain(&Chain {
        intermediates: &[issuing.der()],
        ..root.chain(leaf.der())
    })
    .unwrap();
    // GnuTLS judges at the present, which the leaf will not outlast.
    GnuTls::verify_chain(root.der(), &[issuing.der()]).unwrap();
}

#[test]
fn what_was_released_is_what_is_completed() {
    let ca = TestCa::fixed();
    let key = SoftwareKey::ed25519(8);
    let prepared =
        PreparedCertificate::new(&ca.issuer, serial(2), key.public_key(), &leaf_plan()).unwrap();
    let frozen = prepared.tbs_der().to_vec();
    let (message, awaiting) = prepared.release();
    assert_eq!(&*message, frozen);
    let issued = awaiting.complete(&ca.sign(&message)).unwrap();
    assert_eq!(issued.certificate().tbs_der(), frozen);
    assert_eq!(issued.serial(), serial(2));
    assert_eq!(issued.issuer_name(), ca.issuer.name());
    assert_eq!(issued.not_before(), leaf_plan().not_before);
    assert_eq!(issued.not_after(), leaf_plan().not_after);
}

#[test]
fn a_wrong_signature_makes_no_certificate() {
    for algorithm in ALGORITHMS {
        let ca = TestCa::root(algorithm);
        let key = SoftwareKey::ed25519(8);
        let prepare = || {
            PreparedCertificate::new(&ca.issuer, serial(2), key.public_key(), &leaf_plan())
                .unwrap()
                .release()
        };
        let (message, awaiting) = prepare();
        let placeholder = algorithm.placeholder_signature(ca.issuer.public_key());
        assert!(
            awaiting.complete(&placeholder).is_err(),
            "{algorithm}: placeholder"
        );
        assert!(prepare().1.complete(&[]).is_err(), "{algorithm}: empty");
        assert!(
            prepare().1.complete(&ca.sign(b"other")).is_err(),
            "{algorithm}: other bytes"
        );
        let mut flipped = ca.sign(&message);
        *flipped.last_mut().unwrap() ^= 1;
        assert!(
            prepare().1.complete(&flipped).is_err(),
            "{algorithm}: flipped bit"
        );
    }
}

#[test]
fn a_signature_by_another_key_makes_no_certificate() {
    let ca = TestCa::fixed();
    let other = SoftwareKey::ed25519(9);
    let prepared =
        PreparedCertificate::new(&ca.issuer, serial(2), other.public_key(), &leaf_plan()).unwrap();
    let (message, awaiting) = prepared.release();
    assert!(
        awaiting
            .complete(&other.sign(SignatureAlgorithm::Ed25519, &message))
            .is_err()
    );
}

#[test]
fn issuer_name_and_key_identifier_are_the_issuers_own_bytes() {
    let ca = TestCa::fixed();
    let leaf = ca.leaf(serial(2));
    let ca_certificate = ca.issuer.certificate();
    assert_eq!(
        leaf.certificate().issuer_der(),
        ca_certificate.subject_der()
    );
    assert_eq!(
        leaf.certificate().authority_key_id(),
        ca_certificate.subject_key_id()
    );
    assert_eq!(
        leaf.certificate().subject_key_id().unwrap(),
        SoftwareKey::ed25519(8).public_key().key_id().as_bytes()
    );
    leaf.certificate().verify_issued_by(ca_certificate).unwrap();
}

#[test]
fn validity_may_not_leave_the_issuers() {
    let ca = TestCa::fixed();
    let key = SoftwareKey::ed25519(8);
    let mut early = leaf_plan();
    early.not_before = time("2025-12-31T23:59:59Z");
    let mut late = leaf_plan();
    late.not_after = time("2046-01-01T00:00:01Z");
    for plan in [early, late] {
        let error = PreparedCertificate::new(&ca.issuer, serial(2), key.public_key(), &plan);
        assert_eq!(error.unwrap_err().code(), "outside-issuer-validity");
    }
}

#[test]
fn a_ca_below_a_ca_needs_room_in_the_path_length() {
    let key = SoftwareKey::ed25519(7);
    let prepared = PreparedCertificate::self_signed(
        issuer_name(),
        serial(1),
        key.public_key(),
        SignatureAlgorithm::Ed25519,
        &ca_plan(Some(1)),
    );
    let root = sign(prepared.unwrap(), &key);
    let issuer = Issuer::new(
        issuer_name(),
        root.certificate().clone(),
        key.public_key(),
        SignatureAlgorithm::Ed25519,
    )
    .unwrap();
    let below = SoftwareKey::ed25519(8);
    let prepare = |path_len| {
        PreparedCertificate::new(&issuer, serial(2), below.public_key(), &ca_plan(path_len))
    };
    assert!(prepare(Some(0)).is_ok());
    assert!(matches!(prepare(Some(1)), Err(PrepareError::PathLength)));
    assert!(matches!(prepare(None), Err(PrepareError::PathLength)));
}

#[test]
fn times_from_2050_are_generalized() {
    let key = SoftwareKey::ed25519(7);
    let mut plan = ca_plan(None);
    plan.not_after = time("2051-06-01T00:00:00Z");
    let prepared = PreparedCertificate::self_signed(
        issuer_name(),
        serial(1),
        key.public_key(),
        SignatureAlgorithm::Ed25519,
        &plan,
    );
    let root = sign(prepared.unwrap(), &key);
    let validity = b"\x17\x0d260101000000Z\x18\x0f20510601000000Z";
    assert!(
        root.der()
            .windows(validity.len())
            .any(|window| window == validity)
    );
}

#[test]
fn only_constraints_and_key_usage_are_critical_beside_a_subject() {
    let leaf = TestCa::fixed().leaf(serial(2));
    let text = OpenSsl::certificate_text(leaf.der()).unwrap();
    let critical: Vec<_> = text
        .lines()
        .filter(|line| line.contains("critical"))
        .collect();
    assert_eq!(critical.len(), 2, "{text}");
    assert!(text.contains("X509v3 Key Usage: critical"), "{text}");
    assert!(
        text.contains("X509v3 Basic Constraints: critical"),
        "{text}"
    );
}

#[test]
fn no_rev_avail_and_no_check_hold_null_and_are_not_critical() {
    let ca = TestCa::fixed();
    let mut plan = leaf_plan();
    plan.crl_distribution_point = None;
    plan.ocsp_uri = None;
    plan.no_rev_avail = true;
    plan.ocsp_no_check = true;
    plan.extended_key_usage = vec!["1.3.6.1.5.5.7.3.9".parse().unwrap()];
    let key = SoftwareKey::ed25519(8);
    let extensions = [
        "30090603551d3804020500",
        "300f06092b060105050730010504020500",
    ];
    let der = match PreparedCertificate::new(&ca.issuer, serial(2), key.public_key(), &plan) {
        Ok(prepared) => prepared.tbs_der().to_vec(),
        Err(error) => panic!("{error}"),
    };
    for extension in extensions {
        let extension = hex::decode(extension).unwrap();
        assert!(
            der.windows(extension.len())
                .any(|window| window == extension)
        );
    }
}

#[test]
fn a_plan_that_breaks_a_rule_is_never_released() {
    let ca = TestCa::fixed();
    let mut plan = leaf_plan();
    plan.key_usage = [policy::KeyUsage::KeyCertSign].into_iter().collect();
    plan.basic_constraints = BasicConstraintsPlan::EndEntity;
    let key = SoftwareKey::ed25519(8);
    let error = PreparedCertificate::new(&ca.issuer, serial(2), key.public_key(), &plan);
    assert_eq!(error.unwrap_err().code(), "lint-findings");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_certificate_says_what_its_plan_says(
        magnitude in serial_octets(10),
        days in 1_i64..3650,
        labels in proptest::collection::vec("[a-z]{1,12}", 1..5),
        subject in "[\u{4e00}-\u{9fff}]{1,20}",
    ) {
        let ca = TestCa::fixed();
        let serial = SerialNumber::from_bytes(&magnitude).unwrap();
        let mut plan = leaf_plan();
        plan.subject = name(&[(AttributeType::CommonName, &subject)]);
        plan.not_after = plan.not_before + jiff::SignedDuration::from_hours(24 * days);
        plan.subject_alt_names = labels
            .iter()
            .map(|label| SubjectAltName::new_dns(&format!("{label}.example.com")).unwrap())
            .collect();
        let issued = ca.issue(serial, &SoftwareKey::ed25519(8), &plan);
        prop_assert_eq!(issued.serial(), serial);
        prop_assert_eq!(issued.not_after(), plan.not_after);
        prop_assert_eq!(issued.certificate().subject_der(), plan.subject.to_der());
        let reencoded = der::Encode::to_der(issued.certificate().x509()).unwrap();
        prop_assert_eq!(reencoded, issued.der());
    }
}

/// Magnitudes of `shortest` to 20 octets.
pub(crate) fn serial_octets(shortest: usize) -> impl Strategy<Value = Vec<u8>> {
    let rest = proptest::collection::vec(any::<u8>(), shortest - 1..20);
    (1_u8..0x80, rest).prop_map(|(first, mut rest)| {
        rest.insert(0, first);
        rest
    })
}
