//! The server's half, for any web framework: answers, waiting for entries, waiting for followers.

mod acknowledged;

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

pub use self::acknowledged::Acknowledged;
use crate::Epoch;
use crate::ndjson::Lines;
use crate::wire::{EPOCH_HEADER, HEAD_HEADER, NDJSON_TYPE, PAGE_HEADER, SNAPSHOT_HEADER};

/// One answer to a follower.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowAnswer {
    /// Which feed this is.
    pub epoch: Epoch,
    /// The head of the feed, read **before** the entries were: what is committed in between comes
    /// again after it, instead of never. A follower that has no entry up to the head yet asks on.
    pub head: u64,
    /// Whether the entries are a snapshot's.
    pub snapshot: Option<SnapshotPage>,
    /// The entries after the cursor, ascending; or a page of the snapshot, in any order.
    pub lines: Lines,
}

/// A place in a snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SnapshotPage {
    /// Where the next page begins, in letters, digits and `-._~`; absent from the last page.
    pub next: Option<String>,
}

/// The highest committed sequence number, for answers that wait; clones share it.
#[derive(Debug, Clone)]
pub struct Head {
    head: watch::Sender<u64>,
}

impl FollowAnswer {
    /// The headers, Content-Type included.
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = vec![
            ("content-type", NDJSON_TYPE.to_owned()),
            ("cache-control", "no-store".to_owned()),
            (EPOCH_HEADER, self.epoch.to_string()),
            (HEAD_HEADER, self.head.to_string()),
            (SNAPSHOT_HEADER, self.snapshot.is_some().to_string()),
        ];
        if let Some(next) = self.snapshot.as_ref().and_then(|page| page.next.clone()) {
            headers.push((PAGE_HEADER, next));
        }
        headers
    }
}

impl Head {
    /// With what the database says at the start.
    pub fn new(head: u64) -> Self {
        Self {
            head: watch::Sender::new(head),
        }
    }

    /// The number itself.
    pub fn get(&self) -> u64 {
        *self.head.borrow()
    }

    /// Takes a committed number; one that is not higher changes nothing.
    pub fn advance(&self, committed: u64) {
        self.head.send_if_modified(|head| {
            let higher = committed > *head;
            *head = committed.max(*head);
            higher
        });
    }

    /// Waits until there is something after the cursor, for `wait` at most; gives the head.
    pub async fn beyond(&self, after: u64, wait: Duration) -> u64 {
        let mut head = self.head.subscribe();
        // Neither the end of the time nor the end of the feed is a fault: both mean "nothing new".
        let _ = timeout(wait, head.wait_for(|head| *head > after)).await;
        self.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_mins(10);
    const SHORT: Duration = Duration::from_millis(1);

    #[tokio::test]
    async fn an_answer_waits_until_something_is_committed() {
        let head = Head::new(5);
        assert_eq!(head.beyond(4, LONG).await, 5);
        let waiting = tokio::spawn({
            let head = head.clone();
            async move { head.beyond(5, LONG).await }
        });
        tokio::task::yield_now().await;
        head.advance(3);
        head.advance(6);
        assert_eq!(waiting.await.unwrap(), 6);
    }

    #[tokio::test]
    async fn an_answer_does_not_wait_for_ever() {
        assert_eq!(Head::new(5).beyond(5, SHORT).await, 5);
    }

    #[test]
    fn headers_tell_pages_from_entries() {
        let entries = FollowAnswer {
            epoch: Epoch::from_bytes([7; 16]),
            head: 7,
            snapshot: None,
            lines: Lines::default(),
        };
        assert!(
            entries
                .headers()
                .contains(&(SNAPSHOT_HEADER, "false".to_owned()))
        );
        let next = Some("k1".to_owned());
        let page = FollowAnswer {
            snapshot: Some(SnapshotPage { next }),
            ..entries
        };
        assert!(
            page.headers()
                .contains(&(SNAPSHOT_HEADER, "true".to_owned()))
        );
        assert!(page.headers().contains(&(PAGE_HEADER, "k1".to_owned())));
    }
}
