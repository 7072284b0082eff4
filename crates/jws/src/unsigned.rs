//! A JWS before its signature.

use std::sync::Arc;

use pki::{Certificate, PublicKey, SignatureAlgorithm};

use crate::algorithm::{name_of, to_jose};
use crate::header::{Header, encode};
use crate::{JwsError, SignedJson};

/// Header and payload, frozen: what is going to be signed.
#[must_use]
#[derive(Debug)]
pub struct Unsigned {
    protected: String,
    payload: String,
    algorithm: SignatureAlgorithm,
    key: PublicKey,
}

impl Unsigned {
    /// `typ` is a media type without `application/` (RFC 7515 section 4.1.9); `chain` begins with
    /// the signer's certificate.
    ///
    /// # Errors
    /// The chain is empty, or JOSE has no name for such signatures.
    pub fn new(
        typ: &str,
        algorithm: SignatureAlgorithm,
        chain: &[Certificate],
        payload: &[u8],
    ) -> Result<Self, JwsError> {
        let key = chain
            .first()
            .ok_or(JwsError::NoCertificate)?
            .public_key()
            .clone();
        let name = name_of(algorithm, key.algorithm()).ok_or(JwsError::Unnamed {
            algorithm,
            key: key.algorithm(),
        })?;
        Ok(Self {
            protected: Header::new(name, typ, chain).encode()?,
            payload: encode(payload),
            algorithm,
            key,
        })
    }

    /// The octets to sign (RFC 7515 section 5.1).
    pub fn signing_input(&self) -> Arc<[u8]> {
        Arc::from(format!("{}.{}", self.protected, self.payload).into_bytes())
    }

    /// Verifies a signature in X.509 form under the signer's certificate, and assembles the JWS.
    ///
    /// # Errors
    /// [`JwsError::Signature`] if it is not good.
    pub fn complete(self, signature: &[u8]) -> Result<SignedJson, JwsError> {
        self.key
            .verify(self.algorithm, &self.signing_input(), signature)
            .map_err(|_| JwsError::Signature)?;
        let signature = to_jose(self.key.algorithm(), signature).ok_or(JwsError::Signature)?;
        Ok(SignedJson {
            payload: self.payload,
            protected: self.protected,
            signature: encode(&signature),
        })
    }
}
