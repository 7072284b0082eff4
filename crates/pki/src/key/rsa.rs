//! RSA public keys.
//!
//! ```text
//! RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }   -- RFC 8017 A.1.1
//! ```

use der::Decode;
use num_bigint::BigUint;
use pkcs1::RsaPublicKeyRef;

use crate::{KeyAlgorithm, KeyError, strict_der};

/// Shorter moduli are toys; 1024 to 2047 bits can be verified and named as weak.
const MIN_BITS: u64 = 1024;
/// Longer moduli only cost the verifier time.
const MAX_BITS: u64 = 16384;

/// Modulus and exponent of an RSA key.
#[derive(Debug, Clone)]
pub(crate) struct RsaParts {
    pub(crate) modulus: BigUint,
    pub(crate) exponent: BigUint,
}

/// Reads the contents of the BIT STRING.
pub(super) fn read(rsa_public_key: &[u8]) -> Option<RsaParts> {
    strict_der::check(rsa_public_key).ok()?;
    let key = RsaPublicKeyRef::from_der(rsa_public_key).ok()?;
    Some(RsaParts {
        modulus: BigUint::from_bytes_be(key.modulus.as_bytes()),
        exponent: BigUint::from_bytes_be(key.public_exponent.as_bytes()),
    })
}

pub(super) fn algorithm(rsa_public_key: &[u8]) -> Result<KeyAlgorithm, KeyError> {
    let parts = read(rsa_public_key).ok_or(KeyError::RsaMalformed)?;
    if parts.exponent == BigUint::ZERO {
        return Err(KeyError::RsaMalformed);
    }
    let bits = parts.modulus.bits();
    if !(MIN_BITS..=MAX_BITS).contains(&bits) {
        return Err(KeyError::RsaSizeUnsupported);
    }
    let bits = u32::try_from(bits).map_err(|_| KeyError::RsaSizeUnsupported)?;
    Ok(KeyAlgorithm::Rsa { bits })
}
