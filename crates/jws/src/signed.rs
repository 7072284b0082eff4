//! A JWS with its signature.

use pki::Certificate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::JwsError;
use crate::algorithm::{from_jose, named};
use crate::header::{Header, decode};

/// A JWS in flattened JSON serialization (RFC 7515 section 7.2.2), without an unprotected header.
/// The compact form of the same is `protected.payload.signature`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignedJson {
    /// What is signed, base64url.
    pub payload: String,
    /// The protected header, base64url of JSON: `alg`, `typ`, and `x5c` with the certificate of the
    /// signer and those above it.
    pub protected: String,
    /// The signature over `protected.payload`, base64url.
    pub signature: String,
}

/// A JWS whose signature is good under the key of its first certificate. Whether that certificate
/// may sign such things is for the caller to check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The signer's certificate and those above it, as sent: nothing says yet that they belong
    /// together.
    pub chain: Vec<Certificate>,
    /// `alg` of the header.
    pub algorithm: String,
    /// `typ` of the header.
    pub typ: String,
    /// What was signed.
    pub payload: Vec<u8>,
}

impl SignedJson {
    /// Verifies the signature under the key of the first certificate of `x5c`.
    ///
    /// # Errors
    /// [`JwsError`] names the first thing that is wrong.
    pub fn verify(&self) -> Result<Verified, JwsError> {
        let header = Header::read(&self.protected)?;
        let payload = decode(&self.payload, "payload")?;
        let signature = decode(&self.signature, "signature")?;
        let chain = header.chain()?;
        let key = chain.first().ok_or(JwsError::NoCertificate)?.public_key();
        // The key says what the header may say, never the other way round (RFC 8725 section 3.1).
        let algorithm = named(&header.alg, key.algorithm()).ok_or_else(|| JwsError::Algorithm {
            algorithm: header.alg.clone(),
            key: key.algorithm(),
        })?;
        let signature = from_jose(key.algorithm(), &signature).ok_or(JwsError::Signature)?;
        let input = format!("{}.{}", self.protected, self.payload);
        key.verify(algorithm, input.as_bytes(), &signature)
            .map_err(|_| JwsError::Signature)?;
        Ok(Verified {
            algorithm: header.alg,
            typ: header.typ,
            chain,
            payload,
        })
    }
}
