//! What a follower puts the entries into.

use std::future::Future;

use jiff::Timestamp;

use crate::{CrlAcknowledgement, Entry, Epoch};

/// Where a copy is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Position {
    /// The feed that the copy is of; absent before the first answer.
    pub epoch: Option<Epoch>,
    /// The last sequence number that is applied; 0 for an empty copy.
    pub cursor: u64,
}

/// The follower's own copy. Methods may be called from two tasks at once.
pub trait FeedSink: Send + Sync {
    /// What can go wrong with the copy; the follower tries again.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Where the copy is: both from one moment, since they are acknowledged together.
    fn position(&self) -> impl Future<Output = Result<Position, Self::Error>> + Send;

    /// Forgets everything and begins a copy of another feed, with the cursor at 0, in one transaction
    /// that must be durable on return. Until [`heard`](Self::heard) the copy is not complete.
    fn start_over(&self, epoch: &Epoch) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Applies entries and moves the cursor, in one transaction that must be durable on return.
    ///
    /// An entry about a thing that the copy has from a higher sequence number must be passed over,
    /// and one that it has from the same number must do no harm: both come with snapshots.
    fn apply(
        &self,
        entries: Vec<Entry>,
        cursor: u64,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// The copy is known to have been complete at `at`. Must return at once.
    fn heard(&self, at: Timestamp);

    /// The lists that are published, the newest of each issuer and scope; for crl-publisher.
    fn published(
        &self,
    ) -> impl Future<Output = Result<Vec<CrlAcknowledgement>, Self::Error>> + Send {
        std::future::ready(Ok(Vec::new()))
    }
}

impl<S: FeedSink> FeedSink for std::sync::Arc<S> {
    type Error = S::Error;

    fn position(&self) -> impl Future<Output = Result<Position, Self::Error>> + Send {
        self.as_ref().position()
    }

    fn start_over(&self, epoch: &Epoch) -> impl Future<Output = Result<(), Self::Error>> + Send {
        self.as_ref().start_over(epoch)
    }

    fn apply(
        &self,
        entries: Vec<Entry>,
        cursor: u64,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        self.as_ref().apply(entries, cursor)
    }

    fn heard(&self, at: Timestamp) {
        self.as_ref().heard(at);
    }

    fn published(
        &self,
    ) -> impl Future<Output = Result<Vec<CrlAcknowledgement>, Self::Error>> + Send {
        self.as_ref().published()
    }
}
