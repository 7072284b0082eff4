//! What is on a list, and its entries in order.

use std::{iter::Peekable, vec::IntoIter};

use bytes::Bytes;
use feed::IssuerKind;
use issuance::{
    CrlCoverage, CrlEntry,
    crl_reader::{CrlReadError, CrlView, Entries as ListedEntries, EntryViews},
};
use pki::{Certificate, CrlNumber, SerialNumber, time::Timestamp};

use super::{Octets, Refusal};

/// What octets say that may be a list, whoever signed them. Clones share the octets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// `CRLNumber`.
    pub number: CrlNumber,
    /// thisUpdate.
    pub this_update: Timestamp,
    /// nextUpdate.
    pub next_update: Timestamp,
    /// What it covers.
    pub coverage: CrlCoverage,
    /// Whether it names the issuer's key.
    pub has_authority_key: bool,
    /// SHA-256 of the DER.
    pub digest: [u8; 32],
    /// The DER.
    pub der: Bytes,
}

/// That an issuer signed some [`Contents`].
#[derive(Debug)]
pub(super) struct Signed(());

impl Contents {
    pub(super) fn read(octets: Octets) -> Result<Self, Refusal> {
        let Octets { der, digest } = octets;
        let view = CrlView::parse(&der).map_err(Refusal::Unreadable)?;
        Ok(Self {
            number: view.number(),
            this_update: view.this_update(),
            next_update: view.next_update(),
            coverage: view.scope().clone(),
            has_authority_key: view.authority_key_id().is_some(),
            digest,
            der,
        })
    }

    pub(super) fn verify_issued_by(&self, issuer: &Certificate) -> Result<Signed, Refusal> {
        let view = CrlView::parse(&self.der).map_err(Refusal::Unreadable)?;
        view.verify_issued_by(issuer).map_err(Refusal::NotIssued)?;
        Ok(Signed(()))
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
