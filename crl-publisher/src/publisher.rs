//! Decides what is published: looks at what the copy has, fetches lists, asks the gate, writes.
//!
//! One task owns a [`Publisher`] and has it look again whenever the copy changed and from time to
//! time. All that it needs stands in the copy, in the ledger and in the outputs, so that a restart
//! is nothing special.

mod agree;
mod error;
mod files;
mod offer;
mod outputs;
mod resume;
mod slot;
mod standing;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use feed::{Epoch, IssuerKind, Position};
use pki::{
    Certificate, CrlScope, IssuerName,
    time::{SharedClock, Timestamp},
};
use store::{
    StoreError,
    copy::{CopiedCrl, StatusCopy},
};
use tokio::sync::watch;

pub use self::{
    error::NotPublished,
    standing::{Published, Standing, State},
};
use self::{files::Files, slot::Slot};
use crate::{ledger::Ledger, metrics, output::Output, shelf::Shelf, source::ListSource};

/// How long HTTP caches may keep what is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheTerms {
    /// CRLs; never past nextUpdate.
    pub crl_max_age: Duration,
    /// CA certificates and documents.
    pub max_age: Duration,
}

/// What a publisher works with.
#[derive(Debug)]
pub struct Parts {
    /// The time.
    pub clock: SharedClock,
    /// What the feed told.
    pub copy: StatusCopy,
    /// Where lists come from.
    pub source: Arc<dyn ListSource>,
    /// Where files go; at least one.
    pub outputs: Vec<Output>,
    /// What is served by this process.
    pub shelf: Arc<Shelf>,
    /// What was published.
    pub ledger: Ledger,
    /// How long caches may keep it.
    pub terms: CacheTerms,
    /// Most octets of a list.
    pub max_bytes: u64,
    /// Where others see how the lists stand.
    pub state: watch::Sender<State>,
}

/// Everything that decides about publication.
#[derive(Debug)]
pub struct Publisher {
    parts: Parts,
    issuers: BTreeMap<IssuerName, Issuer>,
    slots: BTreeMap<(IssuerName, CrlScope), Slot>,
    files: Files,
    /// The feed that the copy was of when it was looked at.
    epoch: Option<Epoch>,
}

/// An issuer whose certificate is published.
#[derive(Debug, Clone)]
struct Issuer {
    certificate: Certificate,
    kind: IssuerKind,
}

impl Publisher {
    /// Has looked at nothing yet.
    pub fn new(parts: Parts) -> Self {
        Self {
            parts,
            issuers: BTreeMap::new(),
            slots: BTreeMap::new(),
            files: Files::default(),
            epoch: None,
        }
    }

    /// Takes up what was published before, without asking ca-daemon for anything.
    ///
    /// # Errors
    /// [`NotPublished`] when the copy or the ledger fails.
    pub async fn resume(&mut self) -> Result<(), NotPublished> {
        let cursor = self.parts.copy.cursor().await?;
        self.parts.ledger.go_on(cursor).await?;
        let announced = self.parts.copy.crls().await?;
        self.publish_files().await?;
        self.resume_lists(&announced).await?;
        Ok(self.tell().await?)
    }

    /// Publishes what can be published by now. What is not is logged once for each reason, counted,
    /// and tried again after a pause that grows.
    ///
    /// # Errors
    /// [`StoreError`] when the copy fails.
    pub async fn look(&mut self) -> Result<(), StoreError> {
        let Position { epoch, cursor } = self.parts.copy.position().await?;
        metrics::feed_sequence(cursor);
        self.follow(epoch).await;
        self.publish_files().await?;
        let announced = self.announced().await?;
        self.resume_lists(&announced).await?;
        while self.publish_next().await? {
            self.tell_others();
        }
        self.complete_outputs().await;
        self.tell().await
    }

    /// Publishes the first of the announced lists that there is something to do about, whether that
    /// ends well or not; `false` if there is none. What is announced meanwhile may go before the rest.
    async fn publish_next(&mut self) -> Result<bool, StoreError> {
        for list in self.announced().await? {
            if self.publish_announced(&list).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The newest list of each scope, in the order in which they are published. A list is checked only
    /// when everything before it is known, as it is not in the middle of a snapshot.
    async fn announced(&self) -> Result<Vec<CopiedCrl>, StoreError> {
        let cursor = self.parts.copy.position().await?.cursor;
        let mut announced = self.parts.copy.crls().await?;
        announced.retain(|list| list.sequence <= cursor);
        announced.sort_by_key(order);
        Ok(announced)
    }

    /// When to look again, if nothing happens before.
    pub fn due(&self) -> Option<Timestamp> {
        let slots = self.slots.values().filter_map(Slot::due);
        slots.chain(self.files.due()).min()
    }

    /// After ca-daemon's database was put back, what is known of places in the old feed says
    /// nothing about the new one.
    async fn follow(&mut self, epoch: Option<Epoch>) {
        if let Some(epoch) = &epoch {
            match self.parts.ledger.follow(epoch).await {
                Ok(false) => {}
                Ok(true) => self.forget_places(),
                Err(error) => {
                    tracing::error!(error = %metrics::chain(&error), "the ledger cannot be written");
                }
            }
        }
        self.epoch = epoch;
    }

    fn forget_places(&mut self) {
        for slot in self.slots.values_mut() {
            slot.compared = None;
            if let Some(list) = &mut slot.standing {
                (list.as_of, list.agreed) = (None, None);
            }
        }
    }

    fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }
}

/// Complete lists and deltas share their numbers and go out in that order.
fn order(list: &CopiedCrl) -> (IssuerName, CrlScope, pki::CrlNumber) {
    (list.issuer.clone(), list.scope.numbering(), list.number)
}

#[cfg(test)]
mod tests;
