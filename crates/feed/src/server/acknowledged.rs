//! What followers have acknowledged.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

/// What followers have acknowledged, for revocations that wait for them; clones share it.
#[derive(Debug, Clone)]
pub struct Acknowledged {
    sequences: watch::Sender<BTreeMap<String, u64>>,
    /// The sequence numbers that somebody waits for.
    awaited: Arc<Mutex<Vec<u64>>>,
}

impl Acknowledged {
    /// With what the database says at the start.
    pub fn new(sequences: impl IntoIterator<Item = (String, u64)>) -> Self {
        Self {
            sequences: watch::Sender::new(sequences.into_iter().collect()),
            awaited: Arc::default(),
        }
    }

    /// Takes a recorded acknowledgement; one that is not higher changes nothing.
    pub fn advance(&self, follower: &str, sequence: u64) {
        self.sequences.send_if_modified(|sequences| {
            let known = sequences.entry(follower.to_owned()).or_default();
            let higher = sequence > *known;
            *known = sequence.max(*known);
            higher
        });
    }

    /// Whether somebody waits for what a follower acknowledges now.
    pub fn is_awaited(&self, follower: &str, sequence: u64) -> bool {
        let known = self.sequences.borrow().get(follower).copied();
        let known = known.unwrap_or_default();
        let is_news = |awaited: &u64| known < *awaited && *awaited <= sequence;
        self.waiting().iter().any(is_news)
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<u64>> {
        self.awaited.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The followers out of `expected` that have not acknowledged `sequence` yet.
    pub fn pending(&self, expected: &[String], sequence: u64) -> Vec<String> {
        missing(&self.sequences.borrow(), expected, sequence)
    }

    /// Waits for all of `expected`, for `wait` at most; gives those that are still missing.
    pub async fn all(&self, expected: &[String], sequence: u64, wait: Duration) -> Vec<String> {
        let _waiting = Waiting::new(self, sequence);
        let mut sequences = self.sequences.subscribe();
        let all_there = sequences.wait_for(|known| missing(known, expected, sequence).is_empty());
        // What is missing when the time is over is the answer.
        let _ = timeout(wait, all_there).await;
        self.pending(expected, sequence)
    }
}

/// Somebody who waits for a sequence number.
struct Waiting<'a> {
    board: &'a Acknowledged,
    sequence: u64,
}

impl<'a> Waiting<'a> {
    fn new(board: &'a Acknowledged, sequence: u64) -> Self {
        board.waiting().push(sequence);
        Self { board, sequence }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut waiting = self.board.waiting();
        if let Some(place) = waiting.iter().position(|it| *it == self.sequence) {
            waiting.swap_remove(place);
        }
    }
}

fn missing(known: &BTreeMap<String, u64>, expected: &[String], sequence: u64) -> Vec<String> {
    let lacks = |name: &&String| {
        known
            .get(*name)
            .is_none_or(|acknowledged| *acknowledged < sequence)
    };
    expected.iter().filter(lacks).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_mins(10);
    const SHORT: Duration = Duration::from_millis(1);

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[tokio::test]
    async fn names_the_followers_that_are_missing() {
        let acknowledged = Acknowledged::new([("ocsp-1".to_owned(), 3)]);
        let expected = names(&["ocsp-1", "ocsp-2"]);
        assert_eq!(acknowledged.all(&expected, 4, SHORT).await, expected);
        acknowledged.advance("ocsp-1", 4);
        assert_eq!(
            acknowledged.all(&expected, 4, SHORT).await,
            names(&["ocsp-2"])
        );
        let waiting = tokio::spawn({
            let (acknowledged, expected) = (acknowledged.clone(), expected.clone());
            async move { acknowledged.all(&expected, 4, LONG).await }
        });
        tokio::task::yield_now().await;
        acknowledged.advance("ocsp-2", 9);
        assert_eq!(waiting.await.unwrap(), names(&[]));
    }

    #[tokio::test]
    async fn tells_whether_somebody_waits() {
        let acknowledged = Acknowledged::new([("ocsp-1".to_owned(), 3)]);
        assert!(!acknowledged.is_awaited("ocsp-1", 9));
        let waiting = tokio::spawn({
            let (acknowledged, expected) = (acknowledged.clone(), names(&["ocsp-1", "ocsp-2"]));
            async move { acknowledged.all(&expected, 5, LONG).await }
        });
        tokio::task::yield_now().await;
        for (follower, sequence, awaited) in [
            ("ocsp-1", 4, false),
            ("ocsp-1", 5, true),
            ("ocsp-2", 9, true),
        ] {
            let found = acknowledged.is_awaited(follower, sequence);
            assert_eq!(found, awaited, "{follower} {sequence}");
        }
        acknowledged.advance("ocsp-1", 7);
        // What it says again is no news.
        assert!(!acknowledged.is_awaited("ocsp-1", 9));
        waiting.abort();
        assert!(waiting.await.unwrap_err().is_cancelled());
        assert!(!acknowledged.is_awaited("ocsp-2", 9));
    }

    #[tokio::test]
    async fn an_old_acknowledgement_takes_nothing_back() {
        let acknowledged = Acknowledged::new([]);
        acknowledged.advance("ocsp-1", 9);
        acknowledged.advance("ocsp-1", 2);
        assert_eq!(acknowledged.pending(&names(&["ocsp-1"]), 9), names(&[]));
    }
}
