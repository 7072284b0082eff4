//! The gate: whether a CRL may replace the one that stands.
//!
//! Everything is checked against the issuer's certificate, the lists that stand and this process's
//! own copy of the feed. A CA that lost its database, or that somebody else runs, can sign lists
//! that leave revocations out; they end here.
//!
//! A list says as of which place in the feed its entries were read. What the copy knows from
//! before that place must be on the list exactly as the copy has it; what changed later may be
//! shown either way. Entries are compared one serial number at a time, in ascending order, so that
//! memory does not grow with the list.
//!
//! Where the list that stands went through here itself, what neither the new list nor the copy has
//! changed since is still right, and only the rest is compared.

mod agreed;
mod changes;
mod companion;
mod contents;
mod entries;
mod frame;
mod list;
mod refusal;

use std::{panic::resume_unwind, sync::Arc, thread};

use feed::IssuerKind;
use pki::{Certificate, CrlNumber, CrlScope, IssuerName, SerialNumber, time::Timestamp};
use store::{StoreError, copy::CopiedStatus};

use self::agreed::Places;
pub use self::{
    agreed::{Agreed, Released},
    contents::Contents,
    list::{List, Octets},
    refusal::Refusal,
};

/// What the feed announced of an offered list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// What it covers.
    pub scope: CrlScope,
    /// `CRLNumber`.
    pub number: CrlNumber,
    /// The complete list that a delta adds to.
    pub base: Option<CrlNumber>,
    /// The place in the feed at which its entries were read.
    pub as_of: u64,
    /// The place of its announcement in the feed.
    pub sequence: u64,
}

/// What an offered list is compared with.
#[derive(Debug, Clone)]
pub struct Against {
    /// The issuer's name in paths.
    pub name: IssuerName,
    /// The issuer's certificate.
    pub issuer: Certificate,
    /// What the issuer signs.
    pub kind: IssuerKind,
    /// Base URL of the published files, as the policy has it; none for a root.
    pub repository: Option<String>,
    /// The list of the same scope that stands.
    pub standing: Option<List>,
    /// The complete list that stands: what a delta is applied to and a shard is a part of.
    pub full: Option<List>,
    /// The shards that stand: parts of a complete list.
    pub shards: Vec<(u16, List)>,
    /// What was published in this scope before, even if it stands no more.
    pub floor: Option<Floor>,
    /// As of which place in the feed the delta's base was read; none if it was not acknowledged.
    pub base_as_of: Option<u64>,
    /// Whether a list of this scope may have been made between the one that stands and this one.
    pub gap: bool,
    /// The CA certificates that the copy knows: what may be on the list of a root.
    pub ca_certificates: Vec<Certificate>,
    /// Most octets of a list.
    pub max_bytes: u64,
    /// The time.
    pub now: Timestamp,
}

/// The newest list that was published, or about to be, in some scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Floor {
    /// `CRLNumber`.
    pub number: CrlNumber,
    /// thisUpdate.
    pub this_update: Timestamp,
    /// The place in the feed at which its entries were read, if that is known.
    pub as_of: Option<u64>,
    /// SHA-256 of its DER.
    pub digest: [u8; 32],
}

/// What the copy knows of the issuer's certificates (of the shard's, for a shard).
pub trait Statuses {
    /// The next certificate that is not good, in ascending order of serial numbers.
    ///
    /// # Errors
    /// [`StoreError`].
    fn next_bad(&mut self) -> Result<Option<CopiedStatus>, StoreError>;

    /// One certificate of the issuer.
    ///
    /// # Errors
    /// [`StoreError`].
    fn look_up(&mut self, serial: SerialNumber) -> Result<Option<CopiedStatus>, StoreError>;

    /// The certificates that are not good, or were not before, whose entries in the feed came after
    /// a place; in any order, and not more than `limit` of them.
    ///
    /// # Errors
    /// [`StoreError`].
    fn changed_since(
        &mut self,
        sequence: u64,
        limit: usize,
    ) -> Result<Vec<CopiedStatus>, StoreError>;
}

/// Checks an offered list.
///
/// # Errors
/// [`Refusal`]; the list that stands must go on standing.
pub fn check(
    offer: &Offer,
    octets: Octets,
    against: &Against,
    statuses: &mut dyn Statuses,
) -> Result<List, Refusal> {
    frame::check_size(&octets.der, against.max_bytes)?;
    let contents = Contents::read(octets)?;
    // Of a long list the signature takes as long as the entries.
    let (signed, released) = thread::scope(|scope| {
        let signature = scope.spawn(|| {
            let signed = contents.verify_issued_by(&against.issuer)?;
            Places::of(&contents).map(|places| (signed, places))
        });
        let released = check_what_it_says(offer, &contents, against, statuses);
        let signed = signature.join();
        (
            signed.unwrap_or_else(|panic| resume_unwind(panic)),
            released,
        )
    });
    let (signed, places) = signed?;
    let agreed = Agreed::new(places, released?);
    let mut list = List::new(contents, signed);
    list.as_of = Some(offer.as_of);
    list.agreed = Some(Arc::new(agreed));
    Ok(list)
}

fn check_what_it_says(
    offer: &Offer,
    list: &Contents,
    against: &Against,
    statuses: &mut dyn Statuses,
) -> Result<Released, Refusal> {
    frame::check_announced(offer, list)?;
    frame::check_coverage(offer, list, against)?;
    frame::check_times(list, against.now)?;
    frame::check_order(offer, list, against)?;
    match changes::check(offer, list, against, statuses)? {
        Some(released) => Ok(released),
        None => entries::check(offer, list, against, statuses),
    }
}

/// Compares the entries of a list that stands with the copy, as [`check`] does when it lets one
/// through.
///
/// # Errors
/// [`Refusal`].
pub fn agree(
    offer: &Offer,
    list: &List,
    against: &Against,
    statuses: &mut dyn Statuses,
) -> Result<Arc<Agreed>, Refusal> {
    let released = entries::check(offer, list, against, statuses)?;
    Ok(Arc::new(Agreed::new(Places::of(list)?, released)))
}

#[cfg(test)]
mod tests;
