//! What is wrong with a response.

use jiff::Timestamp;
use thiserror::Error;

use crate::ResponseStatus;

/// Why a response says nothing that may be relied on.
#[derive(Clone, Debug, Eq, PartialEq, Error)]
pub enum ResponseFault {
    /// Longer than [`MAX_RESPONSE_BYTES`](crate::MAX_RESPONSE_BYTES).
    #[error("the response is {octets} octets long")]
    TooLarge {
        /// Its length.
        octets: usize,
    },
    /// Not an `OCSPResponse` with a `BasicOCSPResponse`.
    #[error("the response is not well-formed")]
    Malformed(#[from] der_07::Error),
    /// Well-formed, but not in DER.
    #[error("the response is not in DER")]
    NotCanonical,
    /// No answer but an exception, unsigned.
    #[error("the responder says {}", .status.code())]
    Exception {
        /// Which.
        status: ResponseStatus,
    },
    /// The responder wants signed requests (RFC 6960 section 2.3, sigRequired).
    #[error("the responder wants signed requests")]
    SignatureRequired,
    /// Successful, and nothing in it; or an exception with something in it.
    #[error("status and contents of the response do not fit together")]
    Contents,
    /// Not of type id-pkix-ocsp-basic.
    #[error("the response is not a basic one")]
    NotBasic,
    /// A critical extension that is not understood, or one that stands twice.
    #[error("an extension of the response is not supported")]
    Extension,
    /// Signed with an algorithm that is not supported.
    #[error("the signature algorithm of the response is not supported")]
    AlgorithmUnsupported,
    /// The signer's certificate is neither the issuer's nor in the response.
    #[error("the response does not bring its signer's certificate")]
    ResponderMissing,
    /// A certificate in the response cannot be read.
    #[error("the responder's certificate cannot be read")]
    ResponderUnreadable,
    /// The signer's certificate was not issued by the issuer in question.
    #[error("the responder's certificate is not of the issuer")]
    ResponderForeign,
    /// The signer's certificate lacks id-kp-OCSPSigning (RFC 6960 section 4.2.2.2).
    #[error("the responder's certificate is not for OCSP")]
    ResponderNotDelegated,
    /// The signer's certificate is not valid now.
    #[error("the responder's certificate is valid from {not_before} to {not_after}")]
    ResponderNotValid {
        /// From.
        not_before: Timestamp,
        /// To, inclusive.
        not_after: Timestamp,
    },
    /// The signer's certificate lacks id-pkix-ocsp-nocheck, and there is nobody to ask about it
    /// (RFC 6960 section 4.2.2.2.1).
    #[error("the responder's certificate has no ocsp-nocheck")]
    ResponderNeedsCheck,
    /// The signature is not the signer's.
    #[error("the signature of the response is not the responder's")]
    Signature,
    /// Another nonce than was sent.
    #[error("the nonce is not the one that was sent")]
    Nonce,
    /// A certificate that was asked about is not answered, or more than once.
    #[error("the response does not answer what was asked")]
    NotAnswered,
    /// A time lies in the future.
    #[error("the response is of {at}, which is to come")]
    NotYet {
        /// producedAt or thisUpdate.
        at: Timestamp,
    },
    /// It does not say how long it holds (RFC 9919 section 3.2.4).
    #[error("the response has no nextUpdate")]
    NoNextUpdate,
    /// It held until nextUpdate.
    #[error("the response held until {next_update}")]
    Stale {
        /// nextUpdate.
        next_update: Timestamp,
    },
}

impl ResponseFault {
    /// A stable slug for metrics and logs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "ocsp-response-too-large",
            Self::Malformed(_) => "ocsp-response-malformed",
            Self::NotCanonical => "ocsp-response-not-der",
            Self::Exception { status } => match status {
                ResponseStatus::MalformedRequest => "ocsp-malformed-request",
                ResponseStatus::InternalError => "ocsp-internal-error",
                ResponseStatus::TryLater => "ocsp-try-later",
                ResponseStatus::Unauthorized => "ocsp-unauthorized",
            },
            Self::SignatureRequired => "ocsp-signature-required",
            Self::Contents => "ocsp-response-contents",
            Self::NotBasic => "ocsp-response-not-basic",
            Self::Extension => "ocsp-response-extension",
            Self::AlgorithmUnsupported => "ocsp-algorithm-unsupported",
            Self::ResponderMissing => "ocsp-responder-missing",
            Self::ResponderUnreadable => "ocsp-responder-unreadable",
            Self::ResponderForeign => "ocsp-responder-foreign",
            Self::ResponderNotDelegated => "ocsp-responder-not-delegated",
            Self::ResponderNotValid { .. } => "ocsp-responder-not-valid",
            Self::ResponderNeedsCheck => "ocsp-responder-needs-check",
            Self::Signature => "ocsp-signature-wrong",
            Self::Nonce => "ocsp-nonce-wrong",
            Self::NotAnswered => "ocsp-not-answered",
            Self::NotYet { .. } => "ocsp-not-yet-valid",
            Self::NoNextUpdate => "ocsp-no-next-update",
            Self::Stale { .. } => "ocsp-stale",
        }
    }
}
