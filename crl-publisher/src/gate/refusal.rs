//! Why a CRL may not be published.

use issuance::crl_reader::CrlReadError;
use pki::{CrlNumber, SerialNumber, time::Timestamp};

/// Why a CRL may not be published, in the order of the checks.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// It does not parse.
    #[error("the list cannot be read")]
    Unreadable(#[source] CrlReadError),
    /// It is not by the issuer.
    #[error("the list is not the issuer's")]
    NotIssued(#[source] CrlReadError),
    /// It is a part of a list, or a change to one.
    #[error("the list is not a full one")]
    Scope,
    /// It does not name the issuer's key.
    #[error("the list has no authority key identifier")]
    NoAuthorityKey,
    /// An entry cannot be read.
    #[error("an entry of the list cannot be read")]
    Entry(#[source] CrlReadError),
    /// A serial number stands twice.
    #[error("serial number {serial} stands twice")]
    Duplicate {
        /// The serial number.
        serial: SerialNumber,
    },
    /// Its number is not the announced one.
    #[error("the list has number {found}, announced was {announced}")]
    OtherNumber {
        /// The number in the list.
        found: CrlNumber,
        /// The number in the feed.
        announced: CrlNumber,
    },
    /// It begins in the future.
    #[error("the list is of {this_update}, which is in the future")]
    NotYetValid {
        /// thisUpdate.
        this_update: Timestamp,
    },
    /// It is over.
    #[error("the list ended {next_update}")]
    Expired {
        /// nextUpdate.
        next_update: Timestamp,
    },
    /// Its number is not above that of the list that stands.
    #[error("the list has number {number}, number {standing} stands")]
    NumberNotHigher {
        /// Its number.
        number: CrlNumber,
        /// The number of the list that stands.
        standing: CrlNumber,
    },
    /// It is older than the list that stands.
    #[error("the list is of {this_update}, the one that stands of {standing}")]
    OlderThanStanding {
        /// Its thisUpdate.
        this_update: Timestamp,
        /// thisUpdate of the list that stands.
        standing: Timestamp,
    },
    /// A revocation that the feed told of is not on it.
    #[error("the revocation of {serial} is missing")]
    RevocationMissing {
        /// The certificate.
        serial: SerialNumber,
    },
    /// An entry of the list that stands is not on it, without expiry or release.
    #[error("the entry of {serial} was dropped")]
    EntryDropped {
        /// The certificate.
        serial: SerialNumber,
    },
}

impl Refusal {
    /// A stable slug for logs and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "crl-unreadable",
            Self::NotIssued(_) => "crl-not-issued",
            Self::Scope => "crl-scope",
            Self::NoAuthorityKey => "crl-no-authority-key",
            Self::Entry(_) => "crl-entry-unreadable",
            Self::Duplicate { .. } => "crl-duplicate-entry",
            Self::OtherNumber { .. } => "crl-other-number",
            Self::NotYetValid { .. } => "crl-not-yet-valid",
            Self::Expired { .. } => "crl-expired",
            Self::NumberNotHigher { .. } => "crl-number-not-higher",
            Self::OlderThanStanding { .. } => "crl-older-than-standing",
            Self::RevocationMissing { .. } => "crl-revocation-missing",
            Self::EntryDropped { .. } => "crl-entry-dropped",
        }
    }
}
