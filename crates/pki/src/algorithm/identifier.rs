//! `AlgorithmIdentifiers` of signatures.
//!
//! ```text
//! AlgorithmIdentifier ::= SEQUENCE {
//!     algorithm  OBJECT IDENTIFIER,
//!     parameters ANY DEFINED BY algorithm OPTIONAL }
//! ```

use const_oid::db::{
    rfc5912::{
        ECDSA_WITH_SHA_256, ECDSA_WITH_SHA_384, ECDSA_WITH_SHA_512, ID_RSASSA_PSS,
        SHA_256_WITH_RSA_ENCRYPTION, SHA_384_WITH_RSA_ENCRYPTION, SHA_512_WITH_RSA_ENCRYPTION,
    },
    rfc8410::ID_ED_25519,
};
use der::{
    Decode, Encode,
    asn1::{Any, ObjectIdentifier},
};
use spki::AlgorithmIdentifierOwned;

use crate::SignatureAlgorithm;

/// RSASSA-PSS-params (RFC 4055 §3.1) as BR 7.1.3.2.1 spells them, octet for octet; `last` is the
/// last octet of the hash's object identifier, `salt` the length of the salt.
const fn pss_parameters(last: u8, salt: u8) -> [u8; 54] {
    [
        0x30, 0x34, // SEQUENCE
        0xA0, 0x0F, 0x30, 0x0D, 0x06, 0x09, // hashAlgorithm
        0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, last, 0x05, 0x00, //
        0xA1, 0x1C, 0x30, 0x1A, 0x06, 0x09, // maskGenAlgorithm: id-mgf1
        0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x08, //
        0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, last, 0x05, 0x00,
        0xA2, 0x03, 0x02, 0x01, salt, // saltLength
    ]
}

/// The same without the NULL parameters of the two hash identifiers.
const fn pss_parameters_without_null(last: u8, salt: u8) -> [u8; 50] {
    [
        0x30, 0x30, // SEQUENCE
        0xA0, 0x0D, 0x30, 0x0B, 0x06, 0x09, // hashAlgorithm
        0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, last, //
        0xA1, 0x1A, 0x30, 0x18, 0x06, 0x09, // maskGenAlgorithm: id-mgf1
        0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x08, //
        0x30, 0x0B, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, last, //
        0xA2, 0x03, 0x02, 0x01, salt, // saltLength
    ]
}

/// The last octet of the object identifier of SHA-2, and the octets of its digest.
const fn pss_hash(algorithm: SignatureAlgorithm) -> Option<(u8, u8)> {
    match algorithm {
        SignatureAlgorithm::RsaPssSha256 => Some((1, 32)),
        SignatureAlgorithm::RsaPssSha384 => Some((2, 48)),
        SignatureAlgorithm::RsaPssSha512 => Some((3, 64)),
        SignatureAlgorithm::RsaPkcs1Sha256
        | SignatureAlgorithm::RsaPkcs1Sha384
        | SignatureAlgorithm::RsaPkcs1Sha512
        | SignatureAlgorithm::EcdsaSha256
        | SignatureAlgorithm::EcdsaSha384
        | SignatureAlgorithm::EcdsaSha512
        | SignatureAlgorithm::Ed25519 => None,
    }
}

const fn oid(algorithm: SignatureAlgorithm) -> ObjectIdentifier {
    match algorithm {
        SignatureAlgorithm::RsaPkcs1Sha256 => SHA_256_WITH_RSA_ENCRYPTION,
        SignatureAlgorithm::RsaPkcs1Sha384 => SHA_384_WITH_RSA_ENCRYPTION,
        SignatureAlgorithm::RsaPkcs1Sha512 => SHA_512_WITH_RSA_ENCRYPTION,
        SignatureAlgorithm::RsaPssSha256
        | SignatureAlgorithm::RsaPssSha384
        | SignatureAlgorithm::RsaPssSha512 => ID_RSASSA_PSS,
        SignatureAlgorithm::EcdsaSha256 => ECDSA_WITH_SHA_256,
        SignatureAlgorithm::EcdsaSha384 => ECDSA_WITH_SHA_384,
        SignatureAlgorithm::EcdsaSha512 => ECDSA_WITH_SHA_512,
        SignatureAlgorithm::Ed25519 => ID_ED_25519,
    }
}

pub(super) fn parts(algorithm: SignatureAlgorithm) -> (ObjectIdentifier, Option<Any>) {
    let parameters = match algorithm {
        SignatureAlgorithm::RsaPkcs1Sha256
        | SignatureAlgorithm::RsaPkcs1Sha384
        | SignatureAlgorithm::RsaPkcs1Sha512 => Some(Any::null()),
        SignatureAlgorithm::RsaPssSha256
        | SignatureAlgorithm::RsaPssSha384
        | SignatureAlgorithm::RsaPssSha512 => pss_hash(algorithm)
            .and_then(|(last, salt)| Any::from_der(&pss_parameters(last, salt)).ok()),
        SignatureAlgorithm::EcdsaSha256
        | SignatureAlgorithm::EcdsaSha384
        | SignatureAlgorithm::EcdsaSha512
        | SignatureAlgorithm::Ed25519 => None,
    };
    (oid(algorithm), parameters)
}

pub(super) fn der(algorithm: SignatureAlgorithm) -> Vec<u8> {
    // Encoding into memory fails only for lengths over 256 MiB.
    algorithm
        .algorithm_identifier()
        .to_der()
        .unwrap_or_default()
}

pub(super) fn is_written_as(
    algorithm: SignatureAlgorithm,
    identifier: &AlgorithmIdentifierOwned,
) -> bool {
    let (oid, parameters) = parts(algorithm);
    if oid != identifier.oid {
        return false;
    }
    let Some((last, salt)) = pss_hash(algorithm) else {
        return parameters == identifier.parameters;
    };
    let short = Any::from_der(&pss_parameters_without_null(last, salt)).ok();
    identifier.parameters == parameters || identifier.parameters == short
}
