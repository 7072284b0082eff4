//! CRLs as recorded.

use bytes::Bytes;
use jiff::Timestamp;
use pki::{CrlNumber, CrlScope, IssuerName, RevocationReason, SerialNumber};

/// A signed list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrlRecord {
    /// Who signed it.
    pub issuer: IssuerName,
    /// What it covers.
    pub scope: CrlScope,
    /// CRLNumber.
    pub number: CrlNumber,
    /// The complete list that a delta adds to.
    pub base: Option<CrlNumber>,
    /// thisUpdate.
    pub this_update: Timestamp,
    /// nextUpdate.
    pub next_update: Timestamp,
    /// The list, shared: it may be large.
    pub crl_der: Bytes,
    /// The feed's head when its entries were read; 0 for an imported list.
    pub as_of: u64,
}

/// A list in the overview, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentCrl {
    /// Who signed it.
    pub issuer: IssuerName,
    /// What it covers.
    pub scope: CrlScope,
    /// CRLNumber.
    pub number: CrlNumber,
    /// thisUpdate.
    pub this_update: Timestamp,
    /// nextUpdate.
    pub next_update: Timestamp,
    /// The complete list that a delta adds to.
    pub base: Option<CrlNumber>,
    /// The feed's head when its entries were read; 0 for an imported list.
    pub as_of: u64,
    /// How many octets it has.
    pub size: u64,
    /// Publishers that have published this number.
    pub published_by: Vec<String>,
}

/// Why a list was not recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CrlRefusal {
    /// Its number is not above that of the last list.
    #[error("the CRL number is not above {last}")]
    NumberNotAhead {
        /// The last number.
        last: CrlNumber,
    },
    /// Its thisUpdate, or the moment of its entries, lies before that of the last list.
    #[error("the list is older than the last one")]
    Older,
    /// Its number was not reserved.
    #[error("the CRL number was not reserved")]
    NotReserved,
    /// There is no such issuer.
    #[error("there is no such issuer")]
    IssuerNotFound,
}

impl CrlRefusal {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::NumberNotAhead { .. } => "crl-number-not-ahead",
            Self::Older => "crl-older",
            Self::NotReserved => "crl-number-not-reserved",
            Self::IssuerNotFound => "issuer-not-found",
        }
    }
}

/// An entry of the next list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RevokedEntry {
    /// The certificate.
    pub serial: SerialNumber,
    /// Since when it counts as revoked.
    pub revoked_at: Timestamp,
    /// Why; absent for `unspecified`, which is not to be written (RFC 5280 section 5.3.1).
    pub reason: Option<RevocationReason>,
    /// When the key is known to have been compromised.
    pub invalidity_date: Option<Timestamp>,
}
