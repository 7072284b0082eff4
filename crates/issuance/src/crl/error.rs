//! Why a CRL is not prepared.

use pki::{CrlNumber, SerialNumber};
use thiserror::Error;

/// Why a CRL could not be prepared.
#[derive(Debug, Error)]
pub enum CrlError {
    /// The next update would not be after this one.
    #[error("nextUpdate is not after thisUpdate")]
    EmptyValidity,
    /// A delta must have a higher number than its base (RFC 5280 section 5.2.4).
    #[error("delta CRL number {number} is not above its base {base}")]
    DeltaNotAboveBase {
        /// Number of the delta.
        number: CrlNumber,
        /// Number of its base.
        base: CrlNumber,
    },
    /// Entries must come in strictly ascending order of serial number.
    #[error("serial {serial} is not above the one before it")]
    NotAscending {
        /// The entry that came too late, or twice.
        serial: SerialNumber,
    },
    /// `removeFromCRL` belongs on delta CRLs only (RFC 5280 section 5.3.1).
    #[error("serial {serial} says removeFromCRL on a CRL that is not a delta")]
    RemovalOnFullList {
        /// The entry in question.
        serial: SerialNumber,
    },
    /// A time has no X.509 form.
    #[error("cannot encode a time of the CRL")]
    Time(#[from] pki::time::TimeError),
    /// A value has no encoding.
    #[error("cannot encode the CRL")]
    Encoding(#[from] der::Error),
}

impl CrlError {
    /// A stable slug for logs, metrics and audit.
    pub fn code(&self) -> &'static str {
        match self {
            Self::EmptyValidity => "crl-empty-validity",
            Self::DeltaNotAboveBase { .. } => "crl-delta-not-above-base",
            Self::NotAscending { .. } => "crl-not-ascending",
            Self::RemovalOnFullList { .. } => "crl-removal-on-full-list",
            Self::Time(_) | Self::Encoding(_) => "crl-not-encodable",
        }
    }
}
