//! What can be wrong with a JWS.

use pki::{KeyAlgorithm, SignatureAlgorithm};

/// Why a JWS was not made or not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// A part is not base64url without padding.
    #[error("{part} is not base64url (RFC 7515 section 2)")]
    Encoding {
        /// `protected`, `payload` or `signature`.
        part: &'static str,
    },
    /// The protected header is not a header that we make.
    #[error("the protected header is not one with alg, typ and x5c alone: {reason}")]
    Header {
        /// What the JSON reader says.
        reason: String,
    },
    /// A certificate of `x5c` does not parse.
    #[error("a certificate of x5c is malformed")]
    Certificate,
    /// `x5c` is empty.
    #[error("x5c names no certificate")]
    NoCertificate,
    /// The algorithm does not belong to the key of the first certificate.
    #[error("the algorithm {algorithm} does not belong to a key of type {key}")]
    Algorithm {
        /// `alg` as written.
        algorithm: String,
        /// The key's algorithm.
        key: KeyAlgorithm,
    },
    /// JOSE has no name for such signatures.
    #[error("JOSE has no name for {algorithm} with a key of type {key}")]
    Unnamed {
        /// The signature's algorithm.
        algorithm: SignatureAlgorithm,
        /// The key's algorithm.
        key: KeyAlgorithm,
    },
    /// The signature does not verify.
    #[error("the signature does not verify")]
    Signature,
}
