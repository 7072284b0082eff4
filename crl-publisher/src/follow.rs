//! What the feed brings: into the durable copy, then to the publisher.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use feed::{CrlAcknowledgement, Entry, Event, FeedSink};
use pki::{IssuerName, time::Timestamp};
use store::{
    StoreError,
    copy::{CopiedStatus, StatusCopy},
};
use tokio::sync::watch;

use crate::publisher::{Publisher, Standing};

/// Takes in the feed.
#[derive(Debug)]
pub struct PublisherSink {
    copy: StatusCopy,
    /// Held for as long as files are written; only blocking tasks take it.
    publisher: Arc<Mutex<Publisher>>,
    cursor: AtomicU64,
    state: watch::Sender<State>,
}

/// What others may know without waiting for the publisher.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// How each issuer's list stands.
    pub standings: Vec<(IssuerName, Standing)>,
    /// What may be acknowledged.
    pub published: Vec<CrlAcknowledgement>,
    /// When the feed was last heard by this process.
    pub heard: Option<Timestamp>,
}

/// Why entries were not taken in.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    /// The copy failed.
    #[error("the copy failed")]
    Copy(#[from] StoreError),
    /// The publisher's task died.
    #[error("the publisher died")]
    Died(#[from] tokio::task::JoinError),
}

impl PublisherSink {
    /// Loads what the copy holds, and publishes what it has to.
    ///
    /// # Errors
    /// [`SinkError`].
    pub async fn load(copy: StatusCopy, publisher: Publisher) -> Result<Self, SinkError> {
        let cursor = copy.cursor().await?;
        let sink = Self {
            copy,
            publisher: Arc::new(Mutex::new(publisher)),
            cursor: AtomicU64::new(cursor),
            state: watch::Sender::default(),
        };
        sink.take(issuers(&sink.copy).await?, 0).await?;
        let mut after: Option<CopiedStatus> = None;
        loop {
            let page = sink.copy.statuses(after.as_ref(), PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.clone());
            sink.take(page.into_iter().map(certificate).collect(), 0)
                .await?;
        }
        sink.take(documents(&sink.copy).await?, 0).await?;
        sink.take(lists(&sink.copy).await?, cursor).await?;
        Ok(sink)
    }

    /// The durable copy.
    pub fn copy(&self) -> &StatusCopy {
        &self.copy
    }

    /// What is known, now and from now on.
    pub fn state(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }

    /// Tries again what could not be published; gives whether something was.
    ///
    /// # Errors
    /// [`SinkError::Died`].
    pub async fn retry(&self) -> Result<bool, SinkError> {
        let before = self.state.borrow().published.clone();
        self.with_publisher(Publisher::retry).await?;
        Ok(self.state.borrow().published != before)
    }

    async fn take(&self, entries: Vec<Entry>, cursor: u64) -> Result<(), SinkError> {
        self.with_publisher(move |publisher| publisher.take(&entries, cursor))
            .await
    }

    async fn with_publisher(
        &self,
        change: impl FnOnce(&mut Publisher) + Send + 'static,
    ) -> Result<(), SinkError> {
        let publisher = Arc::clone(&self.publisher);
        let work = tokio::task::spawn_blocking(move || {
            let mut publisher = lock(&publisher);
            change(&mut publisher);
            (publisher.standings(), publisher.published())
        });
        let (standings, lists) = work.await?;
        self.state.send_modify(|state| {
            state.standings = standings;
            state.published = lists;
        });
        Ok(())
    }
}

impl FeedSink for PublisherSink {
    type Error = SinkError;

    async fn cursor(&self) -> Result<u64, SinkError> {
        Ok(self.cursor.load(Ordering::Acquire))
    }

    async fn apply(&self, entries: Vec<Entry>, cursor: u64) -> Result<(), SinkError> {
        self.copy.apply(&entries, cursor).await?;
        self.take(entries, cursor).await?;
        self.cursor.store(cursor, Ordering::Release);
        Ok(())
    }

    fn heard(&self, at: Timestamp) {
        self.state.send_modify(|state| state.heard = Some(at));
    }

    async fn published(&self) -> Result<Vec<CrlAcknowledgement>, SinkError> {
        Ok(self.state.borrow().published.clone())
    }
}

fn lock(publisher: &Mutex<Publisher>) -> MutexGuard<'_, Publisher> {
    publisher.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn issuers(copy: &StatusCopy) -> Result<Vec<Entry>, StoreError> {
    let issuers = copy.issuers().await?.into_iter().map(|issuer| {
        let event = Event::Issuer {
            issuer: issuer.name,
            certificate_der: issuer.certificate_der.into(),
            kind: issuer.kind,
        };
        entry(0, event)
    });
    Ok(issuers.collect())
}

async fn documents(copy: &StatusCopy) -> Result<Vec<Entry>, StoreError> {
    let documents = copy.documents().await?.into_iter().map(|document| {
        let event = Event::Document {
            name: document.name,
            media_type: document.media_type,
            body: document.body.into(),
            issuer: document.issuer,
        };
        entry(document.sequence, event)
    });
    Ok(documents.collect())
}

async fn lists(copy: &StatusCopy) -> Result<Vec<Entry>, StoreError> {
    let lists = copy.crls().await?.into_iter().map(|list| {
        let event = Event::Crl {
            issuer: list.issuer,
            scope: list.scope,
            number: list.number,
            base: list.base,
            as_of: list.as_of,
            size: list.size,
            sha256: list.sha256,
            this_update: list.this_update,
            next_update: list.next_update,
            crl_der: list.crl_der.into(),
        };
        entry(list.sequence, event)
    });
    Ok(lists.collect())
}

fn certificate(status: CopiedStatus) -> Entry {
    let event = Event::Certificate {
        issuer: status.issuer,
        serial: status.serial,
        not_after: status.not_after,
        shard: status.shard,
        status: status.status,
    };
    entry(status.sequence, event)
}

/// The time of an entry is of no importance here.
fn entry(seq: u64, event: Event) -> Entry {
    Entry {
        seq,
        at: Timestamp::UNIX_EPOCH,
        event,
    }
}

/// Statuses loaded at once.
const PAGE: u32 = 10_000;

#[cfg(test)]
mod tests;
