//! Responses.

use der_07::{Decode, Encode, asn1::OctetStringRef};
use jiff::{SignedDuration, Timestamp};
use ocsp::{CertStatus, OcspRequest, PreparedResponse, ResponseStatus, SingleStatus, unsigned};
use pki::{RevocationReason, SignatureAlgorithm};
use testkit::judges::{GnuTls, OcspAnswer, OpenSsl};
use x509_ocsp::{BasicOcspResponse, OcspResponseStatus, ResponderId};

use crate::{
    scene::{SHA_1, SHA_256, Scene, encode, nonce_extension},
    support::{ALGORITHMS, SoftwareKey, openssl, serial},
};

#[test]
fn openssl_and_gnutls_accept_answers_with_every_signature_algorithm() {
    for algorithm in ALGORITHMS {
        let scene = Scene::new(algorithm);
        let revoked = CertStatus::Revoked {
            at: scene.now - SignedDuration::from_mins(5),
            reason: Some(RevocationReason::KeyCompromise),
        };
        for (status, expected) in [
            (CertStatus::Good, OcspAnswer::Good),
            (revoked, OcspAnswer::Revoked),
            (CertStatus::Unknown, OcspAnswer::Unknown),
        ] {
            let response = answer_about_leaf(&scene, status);
            let (root, leaf) = (scene.ca.der(), scene.leaf(2));
            let verdict = OpenSsl::verify_ocsp(root, root, leaf.der(), &response);
            assert_eq!(verdict.ok(), Some(expected), "{algorithm}");
            if !PSS_UNKNOWN_TO_GNUTLS.contains(&algorithm) {
                let verdict = GnuTls::verify_ocsp(root, &response);
                assert!(verdict.is_ok(), "{algorithm}: {verdict:?}");
            }
        }
    }
}

#[test]
fn openssl_rejects_an_answer_that_was_tampered_with_or_is_about_another() {
    let scene = Scene::new(SignatureAlgorithm::EcdsaSha256);
    let mut response = answer_about_leaf(&scene, CertStatus::Good);
    let root = scene.ca.der();
    let other = scene.leaf(3);
    assert!(OpenSsl::verify_ocsp(root, root, other.der(), &response).is_err());
    // The good status, [0] IMPLICIT NULL, becomes unknown, [2].
    let after_serial = [serial(2).as_bytes(), b"\x80\x00"].concat();
    let at = response
        .windows(after_serial.len())
        .position(|window| window == after_serial);
    response[at.unwrap() + after_serial.len() - 2] = 0x82;
    assert!(OpenSsl::verify_ocsp(root, root, scene.leaf(2).der(), &response).is_err());
}

#[test]
fn every_cert_id_is_answered_in_order_and_byte_for_byte() {
    let scene = Scene::fixed();
    let mut without_parameters = scene.cert_id(SHA_256, &[9]);
    without_parameters.hash_algorithm.parameters = None;
    let ids = vec![
        scene.cert_id(SHA_256, &[7, 7]),
        scene.cert_id(SHA_1, &[0x80]),
        without_parameters,
        scene.cert_id(SHA_1, &[1]),
    ];
    let request = OcspRequest::parse(&encode(ids, None)).unwrap();
    let statuses = [
        CertStatus::Unknown,
        CertStatus::Good,
        CertStatus::Revoked {
            at: scene.now,
            reason: None,
        },
        CertStatus::Good,
    ];
    let basic = basic(&scene.answer(&request, &statuses));
    let responses = basic.tbs_response_data.responses;
    assert_eq!(responses.len(), 4);
    for (single, cert_id) in responses.iter().zip(request.cert_ids()) {
        assert_eq!(single.cert_id.to_der().unwrap(), cert_id.raw);
    }
    let is_good = |single: &x509_ocsp::SingleResponse| {
        matches!(single.cert_status, x509_ocsp::CertStatus::Good(_))
    };
    assert_eq!(
        responses.iter().map(is_good).collect::<Vec<_>>(),
        [false, true, false, true]
    );
}

#[test]
fn a_nonce_is_repeated_and_none_is_made_up() {
    let scene = Scene::fixed();
    let nonce = [0x5a; 32];
    let value = OctetStringRef::new(&nonce).unwrap().to_der().unwrap();
    let der = scene.request(&[2], Some(vec![nonce_extension(&value)]));
    let request = OcspRequest::parse(&der).unwrap();
    let data = basic(&scene.answer(&request, &[CertStatus::Good])).tbs_response_data;
    let extensions = data.response_extensions.unwrap();
    assert_eq!(extensions, [nonce_extension(&value)]);

    let request = OcspRequest::parse(&scene.request(&[2], None)).unwrap();
    let data = basic(&scene.answer(&request, &[CertStatus::Good])).tbs_response_data;
    assert_eq!(data.response_extensions, None);
}

#[test]
fn the_responder_is_named_by_the_sha1_of_its_key() {
    let scene = Scene::fixed();
    let data = basic(&answer_about_leaf(&scene, CertStatus::Good)).tbs_response_data;
    let ResponderId::ByKey(hash) = data.responder_id else {
        panic!("named by name");
    };
    assert_eq!(hash.as_bytes(), scene.key.public_key().key_id().as_bytes());
}

#[test]
fn the_responders_certificate_comes_along() {
    let scene = Scene::fixed();
    let response = answer_about_leaf(&scene, CertStatus::Good);
    assert!(response.ends_with(scene.responder.der()));
    assert_eq!(basic(&response).certs.unwrap().len(), 1);
}

#[test]
fn times_have_no_fractions_and_unspecified_no_reason() {
    let scene = Scene::fixed();
    let status = CertStatus::Revoked {
        at: scene.now,
        reason: Some(RevocationReason::Unspecified),
    };
    let response = answer_about_leaf(&scene, status);
    // RevokedInfo in [1] with nothing but a time.
    let revoked_info = b"\xa1\x11\x18\x0f20261122120000Z";
    assert!(
        response
            .windows(revoked_info.len())
            .any(|window| window == revoked_info)
    );
}

#[test]
fn an_archive_cutoff_is_a_single_extension() {
    let scene = Scene::fixed();
    let request = OcspRequest::parse(&scene.request(&[2], None)).unwrap();
    let single = SingleStatus {
        cert_id: request.cert_ids()[0].clone(),
        status: CertStatus::Good,
        this_update: scene.now,
        next_update: scene.now,
        archive_cutoff: Some("2020-01-02T03:04:05Z".parse().unwrap()),
    };
    let prepared = prepare(&scene, vec![single]).unwrap();
    let expected =
        b"\x30\x1e\x06\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x06\x04\x11\x18\x0f20200102030405Z";
    assert!(
        prepared
            .tbs_der()
            .windows(expected.len())
            .any(|window| window == expected)
    );
}

#[test]
fn a_wrong_signature_makes_no_response() {
    for algorithm in ALGORITHMS {
        let scene = Scene::new(algorithm);
        let request = OcspRequest::parse(&scene.request(&[2], None)).unwrap();
        let release = || scene.prepare(&request, &[CertStatus::Good]).release();
        let certificate = scene.responder.certificate();
        let other_bytes = scene.key.sign(algorithm, b"other");
        assert!(
            release().1.complete(&other_bytes, certificate).is_err(),
            "{algorithm}"
        );
        let (message, awaiting) = release();
        let signature = scene.key.sign(algorithm, &message);
        let other_key = scene.ca.issuer.certificate();
        assert!(
            awaiting.complete(&signature, other_key).is_err(),
            "{algorithm}"
        );
    }
}

#[test]
fn what_was_released_is_what_is_completed() {
    let scene = Scene::fixed();
    let request = OcspRequest::parse(&scene.request(&[2], None)).unwrap();
    let prepared = scene.prepare(&request, &[CertStatus::Good]);
    let frozen = prepared.tbs_der().to_vec();
    let (message, awaiting) = prepared.release();
    assert_eq!(&*message, frozen);
    let signature = scene.key.sign(scene.algorithm, &message);
    let response = awaiting
        .complete(&signature, scene.responder.certificate())
        .unwrap();
    assert_eq!(basic(&response).tbs_response_data.to_der().unwrap(), frozen);
}

#[test]
fn a_response_about_nothing_or_out_of_time_is_not_prepared() {
    let scene = Scene::fixed();
    assert_eq!(
        prepare(&scene, Vec::new()).unwrap_err().code(),
        "ocsp-no-responses"
    );
    let request = OcspRequest::parse(&scene.request(&[2], None)).unwrap();
    let before_1970 = Timestamp::from_second(-1).unwrap();
    let single = SingleStatus {
        cert_id: request.cert_ids()[0].clone(),
        status: CertStatus::Good,
        this_update: before_1970,
        next_update: scene.now,
        archive_cutoff: None,
    };
    assert_eq!(
        prepare(&scene, vec![single]).unwrap_err().code(),
        "ocsp-time-not-encodable"
    );
}

#[test]
fn exceptions_are_nothing_but_a_status() {
    for (status, expected) in [
        (
            ResponseStatus::MalformedRequest,
            OcspResponseStatus::MalformedRequest,
        ),
        (
            ResponseStatus::InternalError,
            OcspResponseStatus::InternalError,
        ),
        (ResponseStatus::TryLater, OcspResponseStatus::TryLater),
        (
            ResponseStatus::Unauthorized,
            OcspResponseStatus::Unauthorized,
        ),
    ] {
        let response = x509_ocsp::OcspResponse::from_der(&unsigned(status)).unwrap();
        assert_eq!(response.response_status, expected);
        assert_eq!(response.response_bytes, None);
    }
}

#[test]
fn the_same_answer_is_the_same_bytes_for_ever() {
    let scene = Scene::fixed();
    let request = OcspRequest::parse(&scene.request(&[2, 3], None)).unwrap();
    let revoked = CertStatus::Revoked {
        at: "2026-11-21T08:09:10Z".parse().unwrap(),
        reason: Some(RevocationReason::Superseded),
    };
    let response = scene.answer(&request, &[CertStatus::Good, revoked]);
    let structure = openssl("asn1parse -inform DER -i", &response);
    let structure = structure.lines().map(|line| line.trim_end().to_owned());
    let dump: Vec<_> = structure
        .chain(response.chunks(32).map(hex::encode))
        .collect();
    insta::assert_snapshot!("response-ed25519", dump.join("\n"));
}

/// GnuTLS 3.7 takes every RSASSA-PSS in an OCSP response for the one with SHA-256.
const PSS_UNKNOWN_TO_GNUTLS: [SignatureAlgorithm; 2] = [
    SignatureAlgorithm::RsaPssSha384,
    SignatureAlgorithm::RsaPssSha512,
];

fn answer_about_leaf(scene: &Scene, status: CertStatus) -> Vec<u8> {
    let request = OcspRequest::parse(&scene.request(&[2], None)).unwrap();
    scene.answer(&request, &[status])
}

fn prepare(
    scene: &Scene,
    singles: Vec<SingleStatus>,
) -> Result<PreparedResponse, ocsp::ResponseError> {
    let key_id = SoftwareKey::ed25519(9).public_key().key_id();
    PreparedResponse::new(
        singles,
        key_id,
        scene.now,
        None,
        SignatureAlgorithm::Ed25519,
    )
}

fn basic(response: &[u8]) -> BasicOcspResponse {
    let response = x509_ocsp::OcspResponse::from_der(response).unwrap();
    assert_eq!(response.response_status, OcspResponseStatus::Successful);
    let bytes = response.response_bytes.unwrap();
    assert_eq!(bytes.response_type.to_string(), "1.3.6.1.5.5.7.48.1.1");
    BasicOcspResponse::from_der(bytes.response.as_bytes()).unwrap()
}
