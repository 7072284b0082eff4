//! From the copy to files and served items, over restarts and failures.

mod failures;
mod files;
mod lists;
mod outputs;
mod standings;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Mutex,
};

use async_trait::async_trait;
use bytes::Bytes;
use feed::{AnnouncedList, Entry, Event, FollowError, Status};
use pki::time::{Clock as _, ManualClock, SignedDuration};
use sha2::{Digest as _, Sha256};

use super::*;
use crate::{
    output::Directory,
    test_ca::{TestCa, TestList, at, document, revoked},
};

const LIST: &str = "crl/esign-ca.crl";

/// Gives what was announced, unless it is away.
#[derive(Debug, Default)]
struct TestSource {
    lists: Mutex<HashMap<[u8; 32], Bytes>>,
    fetched: Mutex<u32>,
}

#[async_trait]
impl ListSource for TestSource {
    async fn fetch(&self, list: &AnnouncedList) -> Result<Bytes, FollowError> {
        *self.fetched.lock().unwrap() += 1;
        let lists = self.lists.lock().unwrap();
        lists
            .get(&list.sha256)
            .cloned()
            .ok_or(FollowError::OtherList)
    }
}

struct Fixture {
    root: tempfile::TempDir,
    clock: ManualClock,
    ca: TestCa,
    copy: StatusCopy,
    source: Arc<TestSource>,
    shelf: Arc<Shelf>,
    publisher: Publisher,
}

impl Fixture {
    async fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let clock = ManualClock::new(at(30));
        let copy = StatusCopy::open(&root.path().join("copy.db"))
            .await
            .unwrap();
        let source = Arc::new(TestSource::default());
        let public = vec![directory(root.path(), "public")];
        let (publisher, shelf) = publisher(root.path(), &clock, &copy, &source, public);
        Self {
            root,
            clock,
            ca: TestCa::new(1),
            copy,
            source,
            shelf,
            publisher,
        }
    }

    /// With the issuer, its terms, a revoked certificate 3 and list 10.
    async fn published() -> Self {
        let mut fixture = Self::new().await;
        let terms = fixture.ca.terms_entry(1, 0, false, true);
        let certificate = fixture.ca.certificate_entry(3, 3, revoked());
        let entries = vec![fixture.ca.issuer_entry(2), terms, certificate];
        fixture.take(entries).await;
        fixture.offer(4, &TestList::new(10, &[3])).await;
        assert_eq!(fixture.number(), Some(10));
        fixture
    }

    /// Entries into the copy, and a look at it.
    async fn take(&mut self, entries: Vec<Entry>) {
        let cursor = entries.iter().map(|entry| entry.seq).max().unwrap();
        self.copy.apply(&entries, cursor).await.unwrap();
        self.publisher.look().await.unwrap();
    }

    async fn offer(&mut self, seq: u64, list: &TestList) {
        let entry = self.announce(seq, list);
        self.take(vec![entry]).await;
    }

    /// The announcement of a list that can be fetched.
    fn announce(&self, seq: u64, list: &TestList) -> Entry {
        let der = Bytes::from(self.ca.sign(list));
        let digest = Sha256::digest(&der).into();
        self.source.lists.lock().unwrap().insert(digest, der);
        self.ca.list_entry(seq, list)
    }

    async fn look_later(&mut self) {
        self.clock.advance(SignedDuration::from_secs(61));
        self.publisher.look().await.unwrap();
    }

    async fn restart(&mut self) {
        self.restart_with(vec![directory(self.root.path(), "public")])
            .await;
    }

    async fn restart_with(&mut self, outputs: Vec<Output>) {
        (self.publisher, self.shelf) = publisher(
            self.root.path(),
            &self.clock,
            &self.copy,
            &self.source,
            outputs,
        );
        self.publisher.resume().await.unwrap();
    }

    fn state(&self) -> State {
        self.publisher.parts.state.borrow().clone()
    }

    /// What is acknowledged of the complete list.
    fn number(&self) -> Option<u64> {
        self.number_of(CrlScope::Full)
    }

    fn number_of(&self, scope: CrlScope) -> Option<u64> {
        let published = self.state().published;
        let list = published.iter().find(|list| list.scope == scope)?;
        Some(list.number.get())
    }

    fn blocked(&self) -> Option<&'static str> {
        self.standing(CrlScope::Full)?.blocked
    }

    fn standing(&self, scope: CrlScope) -> Option<Standing> {
        let standings = self.state().standings;
        standings
            .into_iter()
            .find(|standing| standing.scope == scope)
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.path().join("public").join(path)
    }

    fn file(&self, path: &str) -> Vec<u8> {
        std::fs::read(self.path(path)).unwrap()
    }

    fn served(&self, path: &str) -> Option<Bytes> {
        let shelved = self.shelf.get(path)?;
        Some(shelved.item.body.clone())
    }

    fn stands(&self, list: &TestList) {
        let path = list.scope.path(self.ca.name());
        let der = self.ca.sign(list);
        assert_eq!(self.file(&path), der);
        assert_eq!(self.served(&path).unwrap(), der);
        assert_eq!(self.number_of(list.scope), Some(list.number));
    }
}

fn directory(root: &Path, name: &str) -> Output {
    Output::Directory(Directory::open(root.join(name)))
}

fn publisher(
    root: &Path,
    clock: &ManualClock,
    copy: &StatusCopy,
    source: &Arc<TestSource>,
    outputs: Vec<Output>,
) -> (Publisher, Arc<Shelf>) {
    let shelf = Arc::new(Shelf::default());
    let source: Arc<TestSource> = Arc::clone(source);
    let parts = Parts {
        clock: Arc::new(clock.clone()),
        copy: copy.clone(),
        source,
        outputs,
        shelf: Arc::clone(&shelf),
        ledger: Ledger::open(&root.join("published.json")).unwrap(),
        terms: CacheTerms {
            crl_max_age: Duration::from_mins(15),
            max_age: Duration::from_hours(1),
        },
        max_bytes: 1 << 20,
        state: watch::Sender::default(),
    };
    (Publisher::new(parts), shelf)
}
