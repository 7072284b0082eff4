//! Responses without a signature: the exceptions of RFC 6960 section 2.3.

/// An exceptional outcome (RFC 6960 section 4.2.1).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ResponseStatus {
    /// The request was not understood.
    MalformedRequest,
    /// The responder is broken.
    InternalError,
    /// The responder cannot answer now.
    TryLater,
    /// The responder does not answer for this issuer, or no longer for this certificate.
    Unauthorized,
}

impl ResponseStatus {
    /// The value of `OCSPResponseStatus`.
    pub fn value(self) -> u8 {
        match self {
            Self::MalformedRequest => 1,
            Self::InternalError => 2,
            Self::TryLater => 3,
            Self::Unauthorized => 6,
        }
    }

    /// A stable slug for metrics and logs.
    pub fn code(self) -> &'static str {
        match self {
            Self::MalformedRequest => "malformed-request",
            Self::InternalError => "internal-error",
            Self::TryLater => "try-later",
            Self::Unauthorized => "unauthorized",
        }
    }
}

/// Encodes an `OCSPResponse` that is nothing but a status.
///
/// ```text
/// OCSPResponse ::= SEQUENCE {
///    responseStatus         OCSPResponseStatus,
///    responseBytes          [0] EXPLICIT ResponseBytes OPTIONAL }
/// ```
pub fn unsigned(status: ResponseStatus) -> Vec<u8> {
    vec![0x30, 0x03, 0x0a, 0x01, status.value()]
}
