//! Public keys.

mod rsa;
mod spki;
mod verification;

use std::sync::Arc;

pub(crate) use self::rsa::RsaParts;
use crate::{KeyAlgorithm, KeyId, SignatureAlgorithm, SpkiHash};

/// A subject's or issuer's public key: a SubjectPublicKeyInfo in strict DER, of a supported
/// algorithm, and for elliptic curves a point that lies on a named curve.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PublicKey {
    spki_der: Arc<[u8]>,
    algorithm: KeyAlgorithm,
    key_length: usize,
}

/// Why a SubjectPublicKeyInfo is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The octets are not one SubjectPublicKeyInfo in DER.
    #[error("the public key is not a SubjectPublicKeyInfo in DER")]
    NotDer,
    /// The algorithm is none of [`KeyAlgorithm`].
    #[error("the algorithm of the public key is not supported")]
    AlgorithmUnsupported,
    /// An elliptic curve is given by its equation (RFC 5480 §2.1.1 forbids it).
    #[error("the curve of the public key is not named")]
    ExplicitCurve,
    /// The named curve is none of [`KeyAlgorithm`].
    #[error("the curve of the public key is not supported")]
    CurveUnsupported,
    /// The point is at infinity, not on its curve, or in a form other than uncompressed.
    #[error("the public key is not a point on its curve")]
    PointInvalid,
    /// The RSA key is not a positive modulus and exponent.
    #[error("the RSA public key is malformed")]
    RsaMalformed,
    /// The RSA modulus is under 1024 or over 16384 bits.
    #[error("the size of the RSA public key is not supported")]
    RsaSizeUnsupported,
}

impl KeyError {
    /// The stable code of this refusal.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotDer => "key-not-der",
            Self::AlgorithmUnsupported => "key-algorithm-unsupported",
            Self::ExplicitCurve => "key-explicit-curve",
            Self::CurveUnsupported => "key-curve-unsupported",
            Self::PointInvalid => "key-point-invalid",
            Self::RsaMalformed => "key-rsa-malformed",
            Self::RsaSizeUnsupported => "key-rsa-size-unsupported",
        }
    }
}

/// A signature that does not verify.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not verify")]
pub struct BadSignature;

impl PublicKey {
    /// Reads a SubjectPublicKeyInfo.
    ///
    /// Weak keys are read too, see [`crate::key_check`]: only what cannot be told apart or used
    /// is refused here.
    ///
    /// # Errors
    /// [`KeyError`] for anything but strict DER of a supported algorithm, a point that is not on
    /// its curve, and an RSA modulus under 1024 or over 16384 bits.
    pub fn parse(spki_der: &[u8]) -> Result<Self, KeyError> {
        let parts = spki::read(spki_der)?;
        Ok(Self {
            spki_der: spki_der.into(),
            algorithm: parts.algorithm,
            key_length: parts.subject_public_key.len(),
        })
    }

    /// The SubjectPublicKeyInfo, octet for octet as parsed.
    pub fn spki_der(&self) -> &[u8] {
        &self.spki_der
    }

    /// Algorithm and size.
    pub const fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// SHA-256 of [`Self::spki_der`].
    pub fn hash(&self) -> SpkiHash {
        SpkiHash::of(&self.spki_der)
    }

    /// The key identifier for SKI and AKI (RFC 5280 §4.2.1.2 method 1).
    pub fn key_id(&self) -> KeyId {
        KeyId::of(self.subject_public_key())
    }

    /// The contents of the BIT STRING, without the count of unused bits: the `RSAPublicKey`, the
    /// uncompressed point, or the 32 octets of Ed25519.
    pub fn subject_public_key(&self) -> &[u8] {
        // The BIT STRING is the last thing in a SubjectPublicKeyInfo.
        let start = self.spki_der.len().saturating_sub(self.key_length);
        self.spki_der.get(start..).unwrap_or_default()
    }

    /// Modulus and exponent, if this is an RSA key.
    pub(crate) fn rsa_parts(&self) -> Option<RsaParts> {
        rsa::read(self.subject_public_key())
            .filter(|_| matches!(self.algorithm, KeyAlgorithm::Rsa { .. }))
    }

    /// Verifies a signature in X.509 form: DER for ECDSA, raw for the others.
    ///
    /// # Errors
    /// [`BadSignature`] if it is not good, or the algorithm does not fit the key.
    pub fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), BadSignature> {
        verification::verify(self, algorithm, message, signature)
    }
}

#[cfg(test)]
mod tests;
