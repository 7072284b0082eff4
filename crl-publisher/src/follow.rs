//! What the feed brings: into the durable copy; the publisher looks there.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use feed::{Acknowledger, CrlAcknowledgement, Entry, Epoch, FeedSink, Position};
use pki::time::{SharedClock, Timestamp};
use store::{StoreError, copy::StatusCopy};
use tokio::sync::{Notify, watch};

use crate::{
    metrics,
    publisher::{Publisher, State},
};

/// Takes in the feed.
#[derive(Debug)]
pub struct PublisherSink {
    copy: StatusCopy,
    position: Mutex<Position>,
    state: watch::Sender<State>,
    changed: Arc<Notify>,
}

impl PublisherSink {
    /// Goes on from what the copy holds. `changed` is notified of everything new; `state` is what
    /// the publisher tells.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn load(
        copy: StatusCopy,
        state: watch::Sender<State>,
        changed: Arc<Notify>,
    ) -> Result<Self, StoreError> {
        let position = Mutex::new(copy.position().await?);
        Ok(Self {
            copy,
            position,
            state,
            changed,
        })
    }

    fn known(&self) -> MutexGuard<'_, Position> {
        self.position.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FeedSink for PublisherSink {
    type Error = StoreError;

    async fn position(&self) -> Result<Position, StoreError> {
        Ok(self.known().clone())
    }

    async fn start_over(&self, epoch: &Epoch) -> Result<(), StoreError> {
        if self.known().epoch.is_some() {
            metrics::started_over();
        }
        // What is published stands, and the gate goes on from it.
        self.copy.start_over(epoch).await?;
        *self.known() = Position {
            epoch: Some(epoch.clone()),
            cursor: 0,
        };
        Ok(())
    }

    async fn apply(&self, entries: Vec<Entry>, cursor: u64) -> Result<(), StoreError> {
        self.copy.apply(&entries, cursor).await?;
        self.known().cursor = cursor;
        // No list depends on a certificate that is good.
        if !entries.iter().all(|entry| entry.event.is_good()) {
            self.changed.notify_one();
        }
        Ok(())
    }

    fn heard(&self, at: Timestamp) {
        self.state.send_modify(|state| state.heard = Some(at));
    }

    async fn published(&self) -> Result<Vec<CrlAcknowledgement>, StoreError> {
        Ok(self.state.borrow().published.clone())
    }
}

/// Has the publisher look whenever the copy changed, when an attempt is due, and from time to time; and
/// compare what stands when there is nothing else to do.
pub async fn publish(mut publisher: Publisher, changed: Arc<Notify>, clock: SharedClock) {
    loop {
        if let Err(error) = publisher.look().await {
            tracing::error!(%error, "the copy cannot be read");
        }
        match publisher.agree_ahead().await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => {
                tracing::error!(error = %metrics::chain(&error), "the copy cannot be compared");
            }
        }
        let left = publisher
            .due()
            .and_then(|due| Duration::try_from(due.duration_since(clock.now())).ok());
        let pause = left.unwrap_or(IDLE).clamp(SHORTEST, IDLE);
        // Whichever comes first.
        drop(tokio::time::timeout(pause, changed.notified()).await);
    }
}

/// Acknowledges each list as soon as all outputs have it.
pub async fn acknowledge(mut state: watch::Receiver<State>, acknowledger: Acknowledger) {
    let mut before = Vec::new();
    while state.changed().await.is_ok() {
        let published = state.borrow_and_update().published.clone();
        if published != before {
            acknowledger.acknowledge();
            before = published;
        }
    }
}

/// How often the publisher looks when nothing happens.
const IDLE: Duration = Duration::from_secs(10);
const SHORTEST: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests;
