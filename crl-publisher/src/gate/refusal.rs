//! Why a CRL may not be published.

use issuance::crl_reader::CrlReadError;
use pki::{CrlNumber, CrlScope, SerialNumber, time::Timestamp};
use store::StoreError;

/// Why a CRL may not be published, in the order of the checks.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// It is larger than a list may be.
    #[error("the list has {size} octets, more than {max_bytes}")]
    TooLarge {
        /// Its octets.
        size: u64,
        /// The most that are allowed.
        max_bytes: u64,
    },
    /// It does not parse.
    #[error("the list cannot be read")]
    Unreadable(#[source] CrlReadError),
    /// It is not by the issuer.
    #[error("the list is not the issuer's")]
    NotIssued(#[source] CrlReadError),
    /// Its number is not the announced one.
    #[error("the list has number {found}, announced was {announced}")]
    OtherNumber {
        /// The number in the list.
        found: CrlNumber,
        /// The number in the feed.
        announced: CrlNumber,
    },
    /// The place in the feed at which it is said to have been read is not possible.
    #[error("the list was read as of {as_of}, which {bound} forbids")]
    AsOf {
        /// The place.
        as_of: u64,
        /// That of its announcement, or of the list before.
        bound: u64,
    },
    /// It does not name the issuer's key.
    #[error("the list has no authority key identifier")]
    NoAuthorityKey,
    /// It does not say that it covers what lists of its scope cover, under their URL.
    #[error("the list does not cover what one of scope {scope} does")]
    Scope {
        /// The scope.
        scope: CrlScope,
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
    /// It adds to a list that was not acknowledged.
    #[error("the delta is against {base:?}, which was not acknowledged")]
    DeltaBase {
        /// Its base.
        base: Option<CrlNumber>,
    },
    /// An entry cannot be read.
    #[error("an entry of the list cannot be read")]
    Entry(#[source] CrlReadError),
    /// A serial number stands twice.
    #[error("serial number {serial} stands twice")]
    Duplicate {
        /// The serial number.
        serial: SerialNumber,
    },
    /// An entry stands after one with a higher serial number.
    #[error("serial number {serial} is out of order")]
    NotSorted {
        /// The serial number.
        serial: SerialNumber,
    },
    /// More entries than a root can have.
    #[error("the list of a root has too many entries")]
    TooManyEntries,
    /// An entry is of a certificate that the feed never told of.
    #[error("no certificate {serial} is known")]
    Unknown {
        /// The certificate.
        serial: SerialNumber,
    },
    /// An entry is of a certificate of another shard.
    #[error("the certificate {serial} is not of this shard")]
    OtherShard {
        /// The certificate.
        serial: SerialNumber,
    },
    /// An entry is of a certificate that is good.
    #[error("the certificate {serial} is not revoked")]
    NotRevoked {
        /// The certificate.
        serial: SerialNumber,
    },
    /// An entry tells another date or reason than the feed.
    #[error("the entry of {serial} tells another date or reason than the feed")]
    EntryDiffers {
        /// The certificate.
        serial: SerialNumber,
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
    /// The complete list and a shard do not show the same.
    #[error("of {serial} shard {shard} and the complete list do not show the same")]
    ShardDiffers {
        /// The certificate.
        serial: SerialNumber,
        /// Its shard.
        shard: u16,
    },
    /// It has more octets than its entries explain.
    #[error("the list has {size} octets for {entries} entries")]
    Oversized {
        /// Its octets.
        size: u64,
        /// Its entries.
        entries: u64,
    },
    /// Nothing is known, because the copy failed.
    #[error("the copy failed")]
    Copy(#[from] StoreError),
}

impl Refusal {
    /// A stable slug for logs and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "crl-too-large",
            Self::Unreadable(_) => "crl-unreadable",
            Self::NotIssued(_) => "crl-not-issued",
            Self::OtherNumber { .. } => "crl-other-number",
            Self::AsOf { .. } => "crl-as-of",
            Self::NoAuthorityKey => "crl-no-authority-key",
            Self::Scope { .. } => "crl-scope",
            Self::NotYetValid { .. } => "crl-not-yet-valid",
            Self::Expired { .. } => "crl-expired",
            Self::NumberNotHigher { .. } => "crl-number-not-higher",
            Self::OlderThanStanding { .. } => "crl-older-than-standing",
            Self::DeltaBase { .. } => "crl-delta-base",
            Self::Entry(_) => "crl-entry-unreadable",
            Self::Duplicate { .. } => "crl-duplicate-entry",
            Self::NotSorted { .. } => "crl-not-sorted",
            Self::TooManyEntries => "crl-too-many-entries",
            Self::Unknown { .. } => "crl-entry-unknown",
            Self::OtherShard { .. } => "crl-entry-other-shard",
            Self::NotRevoked { .. } => "crl-entry-not-revoked",
            Self::EntryDiffers { .. } => "crl-entry-differs",
            Self::RevocationMissing { .. } => "crl-revocation-missing",
            Self::EntryDropped { .. } => "crl-entry-dropped",
            Self::ShardDiffers { .. } => "crl-shard-differs",
            Self::Oversized { .. } => "crl-oversized",
            Self::Copy(_) => "copy-unusable",
        }
    }
}
