//! Verification of signatures, by aws-lc-rs.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P256_SHA512_ASN1, ECDSA_P384_SHA256_ASN1,
    ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA512_ASN1, ECDSA_P521_SHA256_ASN1, ECDSA_P521_SHA384_ASN1,
    ECDSA_P521_SHA512_ASN1, ED25519, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
    RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA384,
    RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    UnparsedPublicKey, VerificationAlgorithm,
};

use super::{BadSignature, PublicKey};
use crate::{KeyAlgorithm, SignatureAlgorithm as Signature};

pub(super) fn verify(
    key: &PublicKey,
    algorithm: Signature,
    message: &[u8],
    signature: &[u8],
) -> Result<(), BadSignature> {
    let verification = verification(key.algorithm(), algorithm).ok_or(BadSignature)?;
    UnparsedPublicKey::new(verification, key.subject_public_key())
        .verify(message, signature)
        .map_err(|_| BadSignature)
}

/// The pairs of key and signature that can be verified.
///
/// RSA keys from 1024 bits on are let through where aws-lc-rs can: whether a key is too short is
/// a question for the key checks, whose answer says more than "bad signature".
fn verification(
    key: KeyAlgorithm,
    signature: Signature,
) -> Option<&'static dyn VerificationAlgorithm> {
    let verification: &'static dyn VerificationAlgorithm = match (key, signature) {
        (KeyAlgorithm::Rsa { .. }, Signature::RsaPkcs1Sha256) => {
            &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY
        }
        (KeyAlgorithm::Rsa { .. }, Signature::RsaPkcs1Sha384) => &RSA_PKCS1_2048_8192_SHA384,
        (KeyAlgorithm::Rsa { .. }, Signature::RsaPkcs1Sha512) => {
            &RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY
        }
        (KeyAlgorithm::Rsa { .. }, Signature::RsaPssSha256) => &RSA_PSS_2048_8192_SHA256,
        (KeyAlgorithm::Rsa { .. }, Signature::RsaPssSha384) => &RSA_PSS_2048_8192_SHA384,
        (KeyAlgorithm::Rsa { .. }, Signature::RsaPssSha512) => &RSA_PSS_2048_8192_SHA512,
        (KeyAlgorithm::EcP256, Signature::EcdsaSha256) => &ECDSA_P256_SHA256_ASN1,
        (KeyAlgorithm::EcP256, Signature::EcdsaSha384) => &ECDSA_P256_SHA384_ASN1,
        (KeyAlgorithm::EcP256, Signature::EcdsaSha512) => &ECDSA_P256_SHA512_ASN1,
        (KeyAlgorithm::EcP384, Signature::EcdsaSha256) => &ECDSA_P384_SHA256_ASN1,
        (KeyAlgorithm::EcP384, Signature::EcdsaSha384) => &ECDSA_P384_SHA384_ASN1,
        (KeyAlgorithm::EcP384, Signature::EcdsaSha512) => &ECDSA_P384_SHA512_ASN1,
        (KeyAlgorithm::EcP521, Signature::EcdsaSha256) => &ECDSA_P521_SHA256_ASN1,
        (KeyAlgorithm::EcP521, Signature::EcdsaSha384) => &ECDSA_P521_SHA384_ASN1,
        (KeyAlgorithm::EcP521, Signature::EcdsaSha512) => &ECDSA_P521_SHA512_ASN1,
        (KeyAlgorithm::Ed25519, Signature::Ed25519) => &ED25519,
        _ => return None,
    };
    Some(verification)
}
