//! SubjectPublicKeyInfo, taken apart.
//!
//! ```text
//! SubjectPublicKeyInfo ::= SEQUENCE {
//!     algorithm        AlgorithmIdentifier,
//!     subjectPublicKey BIT STRING }            -- RFC 5280 §4.1.2.7
//! ```

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ECDSA_P521_SHA512_ASN1,
    EcdsaVerificationAlgorithm, ParsedPublicKey,
};
use const_oid::db::{
    rfc5912::{ID_EC_PUBLIC_KEY, RSA_ENCRYPTION, SECP_256_R_1, SECP_384_R_1, SECP_521_R_1},
    rfc8410::ID_ED_25519,
};
use der::{Decode, Tag, Tagged, asn1::Any};
use spki::SubjectPublicKeyInfoRef;

use super::rsa;
use crate::{KeyAlgorithm, KeyError, strict_der};

const ED25519_OCTETS: usize = 32;
const UNCOMPRESSED: u8 = 0x04;

pub(super) struct Parts<'a> {
    pub(super) algorithm: KeyAlgorithm,
    pub(super) subject_public_key: &'a [u8],
}

pub(super) fn read(spki_der: &[u8]) -> Result<Parts<'_>, KeyError> {
    strict_der::check(spki_der).map_err(|_| KeyError::NotDer)?;
    let spki = SubjectPublicKeyInfoRef::from_der(spki_der).map_err(|_| KeyError::NotDer)?;
    let subject_public_key = spki.subject_public_key.as_bytes().ok_or(KeyError::NotDer)?;
    let parameters = spki.algorithm.parameters.map(Any::from);
    let algorithm = match spki.algorithm.oid {
        // RFC 3279 §2.3.1: the parameters are NULL.
        RSA_ENCRYPTION if parameters == Some(Any::null()) => rsa::algorithm(subject_public_key)?,
        RSA_ENCRYPTION => return Err(KeyError::RsaMalformed),
        ID_EC_PUBLIC_KEY => elliptic_curve(parameters.as_ref(), subject_public_key)?,
        // RFC 8410 §3: there are no parameters.
        ID_ED_25519 if parameters.is_none() => ed25519(subject_public_key)?,
        _ => return Err(KeyError::AlgorithmUnsupported),
    };
    Ok(Parts {
        algorithm,
        subject_public_key,
    })
}

/// RFC 5480 §2.1.1: the curve has a name, the point is uncompressed.
fn elliptic_curve(parameters: Option<&Any>, point: &[u8]) -> Result<KeyAlgorithm, KeyError> {
    let parameters = parameters.ok_or(KeyError::CurveUnsupported)?;
    if parameters.tag() == Tag::Sequence {
        return Err(KeyError::ExplicitCurve);
    }
    let curve = parameters
        .decode_as()
        .map_err(|_| KeyError::CurveUnsupported)?;
    let (algorithm, verification, octets) = match curve {
        SECP_256_R_1 => (KeyAlgorithm::EcP256, &ECDSA_P256_SHA256_ASN1, 65),
        SECP_384_R_1 => (KeyAlgorithm::EcP384, &ECDSA_P384_SHA384_ASN1, 97),
        SECP_521_R_1 => (KeyAlgorithm::EcP521, &ECDSA_P521_SHA512_ASN1, 133),
        _ => return Err(KeyError::CurveUnsupported),
    };
    let uncompressed = point.len() == octets && point.first() == Some(&UNCOMPRESSED);
    if !uncompressed || !is_on_curve(verification, point) {
        return Err(KeyError::PointInvalid);
    }
    Ok(algorithm)
}

fn is_on_curve(curve: &'static EcdsaVerificationAlgorithm, point: &[u8]) -> bool {
    ParsedPublicKey::new(curve, point).is_ok()
}

fn ed25519(key: &[u8]) -> Result<KeyAlgorithm, KeyError> {
    let key: &[u8; ED25519_OCTETS] = key.try_into().map_err(|_| KeyError::PointInvalid)?;
    if is_of_small_order(key) {
        return Err(KeyError::PointInvalid);
    }
    Ok(KeyAlgorithm::Ed25519)
}

/// The eight points whose order divides 8 verify signatures that no one made. They, and their
/// second encodings, are told by the y coordinate alone: the sign bit of x is left out.
fn is_of_small_order(key: &[u8; ED25519_OCTETS]) -> bool {
    let mut y = *key;
    if let Some(last) = y.last_mut() {
        *last &= 0x7F;
    }
    SMALL_ORDER.contains(&y)
}

/// y of the points of small order, little endian: 0, 1, the two of order 8, -1; then p and p + 1,
/// which mean 0 and 1 again.
const SMALL_ORDER: [[u8; ED25519_OCTETS]; 7] = [
    [0; ED25519_OCTETS],
    small(0x01, 0x00, 0x00),
    [
        0x26, 0xE8, 0x95, 0x8F, 0xC2, 0xB2, 0x27, 0xB0, 0x45, 0xC3, 0xF4, 0x89, 0xF2, 0xEF, 0x98,
        0xF0, 0xD5, 0xDF, 0xAC, 0x05, 0xD3, 0xC6, 0x33, 0x39, 0xB1, 0x38, 0x02, 0x88, 0x6D, 0x53,
        0xFC, 0x05,
    ],
    [
        0xC7, 0x17, 0x6A, 0x70, 0x3D, 0x4D, 0xD8, 0x4F, 0xBA, 0x3C, 0x0B, 0x76, 0x0D, 0x10, 0x67,
        0x0F, 0x2A, 0x20, 0x53, 0xFA, 0x2C, 0x39, 0xCC, 0xC6, 0x4E, 0xC7, 0xFD, 0x77, 0x92, 0xAC,
        0x03, 0x7A,
    ],
    small(0xEC, 0xFF, 0x7F),
    small(0xED, 0xFF, 0x7F),
    small(0xEE, 0xFF, 0x7F),
];

/// An encoding with these first, middle and last octets.
const fn small(first: u8, middle: u8, last: u8) -> [u8; ED25519_OCTETS] {
    let mut octets = [middle; ED25519_OCTETS];
    let [start, .., end] = &mut octets;
    *start = first;
    *end = last;
    octets
}
