//! Preferred signature algorithms (RFC 6960 section 4.4.7.1).

use der_07::{
    Decode, Encode,
    asn1::{Any, ObjectIdentifier},
};
use ocsp::{OcspRequest, PreferredAlgorithm, RequestError, ResponseStatus};
use pki::SignatureAlgorithm;
use x509_cert_02::spki::AlgorithmIdentifierOwned;
use x509_ocsp::ext::PreferredSignatureAlgorithm;

use crate::{
    scene::{Scene, extension},
    support::{ALGORITHMS, SoftwareKey},
};

const P256: &str = "1.2.840.10045.3.1.7";
const P384: &str = "1.3.132.0.34";

fn parse(critical: bool, value: &[u8]) -> Result<OcspRequest, RequestError> {
    let preferred = extension("1.3.6.1.5.5.7.48.1.8", critical, value);
    OcspRequest::parse(&Scene::fixed().request(&[2], Some(vec![preferred])))
}

fn identifier(der: &[u8]) -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned::from_der(der).unwrap()
}

fn ec_keys(curve: &str) -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned {
        oid: ObjectIdentifier::new_unwrap("1.2.840.10045.2.1"),
        parameters: Some(Any::from(ObjectIdentifier::new_unwrap(curve))),
    }
}

fn listed(
    algorithms: Vec<(AlgorithmIdentifierOwned, Option<AlgorithmIdentifierOwned>)>,
) -> Vec<PreferredAlgorithm> {
    let listed: Vec<_> = algorithms
        .into_iter()
        .map(
            |(sig_identifier, cert_identifier)| PreferredSignatureAlgorithm {
                sig_identifier,
                cert_identifier,
            },
        )
        .collect();
    let request = parse(false, &listed.to_der().unwrap()).unwrap();
    request.preferred_algorithms().to_vec()
}

#[test]
fn the_order_is_the_clients_and_what_is_unknown_is_left_out() {
    let known = |algorithm: SignatureAlgorithm| (identifier(&algorithm.identifier_der()), None);
    let sha1_with_rsa = identifier(b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05\x05\x00");
    let preferred = listed(vec![
        (sha1_with_rsa, None),
        known(SignatureAlgorithm::RsaPssSha384),
        known(SignatureAlgorithm::EcdsaSha256),
    ]);
    let expected = [
        SignatureAlgorithm::RsaPssSha384,
        SignatureAlgorithm::EcdsaSha256,
    ];
    assert_eq!(preferred, expected.map(PreferredAlgorithm::new));
    assert_eq!(listed(Vec::new()), []);
    for algorithm in ALGORITHMS {
        assert_eq!(
            listed(vec![known(algorithm)]),
            [PreferredAlgorithm::new(algorithm)]
        );
    }
}

#[test]
fn rsa_is_understood_without_its_null() {
    let mut bare = identifier(&SignatureAlgorithm::RsaPkcs1Sha256.identifier_der());
    bare.parameters = None;
    let expected = PreferredAlgorithm::new(SignatureAlgorithm::RsaPkcs1Sha256);
    assert_eq!(listed(vec![(bare, None)]), [expected]);
}

#[test]
fn the_kind_of_key_counts_where_the_client_names_one() {
    let ecdsa = SignatureAlgorithm::EcdsaSha256;
    let key = SoftwareKey::for_algorithm(ecdsa);
    let fits = |kind| {
        let preferred = listed(vec![(identifier(&ecdsa.identifier_der()), kind)]);
        preferred[0].fits(ecdsa, key.public_key())
    };
    assert!(fits(None));
    assert!(fits(Some(ec_keys(P256))));
    assert!(!fits(Some(ec_keys(P384))));
    let mut any_curve = ec_keys(P256);
    any_curve.parameters = None;
    assert!(fits(Some(any_curve)));
    let wants_sha384 = PreferredAlgorithm::new(SignatureAlgorithm::EcdsaSha384);
    assert!(!wants_sha384.fits(ecdsa, key.public_key()));
}

#[test]
fn what_is_no_list_of_algorithms_is_malformed() {
    let one = identifier(&SignatureAlgorithm::Ed25519.identifier_der());
    let one = PreferredSignatureAlgorithm {
        sig_identifier: one,
        cert_identifier: None,
    };
    let good = vec![one].to_der().unwrap();
    assert!(parse(true, &good).is_ok());
    let trailing = [&good[..], &[0]].concat();
    for value in [&b""[..], b"\x05\x00", b"\x30\x02\x05\x00", &trailing] {
        let error = parse(false, value).unwrap_err();
        assert_eq!(error, RequestError::PreferredAlgorithms, "{value:02x?}");
        assert_eq!(error.status(), ResponseStatus::MalformedRequest);
    }
}
