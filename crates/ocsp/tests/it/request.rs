//! Requests.

use std::process::Command;

use der_07::{Encode, asn1::OctetStringRef};
use ocsp::{
    CertIdHash, MAX_CERT_IDS, MAX_REQUEST_BYTES, OcspRequest, RequestError, ResponseStatus,
};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::{
    scene::{SHA_1, SHA_256, Scene, encode, extension, nonce_extension},
    support::serial,
};

#[test]
fn requests_by_openssl_are_understood() {
    let scene = Scene::fixed();
    for (digest, hash) in [("-sha1", CertIdHash::Sha1), ("-sha256", CertIdHash::Sha256)] {
        let der = by_openssl(&scene, &[digest, "-nonce"], &[2, 3]);
        let request = OcspRequest::parse(&der).unwrap();
        let serials: Vec<_> = request.cert_ids().iter().map(|id| id.serial).collect();
        assert_eq!(serials, [serial(2), serial(3)]);
        for cert_id in request.cert_ids() {
            assert_eq!(cert_id.hash, hash);
            assert!(scene.hashes.matches(cert_id));
            assert!(
                der.windows(cert_id.raw.len())
                    .any(|window| window == cert_id.raw)
            );
        }
        assert_eq!(request.nonce().map(<[u8]>::len), Some(16));
    }
    let der = by_openssl(&scene, &["-no_nonce"], &[2]);
    assert_eq!(OcspRequest::parse(&der).unwrap().nonce(), None);
}

#[test]
fn an_issuer_is_matched_by_name_and_key_together() {
    let scene = Scene::fixed();
    for hash in [SHA_1, SHA_256] {
        let good = scene.cert_id(hash, &[5]);
        let mut other_name = good.clone();
        other_name.issuer_name_hash = good.issuer_key_hash.clone();
        let mut other_key = good.clone();
        other_key.issuer_key_hash = good.issuer_name_hash.clone();
        let der = encode(vec![good, other_name, other_key], None);
        let request = OcspRequest::parse(&der).unwrap();
        let matched: Vec<_> = request
            .cert_ids()
            .iter()
            .map(|id| scene.hashes.matches(id))
            .collect();
        assert_eq!(matched, [true, false, false]);
    }
}

#[test]
fn a_nonce_has_1_to_128_octets() {
    let scene = Scene::fixed();
    for (length, accepted) in [
        (0, false),
        (1, true),
        (15, true),
        (16, true),
        (32, true),
        (33, true),
        (128, true),
        (129, false),
    ] {
        let nonce = vec![0xa5; length];
        let value = OctetStringRef::new(&nonce).unwrap().to_der().unwrap();
        let der = scene.request(&[2], Some(vec![nonce_extension(&value)]));
        let expected = if accepted {
            Ok(Some(nonce.as_slice()))
        } else {
            Err(RequestError::Nonce)
        };
        let request = OcspRequest::parse(&der);
        assert_eq!(
            request
                .as_ref()
                .map(OcspRequest::nonce)
                .map_err(Clone::clone),
            expected
        );
    }
}

#[test]
fn a_nonce_that_does_not_decode_is_not_taken_for_none() {
    let scene = Scene::fixed();
    let raw_octets = [0x5a; 16];
    let trailing = b"\x04\x01\x05\x00";
    let long_form = b"\x04\x81\x01\x05";
    for value in [
        &raw_octets[..],
        trailing,
        long_form,
        b"",
        b"\x05\x00",
        b"\x24\x03\x04\x01\x05",
    ] {
        let der = scene.request(&[2], Some(vec![nonce_extension(value)]));
        assert_eq!(
            OcspRequest::parse(&der),
            Err(RequestError::Nonce),
            "{value:02x?}"
        );
    }
}

#[test]
fn extensions_that_cannot_be_honoured_are_refused() {
    let scene = Scene::fixed();
    let nonce = nonce_extension(b"\x04\x01\x05");
    let unknown = |critical| extension("1.3.6.1.4.1.99999.1", critical, b"\x05\x00");
    let parse = |extensions| OcspRequest::parse(&scene.request(&[2], Some(extensions)));
    assert_eq!(
        parse(vec![nonce.clone(), nonce.clone()]),
        Err(RequestError::DuplicateExtension)
    );
    assert_eq!(
        parse(vec![unknown(true)]),
        Err(RequestError::CriticalExtension)
    );
    assert!(parse(vec![unknown(false), nonce]).is_ok());
    let critical_nonce = extension("1.3.6.1.5.5.7.48.1.2", true, b"\x04\x01\x05");
    assert_eq!(parse(vec![critical_nonce]).unwrap().nonce(), Some(&[5][..]));
}

#[test]
fn serials_must_be_positive() {
    let scene = Scene::fixed();
    for integer in [&[0x00][..], &[0x80], &[0xff, 0x7f]] {
        // x509-cert makes no such serial, so one is put in the place of another.
        let mut der = encode(
            vec![scene.cert_id(SHA_1, &[0x2a; 2][..integer.len()])],
            None,
        );
        let at = der.len() - integer.len();
        der[at..].copy_from_slice(integer);
        assert_eq!(
            OcspRequest::parse(&der),
            Err(RequestError::Serial),
            "{integer:02x?}"
        );
    }
    let der = encode(vec![scene.cert_id(SHA_1, &[0x80])], None);
    assert_eq!(
        OcspRequest::parse(&der).unwrap().cert_ids()[0]
            .serial
            .as_bytes(),
        [0x80]
    );
}

#[test]
fn an_unknown_hash_is_unauthorized_and_the_rest_malformed() {
    let scene = Scene::fixed();
    let sha384 = encode(vec![scene.cert_id("2.16.840.1.101.3.4.2.2", &[5])], None);
    let error = OcspRequest::parse(&sha384).unwrap_err();
    assert_eq!(error.status(), ResponseStatus::Unauthorized);
    let error = OcspRequest::parse(b"junk").unwrap_err();
    assert_eq!(error.status(), ResponseStatus::MalformedRequest);
}

#[test]
fn the_number_of_certificates_is_bounded() {
    let scene = Scene::fixed();
    let ask = |count| OcspRequest::parse(&scene.request(&vec![2; count], None));
    assert_eq!(ask(0), Err(RequestError::NoCertIds));
    assert_eq!(ask(MAX_CERT_IDS).unwrap().cert_ids().len(), MAX_CERT_IDS);
    assert_eq!(
        ask(MAX_CERT_IDS + 1),
        Err(RequestError::TooManyCertIds { count: 17 })
    );
}

#[test]
fn the_size_is_bounded() {
    let error = OcspRequest::parse(&[0; MAX_REQUEST_BYTES + 1]).unwrap_err();
    assert_eq!(error.code(), "ocsp-request-too-large");
    let scene = Scene::fixed();
    let ids = vec![scene.cert_id(SHA_256, &[0x7f; 20]); MAX_CERT_IDS];
    let nonce = OctetStringRef::new(&[7; 128]).unwrap().to_der().unwrap();
    assert!(OcspRequest::parse(&encode(ids, Some(vec![nonce_extension(&nonce)]))).is_ok());
}

#[test]
fn only_der_is_read() {
    let der = Scene::fixed().request(&[2], None);
    for end in 0..der.len() {
        assert!(OcspRequest::parse(&der[..end]).is_err(), "{end}");
    }
    let trailing = [&der[..], &[0]].concat();
    assert!(OcspRequest::parse(&trailing).is_err());
    let mut long_length = vec![0x30, 0x81];
    long_length.extend_from_slice(&der[1..]);
    assert!(OcspRequest::parse(&long_length).is_err());
    // TBSRequest with the default version written out.
    let version = b"\xa0\x03\x02\x01\x00";
    let mut default_version = vec![0x30, der[1] + 5, 0x30, der[3] + 5];
    default_version.extend_from_slice(version);
    default_version.extend_from_slice(&der[4..]);
    assert_eq!(
        OcspRequest::parse(&default_version),
        Err(RequestError::NotCanonical)
    );
}

proptest! {
    #[test]
    fn no_input_makes_the_parser_panic(
        mut der in Just(Scene::fixed().request(&[2, 3], None)),
        flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        for (index, octet) in flips {
            *index.get_mut(&mut der) = octet;
        }
        if let Ok(request) = OcspRequest::parse(&der) {
            for cert_id in request.cert_ids() {
                prop_assert!(der.windows(cert_id.raw.len()).any(|window| window == cert_id.raw));
            }
        }
    }
}

fn by_openssl(scene: &Scene, options: &[&str], serials: &[u8]) -> Vec<u8> {
    let directory = TempDir::new().unwrap();
    let path = |file| directory.path().join(file);
    std::fs::write(path("issuer.pem"), scene.ca.issuer.certificate().to_pem()).unwrap();
    let mut command = Command::new("openssl");
    command
        .current_dir(directory.path())
        .arg("ocsp")
        .args(options);
    command.args(["-reqout", "request.der", "-issuer", "issuer.pem"]);
    for last in serials {
        command.args(["-serial", &format!("0x{}", serial(*last))]);
    }
    assert!(command.status().unwrap().success());
    std::fs::read(path("request.der")).unwrap()
}
