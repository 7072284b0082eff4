//! Why a request is not answered, and what the client hears.

use thiserror::Error;

use crate::ResponseStatus;

/// Why a request is not answered.
#[derive(Clone, Debug, Eq, PartialEq, Error)]
pub enum RequestError {
    /// Longer than [`MAX_REQUEST_BYTES`](crate::MAX_REQUEST_BYTES).
    #[error("the request is {octets} octets long")]
    TooLarge {
        /// Its length.
        octets: usize,
    },
    /// Not an `OCSPRequest`.
    #[error("the request is not well-formed")]
    Malformed(#[from] der_07::Error),
    /// An `OCSPRequest`, but not in DER.
    #[error("the request is not in DER")]
    NotCanonical,
    /// An extension stands twice.
    #[error("an extension of the request stands twice")]
    DuplicateExtension,
    /// A critical extension that is not understood.
    #[error("a critical extension of the request is not supported")]
    CriticalExtension,
    /// A nonce that is no OCTET STRING of 1 to 128 octets.
    #[error("the nonce is not 1 to 128 octets long")]
    Nonce,
    /// The preferred signature algorithms are no list of algorithms.
    #[error("the preferred signature algorithms cannot be read")]
    PreferredAlgorithms,
    /// It asks about nothing.
    #[error("the request asks about no certificate")]
    NoCertIds,
    /// It asks about more than [`MAX_CERT_IDS`](crate::MAX_CERT_IDS).
    #[error("the request asks about {count} certificates")]
    TooManyCertIds {
        /// How many.
        count: usize,
    },
    /// A serial number that no certificate can have.
    #[error("a serial number of the request is not positive or too long")]
    Serial,
    /// A CertID with a hash that no issuer is known by here.
    #[error("the hash algorithm of a CertID is not supported")]
    HashUnsupported,
}

impl RequestError {
    /// What to answer: for an unknown hash the issuer is not recognised, the rest is malformed
    /// (RFC 6960 section 2.3).
    pub fn status(&self) -> ResponseStatus {
        match self {
            Self::HashUnsupported => ResponseStatus::Unauthorized,
            Self::TooLarge { .. }
            | Self::Malformed(_)
            | Self::NotCanonical
            | Self::DuplicateExtension
            | Self::CriticalExtension
            | Self::Nonce
            | Self::PreferredAlgorithms
            | Self::NoCertIds
            | Self::TooManyCertIds { .. }
            | Self::Serial => ResponseStatus::MalformedRequest,
        }
    }

    /// A stable slug for metrics and logs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "ocsp-request-too-large",
            Self::Malformed(_) => "ocsp-request-malformed",
            Self::NotCanonical => "ocsp-request-not-der",
            Self::DuplicateExtension => "ocsp-duplicate-extension",
            Self::CriticalExtension => "ocsp-critical-extension",
            Self::Nonce => "ocsp-nonce",
            Self::PreferredAlgorithms => "ocsp-preferred-algorithms",
            Self::NoCertIds => "ocsp-no-cert-ids",
            Self::TooManyCertIds { .. } => "ocsp-too-many-cert-ids",
            Self::Serial => "ocsp-serial",
            Self::HashUnsupported => "ocsp-hash-unsupported",
        }
    }
}
