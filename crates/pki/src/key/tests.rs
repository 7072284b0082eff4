//! Cases for public keys.

use aws_lc_rs::{
    encoding::AsDer as _,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING,
        ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair,
        KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256,
        RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
    },
};

use super::{BadSignature, PublicKey};
use crate::{KeyAlgorithm, SignatureAlgorithm};

const MESSAGE: &[u8] = b"to be signed";

/// A key, the algorithm it has signed [`MESSAGE`] with, and the signature.
type Signed = (PublicKey, SignatureAlgorithm, Vec<u8>);

fn ecdsa(signing: &'static EcdsaSigningAlgorithm, algorithm: SignatureAlgorithm) -> Signed {
    let key = EcdsaKeyPair::generate(signing).unwrap();
    let signature = key.sign(&SystemRandom::new(), MESSAGE).unwrap();
    let spki = key.public_key().as_der().unwrap();
    (
        PublicKey::parse(spki.as_ref()).unwrap(),
        algorithm,
        signature.as_ref().to_vec(),
    )
}

fn ed25519() -> Signed {
    let key = Ed25519KeyPair::generate().unwrap();
    let spki = key.public_key().as_der().unwrap();
    let public = PublicKey::parse(spki.as_ref()).unwrap();
    (
        public,
        SignatureAlgorithm::Ed25519,
        key.sign(MESSAGE).as_ref().to_vec(),
    )
}

fn rsa() -> Vec<Signed> {
    let key = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let spki = key.public_key().as_der().unwrap();
    let public = PublicKey::parse(spki.as_ref()).unwrap();
    let encodings: [(&'static dyn RsaEncoding, _); 6] = [
        (&RSA_PKCS1_SHA256, SignatureAlgorithm::RsaPkcs1Sha256),
        (&RSA_PKCS1_SHA384, SignatureAlgorithm::RsaPkcs1Sha384),
        (&RSA_PKCS1_SHA512, SignatureAlgorithm::RsaPkcs1Sha512),
        (&RSA_PSS_SHA256, SignatureAlgorithm::RsaPssSha256),
        (&RSA_PSS_SHA384, SignatureAlgorithm::RsaPssSha384),
        (&RSA_PSS_SHA512, SignatureAlgorithm::RsaPssSha512),
    ];
    let sign = |(encoding, algorithm)| {
        let mut signature = vec![0; key.public_modulus_len()];
        key.sign(encoding, &SystemRandom::new(), MESSAGE, &mut signature)
            .unwrap();
        (public.clone(), algorithm, signature)
    };
    encodings.into_iter().map(sign).collect()
}

fn all() -> Vec<Signed> {
    let mut all = rsa();
    all.push(ecdsa(
        &ECDSA_P256_SHA256_ASN1_SIGNING,
        SignatureAlgorithm::EcdsaSha256,
    ));
    all.push(ecdsa(
        &ECDSA_P384_SHA384_ASN1_SIGNING,
        SignatureAlgorithm::EcdsaSha384,
    ));
    all.push(ecdsa(
        &ECDSA_P521_SHA512_ASN1_SIGNING,
        SignatureAlgorithm::EcdsaSha512,
    ));
    all.push(ed25519());
    all
}

#[test]
fn verifies_under_the_one_algorithm_that_signed() {
    for (key, signed_with, signature) in all() {
        for algorithm in SignatureAlgorithm::ALL {
            let verified = key.verify(algorithm, MESSAGE, &signature);
            assert_eq!(
                verified.is_ok(),
                algorithm == signed_with,
                "{signed_with} as {algorithm}"
            );
        }
        assert_eq!(
            key.verify(signed_with, b"another", &signature),
            Err(BadSignature)
        );
        assert_eq!(key.verify(signed_with, MESSAGE, &[]), Err(BadSignature));
    }
}

#[test]
fn a_placeholder_has_the_size_of_a_signature_and_verifies_under_nothing() {
    for (key, algorithm, signature) in all() {
        let placeholder = algorithm.placeholder_signature(&key);
        // An ECDSA signature is some octets longer or shorter: its integers vary.
        let difference = placeholder.len().abs_diff(signature.len());
        let varies = matches!(
            key.algorithm(),
            KeyAlgorithm::EcP256 | KeyAlgorithm::EcP384 | KeyAlgorithm::EcP521
        );
        assert!(
            difference <= if varies { 6 } else { 0 },
            "{algorithm}: {difference}"
        );
        assert_eq!(
            key.verify(algorithm, MESSAGE, &placeholder),
            Err(BadSignature)
        );
        if varies {
            assert!(
                crate::strict_der::check(&placeholder).is_ok(),
                "{algorithm}"
            );
        }
    }
}

#[test]
fn names_itself_by_digest_and_identifier() {
    let (key, ..) = ed25519();
    let point = key.subject_public_key();
    assert_eq!(point, &key.spki_der()[12..]);
    assert_eq!(key.key_id(), crate::KeyId::of(point));
    assert_eq!(key.hash(), crate::SpkiHash::of(key.spki_der()));
    assert_eq!(key.algorithm().to_string(), "ed25519");
}
