//! The pages of a snapshot, read ahead.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use super::client::{Answer, Client, FollowError};
use crate::wire::FollowQuery;
use crate::{Entry, Epoch};

/// How many pages are applied together: a transaction costs the same for many entries as for few, and
/// less for each the more of them are neighbours.
const TOGETHER: usize = 5;

/// Entries of several pages.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) entries: Vec<Entry>,
    /// Whether the snapshot is complete with these.
    pub(super) complete: bool,
}

/// All pages, gathered by a task of their own while the ones before are applied: two batches are in
/// memory at most. The task ends with this.
#[derive(Debug)]
pub(super) struct Pages {
    batches: mpsc::Receiver<Result<Batch, FollowError>>,
    _gathering: AbortOnDropHandle<()>,
}

impl Pages {
    /// Begins with the answer to a query.
    pub(super) fn from(client: Arc<Client>, query: FollowQuery, first: Answer) -> Self {
        let (sender, batches) = mpsc::channel(1);
        let gathering = Gathering {
            client,
            query,
            epoch: first.epoch.clone(),
            begun: Some(first),
        };
        let gathering = tokio::spawn(gathering.all(sender));
        Self {
            batches,
            _gathering: AbortOnDropHandle::new(gathering),
        }
    }

    pub(super) async fn next(&mut self) -> Result<Batch, FollowError> {
        let batch = self.batches.recv().await;
        batch.unwrap_or(Err(FollowError::SnapshotBrokenOff))
    }
}

struct Gathering {
    client: Arc<Client>,
    query: FollowQuery,
    epoch: Epoch,
    begun: Option<Answer>,
}

impl Gathering {
    async fn all(mut self, batches: mpsc::Sender<Result<Batch, FollowError>>) {
        // The place is taken first: otherwise a third batch would wait here.
        while let Ok(place) = batches.reserve().await {
            let batch = self.batch().await;
            let more = batch.as_ref().is_ok_and(|batch| !batch.complete);
            place.send(batch);
            if !more {
                return;
            }
        }
    }

    async fn batch(&mut self) -> Result<Batch, FollowError> {
        let mut entries = Vec::new();
        for _ in 0..TOGETHER {
            let page = self.page().await?;
            entries.extend(page.entries);
            self.query.page = page.next_page;
            if self.query.page.is_none() {
                break;
            }
        }
        Ok(Batch {
            entries,
            complete: self.query.page.is_none(),
        })
    }

    async fn page(&mut self) -> Result<Answer, FollowError> {
        if let Some(first) = self.begun.take() {
            return Ok(first);
        }
        let page = self.client.follow(&self.query).await?;
        if page.snapshot && page.epoch == self.epoch {
            Ok(page)
        } else {
            Err(FollowError::SnapshotBrokenOff)
        }
    }
}
