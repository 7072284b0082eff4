//! What the feed brings: into the durable copy, then into memory, then acknowledged.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use feed::{Entry, Epoch, Event, FeedSink, Position};
use pki::time::Timestamp;
use store::{
    StoreError,
    copy::{CopiedStatus, StatusCopy},
};
use tokio::sync::watch;

use crate::{
    authority::Authorities, freshness::Freshness, heard::Heard, index::StatusIndex, metrics,
};

/// Takes in the feed.
#[derive(Debug)]
pub struct ResponderSink {
    copy: StatusCopy,
    index: Arc<StatusIndex>,
    authorities: Arc<Authorities>,
    freshness: Arc<Freshness>,
    heard: watch::Sender<Option<Heard>>,
    /// Up to where every answer begun from now on is right. The copy is ahead of it while entries
    /// are being taken in, and it alone is acknowledged.
    visible: AtomicU64,
    /// The feed that the copy is of, and what its numbers are raised by in memory, where a number
    /// stands for one state of a thing as long as the process lives: two epochs use the same ones.
    epoch: Mutex<(Option<Epoch>, u64)>,
}

impl ResponderSink {
    /// Loads what the copy holds; `follower` is the name that this process is registered under.
    ///
    /// # Errors
    /// [`StoreError`] when the copy fails.
    pub async fn load(
        copy: StatusCopy,
        follower: &str,
        index: Arc<StatusIndex>,
        authorities: Arc<Authorities>,
        freshness: Arc<Freshness>,
    ) -> Result<Self, StoreError> {
        let Position { epoch, cursor } = copy.position().await?;
        authorities.apply(&authorities_in(&copy, follower).await?);
        let mut page = copy.statuses(None, PAGE).await?;
        while let Some(last) = page.last().cloned() {
            // The next page is read while this one is taken in.
            let next = copy.statuses(Some(&last), PAGE);
            let take_in = async {
                let entries: Vec<Entry> = page.into_iter().map(certificate).collect();
                index.apply(&entries);
            };
            let (read, ()) = tokio::join!(next, take_in);
            page = read?;
        }
        metrics::known(cursor, index.len());
        Ok(Self {
            copy,
            index,
            authorities,
            freshness,
            heard: watch::Sender::new(None),
            visible: AtomicU64::new(cursor),
            epoch: Mutex::new((epoch, 0)),
        })
    }

    /// What is heard from now on.
    pub fn heard_from_now(&self) -> watch::Receiver<Option<Heard>> {
        self.heard.subscribe()
    }
}

impl FeedSink for ResponderSink {
    type Error = StoreError;

    async fn position(&self) -> Result<Position, StoreError> {
        let epoch = lock(&self.epoch);
        Ok(Position {
            epoch: epoch.0.clone(),
            cursor: self.visible.load(Ordering::Acquire),
        })
    }

    async fn start_over(&self, epoch: &Epoch) -> Result<(), StoreError> {
        let before = self.position().await?;
        if before.epoch.is_some() {
            metrics::started_over();
        }
        self.copy.start_over(epoch).await?;
        // Nothing may be said until the new feed was heard.
        self.freshness.forget();
        self.index.clear();
        let mut known = lock(&self.epoch);
        let raised = known.1.saturating_add(before.cursor).saturating_add(RAISE);
        *known = (Some(epoch.clone()), raised);
        self.visible.store(0, Ordering::Release);
        Ok(())
    }

    async fn apply(&self, mut entries: Vec<Entry>, cursor: u64) -> Result<(), StoreError> {
        self.copy.apply(&entries, cursor).await?;
        let raised = lock(&self.epoch).1;
        for entry in &mut entries {
            entry.seq = entry.seq.saturating_add(raised);
        }
        self.authorities.apply(&entries);
        self.index.apply(&entries);
        // Last: an acknowledgement says that no answer begun after it is older.
        self.visible.store(cursor, Ordering::Release);
        metrics::known(cursor, self.index.len());
        Ok(())
    }

    fn heard(&self, at: Timestamp) {
        self.freshness.heard(at);
        let cursor = self.visible.load(Ordering::Acquire);
        self.heard.send_replace(Some(Heard { at, cursor }));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The copy's issuers, responder certificates and policies, as the entries that brought them. It does
/// not keep the number of an issuer's entry; any entry from now on is newer.
async fn authorities_in(copy: &StatusCopy, follower: &str) -> Result<Vec<Entry>, StoreError> {
    let mut entries = Vec::new();
    for issuer in copy.issuers().await? {
        let event = Event::Issuer {
            issuer: issuer.name,
            certificate_der: issuer.certificate_der.into(),
            kind: issuer.kind,
        };
        entries.push(entry(0, event));
    }
    for certificate in copy.responder_certificates(follower).await? {
        let event = Event::ResponderCertificate {
            issuer: certificate.issuer,
            follower: certificate.follower,
            spki_hash: certificate.spki_hash,
            certificate_der: certificate.certificate_der.into(),
        };
        entries.push(entry(certificate.sequence, event));
    }
    for copied in copy.terms().await? {
        let event = Event::Terms {
            issuer: copied.issuer,
            terms: copied.terms,
        };
        entries.push(entry(copied.sequence, event));
    }
    Ok(entries)
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

/// Whatever came before the start is settled: the beginning of time stands for its time.
fn entry(seq: u64, event: Event) -> Entry {
    Entry {
        seq,
        at: Timestamp::UNIX_EPOCH,
        event,
    }
}

/// More than the entries that a snapshot can have brought beyond the cursor when it broke off.
const RAISE: u64 = 1 << 32;

/// Statuses loaded at once.
const PAGE: u32 = 10_000;

#[cfg(test)]
mod tests {
    use std::path::Path;

    use feed::{IssuerKind, Status};
    use pki::time::ManualClock;

    use super::*;
    use crate::{
        answer::AnswerSigner as _,
        index::Standing,
        test_ca::{TestCa, TestSigner, at, revoked, serial},
    };

    async fn sink(path: &Path) -> ResponderSink {
        let key = TestSigner::new().public_key().hash();
        let clock = Arc::new(ManualClock::new(at(0)));
        let freshness = Freshness::new(clock, None);
        ResponderSink::load(
            StatusCopy::open(path).await.unwrap(),
            "responder",
            Arc::default(),
            Arc::new(Authorities::new([key])),
            Arc::new(freshness),
        )
        .await
        .unwrap()
    }

    #[tokio::test]
    async fn what_was_applied_is_seen_at_once_and_after_a_restart() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("copy.db");
        let ca = TestCa::new(1);
        let name = ca.issuer.name();
        let key = TestSigner::new().public_key().clone();
        let delegation = ca.delegate(&key, at(0), at(86_400));
        let entries = vec![
            ca.issuer_entry(1, IssuerKind::Issuing),
            ca.delegation_entry(2, delegation),
            ca.certificate_entry(3, 1, Status::Good),
            ca.certificate_entry(4, 2, revoked(-60)),
            ca.terms_entry(5),
        ];
        let first = sink(&path).await;
        assert_eq!(first.position().await.unwrap().cursor, 0);
        first.apply(entries, 5).await.unwrap();
        let check = async |sink: &ResponderSink| {
            assert_eq!(sink.position().await.unwrap().cursor, 5);
            let standing = |last| sink.index.lookup(name, &serial(last)).unwrap().standing;
            assert_eq!(standing(1), Standing::Good);
            assert!(matches!(standing(2), Standing::Revoked { .. }));
            let authorities = sink.authorities.all();
            assert_eq!(authorities.len(), 1);
            assert_eq!(authorities[0].valid(at(1)).count(), 1);
            assert!(authorities[0].terms.is_some());
        };
        check(&first).await;
        drop(first);
        check(&sink(&path).await).await;
    }

    #[tokio::test]
    async fn a_new_status_does_not_lose_against_the_copy_of_the_old_one() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("copy.db");
        let ca = TestCa::new(1);
        let first = sink(&path).await;
        first
            .apply(vec![ca.certificate_entry(3, 1, Status::Good)], 3)
            .await
            .unwrap();
        drop(first);
        let second = sink(&path).await;
        second
            .apply(vec![ca.certificate_entry(4, 1, revoked(0))], 4)
            .await
            .unwrap();
        let record = second.index.lookup(ca.issuer.name(), &serial(1)).unwrap();
        assert!(matches!(record.standing, Standing::Revoked { .. }));
    }

    #[tokio::test]
    async fn hearing_makes_fresh_and_is_passed_on() {
        let directory = tempfile::tempdir().unwrap();
        let sink = sink(&directory.path().join("copy.db")).await;
        let heard = sink.heard_from_now();
        assert!(sink.freshness.last_word().is_err());
        sink.heard(at(-5));
        assert_eq!(sink.freshness.last_heard(), Some(at(-5)));
        assert_eq!(
            *heard.borrow(),
            Some(Heard {
                at: at(-5),
                cursor: 0
            })
        );
    }
}
