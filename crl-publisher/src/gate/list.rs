//! A list whose signature is good, and its entries in order.

use std::{iter::Peekable, sync::Arc, vec::IntoIter};

use bytes::Bytes;
use feed::IssuerKind;
use issuance::{
    CrlCoverage, CrlEntry,
    crl_reader::{CrlReadError, CrlView, Entries as ListedEntries, EntryViews},
};
use pki::{Certificate, CrlNumber, SerialNumber, time::Timestamp};
use sha2::{Digest as _, Sha256};

use super::{Agreed, Refusal};

/// What may be a list, with its digest: to take that of a million entries twice costs as much as to
/// verify their signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Octets {
    /// DER, if it is a list.
    pub der: Bytes,
    /// SHA-256 of it.
    pub digest: [u8; 32],
}

impl From<Bytes> for Octets {
    fn from(der: Bytes) -> Self {
        let digest = Sha256::digest(&der).into();
        Self { der, digest }
    }
}

/// A list that was read and whose signature is good. Clones share its octets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// `CRLNumber`.
    pub number: CrlNumber,
    /// thisUpdate.
    pub this_update: Timestamp,
    /// nextUpdate.
    pub next_update: Timestamp,
    /// The place in the feed at which its entries were read, if that is known.
    pub as_of: Option<u64>,
    /// What it covers.
    pub coverage: CrlCoverage,
    /// Whether it names the issuer's key.
    pub has_authority_key: bool,
    /// SHA-256 of its DER.
    pub digest: [u8; 32],
    /// Its DER.
    pub der: Bytes,
    /// What its entries were found to be, if they were compared with the copy that is there now.
    pub agreed: Option<Arc<Agreed>>,
}

impl List {
    /// Reads a list and verifies that `issuer` signed it: all that can be asked of a list that was
    /// published before.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn read(octets: Octets, issuer: &Certificate) -> Result<Self, Refusal> {
        let list = Self::unverified(octets)?;
        list.verify_issued_by(issuer)?;
        Ok(list)
    }

    /// Reads what may be a list: to be verified before anybody relies on it.
    pub(super) fn unverified(octets: Octets) -> Result<Self, Refusal> {
        let Octets { der, digest } = octets;
        let view = CrlView::parse(&der).map_err(Refusal::Unreadable)?;
        Ok(Self {
            number: view.number(),
            this_update: view.this_update(),
            next_update: view.next_update(),
            as_of: None,
            coverage: view.scope().clone(),
            has_authority_key: view.authority_key_id().is_some(),
            digest,
            der,
            agreed: None,
        })
    }

    pub(super) fn verify_issued_by(&self, issuer: &Certificate) -> Result<(), Refusal> {
        let view = CrlView::parse(&self.der).map_err(Refusal::Unreadable)?;
        view.verify_issued_by(issuer).map_err(Refusal::NotIssued)
    }

    /// The number of a list that `issuer` signed; none if it is nothing of the kind.
    pub fn number_of(der: &[u8], issuer: &Certificate) -> Option<CrlNumber> {
        let view = CrlView::parse(der).ok()?;
        view.verify_issued_by(issuer).ok()?;
        Some(view.number())
    }

    /// The entries, of which only serial numbers are read at first.
    pub(super) fn views(&self) -> Result<EntryViews<'_>, Refusal> {
        let view = CrlView::parse(&self.der).map_err(Refusal::Unreadable)?;
        Ok(view.entry_views())
    }

    /// The entries, ascending.
    pub(super) fn entries(&self, kind: IssuerKind) -> Result<Entries<'_>, Refusal> {
        let view = CrlView::parse(&self.der).map_err(Refusal::Unreadable)?;
        let source = match kind {
            IssuerKind::Issuing | IssuerKind::Management => Source::Listed(view.entries()),
            IssuerKind::Root => Source::Sorted(sorted(view.entries())?.into_iter()),
        };
        Ok(Entries {
            rest: Ordered { source, last: None }.peekable(),
        })
    }
}

/// A root's list may come from elsewhere and need not be sorted. It is short.
fn sorted(entries: ListedEntries<'_>) -> Result<Vec<CrlEntry>, Refusal> {
    let entries = entries.take(MOST_OF_A_ROOT + 1);
    let entries: Result<Vec<_>, _> = entries.collect();
    let mut entries = entries.map_err(Refusal::Entry)?;
    if entries.len() > MOST_OF_A_ROOT {
        return Err(Refusal::TooManyEntries);
    }
    entries.sort_by_key(|entry| entry.serial);
    Ok(entries)
}

/// The entries of a list, one at a time, each above the one before.
#[derive(Debug)]
pub(super) struct Entries<'a> {
    rest: Peekable<Ordered<'a>>,
}

impl Entries<'_> {
    /// All entries that are left, in order.
    pub(super) fn all(self) -> impl Iterator<Item = Result<CrlEntry, Refusal>> {
        self.rest
    }

    /// The serial number of the next entry.
    pub(super) fn next_serial(&mut self) -> Result<Option<SerialNumber>, Refusal> {
        match self.rest.peek() {
            None => Ok(None),
            Some(Ok(entry)) => Ok(Some(entry.serial)),
            Some(Err(_)) => match self.rest.next() {
                Some(Err(refusal)) => Err(refusal),
                Some(Ok(_)) | None => Ok(None),
            },
        }
    }

    /// Takes the next entry if it is about `serial`.
    pub(super) fn take(&mut self, serial: SerialNumber) -> Result<Option<CrlEntry>, Refusal> {
        if self.next_serial()? == Some(serial) {
            self.rest.next().transpose()
        } else {
            Ok(None)
        }
    }

    /// Whether there is an entry for `serial`; those before it are passed over.
    pub(super) fn shows(&mut self, serial: SerialNumber) -> Result<bool, Refusal> {
        while self.next_serial()?.is_some_and(|next| next < serial) {
            self.rest.next();
        }
        Ok(self.next_serial()? == Some(serial))
    }
}

#[derive(Debug)]
struct Ordered<'a> {
    source: Source<'a>,
    last: Option<SerialNumber>,
}

#[derive(Debug)]
enum Source<'a> {
    Listed(ListedEntries<'a>),
    Sorted(IntoIter<CrlEntry>),
}

impl Iterator for Ordered<'_> {
    type Item = Result<CrlEntry, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        let entry: Result<CrlEntry, CrlReadError> = match &mut self.source {
            Source::Listed(entries) => entries.next()?,
            Source::Sorted(entries) => Ok(entries.next()?),
        };
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => return Some(Err(Refusal::Entry(error))),
        };
        let serial = entry.serial;
        let last = self.last.replace(serial);
        Some(match last {
            Some(last) if last == serial => Err(Refusal::Duplicate { serial }),
            Some(last) if last > serial => Err(Refusal::NotSorted { serial }),
            Some(_) | None => Ok(entry),
        })
    }
}

/// A root revokes CA certificates.
const MOST_OF_A_ROOT: usize = 10_000;
