//! The gate: whether a CRL may replace the one that stands.
//!
//! Everything is checked against the issuer's certificate, the list that stands and this process's
//! own copy of the feed. A CA that lost its database, or that somebody else runs, can sign lists
//! that leave revocations out; they end here.

mod entries;
mod refusal;

use feed::IssuerKind;
use issuance::{CrlCoverage, crl_reader::CrlView};
use pki::{
    Certificate, CrlNumber, SerialNumber,
    time::{SignedDuration, Timestamp},
};
use sha2::{Digest as _, Sha256};

pub use self::refusal::Refusal;
use crate::knowledge::Certificates;

/// How far the CA's clock may run ahead of this one.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// A CRL as the feed brought it.
#[derive(Debug, Clone, Copy)]
pub struct Offer<'a> {
    /// Sequence number of the feed entry: revocations with a lower one should be on the list.
    pub seq: u64,
    /// CRLNumber, as the feed has it.
    pub number: CrlNumber,
    /// The list, DER.
    pub der: &'a [u8],
}

/// What an offered list is compared with.
#[derive(Debug, Clone, Copy)]
pub struct Against<'a> {
    /// The issuer's certificate.
    pub issuer: &'a Certificate,
    /// What the issuer signs.
    pub kind: IssuerKind,
    /// The list that stands, if there is one.
    pub standing: Option<&'a CheckedList>,
    /// What is known of the issuer's certificates.
    pub certificates: &'a Certificates,
    /// The time.
    pub now: Timestamp,
}

/// A list that was read and whose signature is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedList {
    /// CRLNumber.
    pub number: CrlNumber,
    /// thisUpdate.
    pub this_update: Timestamp,
    /// nextUpdate.
    pub next_update: Timestamp,
    /// The serial numbers on it, ascending.
    pub serials: Vec<SerialNumber>,
    /// SHA-256 of its DER.
    pub digest: [u8; 32],
}

impl CheckedList {
    /// Reads a list and verifies that `issuer` signed it: all that can be asked of a list that was
    /// published before.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn read(der: &[u8], issuer: &Certificate, kind: IssuerKind) -> Result<Self, Refusal> {
        let list = CrlView::parse(der).map_err(Refusal::Unreadable)?;
        list.verify_issued_by(issuer).map_err(Refusal::NotIssued)?;
        check_scope(&list, kind)?;
        Ok(Self {
            number: list.number(),
            this_update: list.this_update(),
            next_update: list.next_update(),
            serials: entries::serials(&list)?,
            digest: Sha256::digest(der).into(),
        })
    }
}

/// Checks an offered list.
///
/// # Errors
/// [`Refusal`]; the list that stands must go on standing.
pub fn check(offer: &Offer<'_>, against: &Against<'_>) -> Result<CheckedList, Refusal> {
    let list = CheckedList::read(offer.der, against.issuer, against.kind)?;
    if list.number != offer.number {
        return Err(Refusal::OtherNumber {
            found: list.number,
            announced: offer.number,
        });
    }
    check_times(&list, against.now)?;
    if let Some(standing) = against.standing {
        check_order(&list, standing)?;
    }
    entries::check_revocations(&list, offer.seq, against)?;
    if let Some(standing) = against.standing {
        entries::check_dropped(&list, standing, against)?;
    }
    Ok(list)
}

/// An issuing CA's list is the full one and names its key (RFC 5280 section 5.2.1). A root's may
/// come from elsewhere and say that it covers CA certificates; a delta stands on nothing here.
fn check_scope(list: &CrlView<'_>, kind: IssuerKind) -> Result<(), Refusal> {
    let scope = list.scope();
    match kind {
        IssuerKind::Root if scope.delta_base.is_none() => Ok(()),
        IssuerKind::Root => Err(Refusal::Scope),
        IssuerKind::Issuing | IssuerKind::Management => {
            if *scope != CrlCoverage::default() {
                return Err(Refusal::Scope);
            }
            list.authority_key_id()
                .map(drop)
                .ok_or(Refusal::NoAuthorityKey)
        }
    }
}

fn check_times(list: &CheckedList, now: Timestamp) -> Result<(), Refusal> {
    let latest = now.checked_add(CLOCK_TOLERANCE).unwrap_or(Timestamp::MAX);
    if list.this_update > latest {
        return Err(Refusal::NotYetValid {
            this_update: list.this_update,
        });
    }
    if list.next_update <= now || list.next_update <= list.this_update {
        return Err(Refusal::Expired {
            next_update: list.next_update,
        });
    }
    Ok(())
}

/// Numbers and times only go up (RFC 5280 section 5.2.3). Two lists of one second are possible.
fn check_order(list: &CheckedList, standing: &CheckedList) -> Result<(), Refusal> {
    if list.number <= standing.number {
        return Err(Refusal::NumberNotHigher {
            number: list.number,
            standing: standing.number,
        });
    }
    if list.this_update < standing.this_update {
        return Err(Refusal::OlderThanStanding {
            this_update: list.this_update,
            standing: standing.this_update,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
