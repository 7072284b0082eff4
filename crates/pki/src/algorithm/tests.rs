//! Cases for algorithms.

use hex::encode;
use spki::AlgorithmIdentifierOwned;

use super::{KeyAlgorithm, SignatureAlgorithm};
use der::{Decode, asn1::Any};

#[test]
fn writes_identifiers_octet_for_octet() {
    let pss256 = "304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c301a06092a\
                  864886f70d010108300d06096086480165030402010500a203020120";
    let pss384 = "304106092a864886f70d01010a3034a00f300d06096086480165030402020500a11c301a06092a\
                  864886f70d010108300d06096086480165030402020500a203020130";
    let cases = [
        (
            SignatureAlgorithm::RsaPkcs1Sha256,
            "300d06092a864886f70d01010b0500",
        ),
        (
            SignatureAlgorithm::RsaPkcs1Sha512,
            "300d06092a864886f70d01010d0500",
        ),
        (SignatureAlgorithm::RsaPssSha256, pss256),
        (SignatureAlgorithm::RsaPssSha384, pss384),
        (SignatureAlgorithm::EcdsaSha256, "300a06082a8648ce3d040302"),
        (SignatureAlgorithm::EcdsaSha384, "300a06082a8648ce3d040303"),
        (SignatureAlgorithm::EcdsaSha512, "300a06082a8648ce3d040304"),
        (SignatureAlgorithm::Ed25519, "300506032b6570"),
    ];
    for (algorithm, der) in cases {
        assert_eq!(encode(algorithm.identifier_der()), der, "{algorithm}");
    }
}

#[test]
fn reads_back_every_identifier_and_every_name() {
    for algorithm in SignatureAlgorithm::ALL {
        let identifier = AlgorithmIdentifierOwned::from_der(&algorithm.identifier_der()).unwrap();
        assert_eq!(
            SignatureAlgorithm::from_identifier(&identifier),
            Some(algorithm)
        );
        assert_eq!(algorithm.to_string().parse(), Ok(algorithm));
    }
}

#[test]
fn refuses_ecdsa_with_null_and_rsa_without() {
    let mut ecdsa = SignatureAlgorithm::EcdsaSha256.algorithm_identifier();
    ecdsa.parameters = Some(Any::null());
    assert_eq!(SignatureAlgorithm::from_identifier(&ecdsa), None);
    let mut rsa = SignatureAlgorithm::RsaPkcs1Sha256.algorithm_identifier();
    rsa.parameters = None;
    assert_eq!(SignatureAlgorithm::from_identifier(&rsa), None);
}

#[test]
fn refuses_sha1() {
    let sha1_with_rsa = hex::decode("300d06092a864886f70d0101050500").unwrap();
    let identifier = AlgorithmIdentifierOwned::from_der(&sha1_with_rsa).unwrap();
    assert_eq!(SignatureAlgorithm::from_identifier(&identifier), None);
}

#[test]
fn names_key_algorithms_both_ways() {
    for name in [
        "rsa-2048", "rsa-3072", "ec-p256", "ec-p384", "ec-p521", "ed25519",
    ] {
        assert_eq!(name.parse::<KeyAlgorithm>().unwrap().to_string(), name);
    }
    for name in ["rsa-", "rsa-03072", "rsa-+2048", "ec-p224", "RSA-2048", ""] {
        assert!(name.parse::<KeyAlgorithm>().is_err(), "{name}");
    }
}

#[test]
fn fits_the_default_to_each_key_and_nothing_to_a_strange_one() {
    let keys = ["rsa-3072", "ec-p256", "ec-p384", "ec-p521", "ed25519"];
    for key in keys.map(|name| name.parse::<KeyAlgorithm>().unwrap()) {
        assert!(SignatureAlgorithm::default_for(&key).fits(&key), "{key}");
    }
    assert!(!SignatureAlgorithm::EcdsaSha256.fits(&KeyAlgorithm::Ed25519));
    assert!(!SignatureAlgorithm::RsaPssSha256.fits(&KeyAlgorithm::EcP256));
}
