//! How each signature algorithm is asked of the token: what is hashed here, which mechanism signs
//! it, and how the answer becomes an X.509 signature.
//!
//! Hashing happens in this process and the token sees digests, because not every token has the
//! mechanisms that hash (SoftHSM 2.6 has no `CKM_ECDSA_SHA256`).

use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::ObjectHandle;
use cryptoki::session::Session;
use cryptoki::types::Ulong;
use pki::{KeyAlgorithm, SignatureAlgorithm, ecdsa_to_der};
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::HsmError;

/// A signature algorithm as data.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SigningPlan {
    hash: Option<Hash>,
    scheme: Scheme,
}

#[derive(Debug, Clone, Copy)]
enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

/// The raw mechanism, with the form of its input and answer.
#[derive(Debug, Clone, Copy)]
enum Scheme {
    /// A `DigestInfo` in, the signature out.
    RsaPkcs1,
    /// A digest in, the signature out; the salt is as long as the digest (RFC 4055 section 3.1).
    RsaPss,
    /// A digest of at most `order_octets` in, `r ‖ s` out, DER wanted.
    Ecdsa { order_octets: usize },
    /// The message in, the signature out.
    Ed25519,
}

impl SigningPlan {
    /// The plan for an algorithm that fits the key.
    ///
    /// # Errors
    /// [`HsmError::AlgorithmMismatch`] when it does not fit.
    pub(crate) fn new(algorithm: SignatureAlgorithm, key: KeyAlgorithm) -> Result<Self, HsmError> {
        if !algorithm.fits(&key) {
            return Err(HsmError::AlgorithmMismatch { algorithm, key });
        }
        let order_octets = match key {
            KeyAlgorithm::EcP384 => 48,
            KeyAlgorithm::EcP521 => 66,
            KeyAlgorithm::EcP256 | KeyAlgorithm::Rsa { .. } | KeyAlgorithm::Ed25519 => 32,
        };
        let ecdsa = Scheme::Ecdsa { order_octets };
        let (hash, scheme) = match algorithm {
            SignatureAlgorithm::RsaPkcs1Sha256 => (Some(Hash::Sha256), Scheme::RsaPkcs1),
            SignatureAlgorithm::RsaPkcs1Sha384 => (Some(Hash::Sha384), Scheme::RsaPkcs1),
            SignatureAlgorithm::RsaPkcs1Sha512 => (Some(Hash::Sha512), Scheme::RsaPkcs1),
            SignatureAlgorithm::RsaPssSha256 => (Some(Hash::Sha256), Scheme::RsaPss),
            SignatureAlgorithm::RsaPssSha384 => (Some(Hash::Sha384), Scheme::RsaPss),
            SignatureAlgorithm::RsaPssSha512 => (Some(Hash::Sha512), Scheme::RsaPss),
            SignatureAlgorithm::EcdsaSha256 => (Some(Hash::Sha256), ecdsa),
            SignatureAlgorithm::EcdsaSha384 => (Some(Hash::Sha384), ecdsa),
            SignatureAlgorithm::EcdsaSha512 => (Some(Hash::Sha512), ecdsa),
            SignatureAlgorithm::Ed25519 => (None, Scheme::Ed25519),
        };
        Ok(Self { hash, scheme })
    }

    /// Signs a message and gives the signature as X.509 wants it.
    pub(crate) fn sign(
        self,
        session: &Session,
        key: ObjectHandle,
        message: &[u8],
    ) -> Result<Vec<u8>, HsmError> {
        let digest = self.hash.map(|hash| hash.digest(message));
        let input = digest.as_deref().unwrap_or(message);
        match self.scheme {
            Scheme::RsaPkcs1 => {
                let prefix = self.hash.map_or(&[][..], Hash::digest_info_prefix);
                Ok(session.sign(&Mechanism::RsaPkcs, key, &[prefix, input].concat())?)
            }
            Scheme::RsaPss => {
                let parameters = self.hash.unwrap_or(Hash::Sha256).pss_parameters();
                Ok(session.sign(&Mechanism::RsaPkcsPss(parameters), key, input)?)
            }
            Scheme::Ecdsa { order_octets } => {
                // FIPS 186-5 section 6.4.1: the leftmost bits of a digest longer than the order.
                let input = input.get(..order_octets).unwrap_or(input);
                ecdsa_to_der(&session.sign(&Mechanism::Ecdsa, key, input)?)
                    .ok_or(HsmError::MalformedSignature)
            }
            Scheme::Ed25519 => {
                let parameters = EddsaParams::new(EddsaSignatureScheme::Pure);
                Ok(session.sign(&Mechanism::Eddsa(parameters), key, input)?)
            }
        }
    }
}

impl Hash {
    fn digest(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(message).to_vec(),
            Self::Sha384 => Sha384::digest(message).to_vec(),
            Self::Sha512 => Sha512::digest(message).to_vec(),
        }
    }

    /// The `DigestInfo` up to the digest (RFC 8017 section 9.2, note 1).
    fn digest_info_prefix(self) -> &'static [u8] {
        match self {
            Self::Sha256 => {
                b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"
            }
            Self::Sha384 => {
                b"\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30"
            }
            Self::Sha512 => {
                b"\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40"
            }
        }
    }

    fn pss_parameters(self) -> PkcsPssParams {
        let (hash_alg, mgf, salt) = match self {
            Self::Sha256 => (MechanismType::SHA256, PkcsMgfType::MGF1_SHA256, 32),
            Self::Sha384 => (MechanismType::SHA384, PkcsMgfType::MGF1_SHA384, 48),
            Self::Sha512 => (MechanismType::SHA512, PkcsMgfType::MGF1_SHA512, 64),
        };
        PkcsPssParams {
            hash_alg,
            mgf,
            s_len: Ulong::new(salt),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_algorithm_for_another_kind_of_key_is_refused() {
        assert!(SigningPlan::new(SignatureAlgorithm::Ed25519, KeyAlgorithm::EcP256).is_err());
        assert!(SigningPlan::new(SignatureAlgorithm::EcdsaSha256, KeyAlgorithm::EcP256).is_ok());
    }
}
