//! crl-publisher in this process: follows when it is told to, and can be away or lose things.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use audit::EventKind;
use bytes::Bytes;
use crl_publisher::ledger::Ledger;
use crl_publisher::output::{Directory, Output};
use crl_publisher::publisher::{CacheTerms, Parts, Publisher, State};
use crl_publisher::shelf::Shelf;
use crl_publisher::source::ListSource;
use feed::{AnnouncedList, FollowError};
use pki::{CrlNumber, CrlScope};
use store::copy::StatusCopy;
use store::{ShownList, Store};
use tokio::sync::watch;

use crate::authority::{PUBLISHER, TestAuthority};

/// The publisher and its files.
pub struct TestPublisher {
    directory: PathBuf,
    /// How many copies were forgotten.
    forgotten: u32,
    copy: StatusCopy,
    publisher: Publisher,
    state: watch::Receiver<State>,
    /// The newest complete list that was acknowledged: what deltas are to build on.
    pub acknowledged: Option<CrlNumber>,
}

/// Lists straight from ca-daemon's records.
#[derive(Debug)]
struct Records(Store);

#[async_trait]
impl ListSource for Records {
    async fn fetch(&self, list: &AnnouncedList) -> Result<Bytes, FollowError> {
        let octets = self.0.crl_octets(&list.issuer, list.scope, list.number);
        let octets = octets.await.unwrap().ok_or(FollowError::OtherList)?;
        Ok(octets.collect().await.unwrap().into())
    }
}

impl TestPublisher {
    pub async fn start(at: &TestAuthority, directory: &Path) -> Self {
        Self::start_with(at, directory, 0).await
    }

    async fn start_with(at: &TestAuthority, directory: &Path, forgotten: u32) -> Self {
        let path = directory.join(format!("publisher-{forgotten}.db"));
        let copy = StatusCopy::open(&path).await.unwrap();
        let public = directory.join("public");
        std::fs::create_dir_all(&public).unwrap();
        let (state, told) = watch::channel(State::default());
        let mut publisher = Publisher::new(Parts {
            clock: Arc::new(at.clock.clone()),
            copy: copy.clone(),
            source: Arc::new(Records(at.authority.store.clone())),
            outputs: vec![Output::Directory(Directory::open(public))],
            shelf: Arc::new(Shelf::default()),
            ledger: Ledger::open(&directory.join("ledger.json")).unwrap(),
            terms: CacheTerms {
                crl_max_age: Duration::from_mins(5),
                max_age: Duration::from_mins(5),
            },
            max_bytes: 1 << 26,
            state,
        });
        publisher.resume().await.unwrap();
        Self {
            directory: directory.to_owned(),
            forgotten,
            copy,
            publisher,
            state: told,
            acknowledged: None,
        }
    }

    /// Begins anew with what its files say; `forget` takes its copy of the feed away first.
    pub async fn start_again(self, at: &TestAuthority, forget: bool) -> Self {
        let (directory, acknowledged) = (self.directory.clone(), self.acknowledged);
        let forgotten = self.forgotten + u32::from(forget);
        drop(self);
        let again = Self::start_with(at, &directory, forgotten).await;
        Self {
            acknowledged,
            ..again
        }
    }

    /// Takes everything in, publishes, and acknowledges. The gate must let everything through.
    pub async fn follow(&mut self, at: &TestAuthority) {
        follow(&at.authority.store, &self.copy).await;
        self.publisher.look().await.unwrap();
        let State {
            standings,
            published,
            ..
        } = self.state.borrow().clone();
        for standing in standings {
            assert_eq!(standing.blocked, None, "the gate keeps {standing:?} back");
        }
        let store = &at.authority.store;
        for list in &published {
            if list.scope == CrlScope::Full {
                self.acknowledged = Some(list.number);
            }
        }
        let event = || at.event(EventKind::CrlPublished);
        let shown = published.into_iter().map(|list| ShownList {
            list,
            event: event(),
        });
        let epoch = store.feed_position().await.unwrap().unwrap().epoch;
        let cursor = self.copy.cursor().await.unwrap();
        let acknowledged = store.acknowledge(PUBLISHER, &epoch, cursor, shown.collect(), false);
        acknowledged.await.unwrap().unwrap();
    }

    /// What stands in the directory.
    pub fn published(&self, at: &TestAuthority, scope: CrlScope) -> Option<Vec<u8>> {
        let path = self.directory.join("public").join(scope.path(at.ca.name()));
        std::fs::read(path).ok()
    }
}

/// Brings a copy up to date as a follower does: a snapshot first, then what came after it.
pub async fn follow(store: &Store, copy: &StatusCopy) {
    let mut cursor = copy.cursor().await.unwrap();
    if cursor == 0 {
        let head = store.feed_head().await.unwrap();
        let mut after = 0;
        loop {
            let page = store.snapshot_page(after, PAGE).await.unwrap();
            let reached = if page.complete { head } else { 0 };
            copy.apply(&page.lines.entries().unwrap(), reached)
                .await
                .unwrap();
            if page.complete {
                break;
            }
            after = page.next;
        }
        cursor = head;
    }
    loop {
        let entries = store
            .feed_after(cursor, PAGE)
            .await
            .unwrap()
            .entries()
            .unwrap();
        let Some(last) = entries.last() else { return };
        cursor = last.seq;
        copy.apply(&entries, cursor).await.unwrap();
    }
}

const PAGE: u32 = 1_000;
