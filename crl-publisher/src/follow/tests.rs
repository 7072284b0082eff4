//! From the feed over the copy to the published files, and back after a restart.

use std::{path::Path, time::Duration};

use pki::time::ManualClock;

use super::*;
use crate::{
    directory::Directory,
    publisher::CacheTerms,
    shelf::Shelf,
    test_ca::{TestCa, TestList, at, document, revoked},
};

const LIST: &str = "crl/esign-ca.crl";

async fn sink(root: &Path) -> (PublisherSink, Arc<Shelf>) {
    let shelf = Arc::new(Shelf::default());
    let terms = CacheTerms {
        crl_max_age: Duration::from_mins(15),
        max_age: Duration::from_hours(1),
    };
    let publisher = Publisher::new(
        Arc::new(ManualClock::new(at(30))),
        Directory::new(root.join("public")),
        Arc::clone(&shelf),
        terms,
    );
    let copy = StatusCopy::open(&root.join("copy.db")).await.unwrap();
    (PublisherSink::load(copy, publisher).await.unwrap(), shelf)
}

fn entries(ca: &TestCa) -> Vec<Entry> {
    vec![
        ca.issuer_entry(1),
        ca.certificate_entry(2, 3, revoked()),
        document(3, "cps/esign-ca.html", "text/html"),
        ca.list_entry(4, &TestList::new(10, &[3])),
    ]
}

fn numbers(published: &[CrlAcknowledgement]) -> Vec<u64> {
    published.iter().map(|list| list.number.get()).collect()
}

#[tokio::test]
async fn a_list_is_acknowledged_after_it_was_published() {
    let root = tempfile::tempdir().unwrap();
    let ca = TestCa::new(1);
    let (sink, shelf) = sink(root.path()).await;
    assert_eq!(sink.published().await.unwrap(), []);
    sink.apply(entries(&ca), 4).await.unwrap();
    assert_eq!(sink.cursor().await.unwrap(), 4);
    assert_eq!(numbers(&sink.published().await.unwrap()), [10]);
    assert!(shelf.get(LIST).is_some());
    let refused = ca.list_entry(5, &TestList::new(11, &[]));
    sink.apply(vec![refused], 5).await.unwrap();
    assert_eq!(numbers(&sink.published().await.unwrap()), [10]);
    assert_eq!(
        sink.state().borrow().standings[0].1.blocked,
        Some("crl-revocation-missing")
    );
}

#[tokio::test]
async fn after_a_restart_the_copy_serves_everything() {
    let root = tempfile::tempdir().unwrap();
    let ca = TestCa::new(1);
    let (first, _) = sink(root.path()).await;
    first.apply(entries(&ca), 4).await.unwrap();
    drop(first);
    let (second, shelf) = sink(root.path()).await;
    assert_eq!(second.cursor().await.unwrap(), 4);
    for path in [LIST, "ca/esign-ca.cer", "cps/esign-ca.html"] {
        assert!(shelf.get(path).is_some(), "{path}");
    }
    assert_eq!(numbers(&second.published().await.unwrap()), [10]);
    let without = ca.list_entry(5, &TestList::new(11, &[]));
    second.apply(vec![without], 5).await.unwrap();
    assert_eq!(numbers(&second.published().await.unwrap()), [10]);
}

#[tokio::test]
async fn a_crash_between_copy_and_publication_is_made_good() {
    let root = tempfile::tempdir().unwrap();
    let ca = TestCa::new(1);
    let copy = StatusCopy::open(&root.path().join("copy.db"))
        .await
        .unwrap();
    copy.apply(&entries(&ca), 4).await.unwrap();
    drop(copy);
    let (sink, shelf) = sink(root.path()).await;
    assert!(shelf.get(LIST).is_some());
    assert_eq!(numbers(&sink.published().await.unwrap()), [10]);
}

#[tokio::test]
async fn what_could_not_be_written_is_tried_again() {
    let root = tempfile::tempdir().unwrap();
    let ca = TestCa::new(1);
    let (sink, _) = sink(root.path()).await;
    let public = root.path().join("public");
    std::fs::create_dir(&public).unwrap();
    std::fs::write(public.join("crl"), b"in the way").unwrap();
    sink.apply(entries(&ca), 4).await.unwrap();
    assert!(!sink.retry().await.unwrap());
    std::fs::remove_file(public.join("crl")).unwrap();
    assert!(sink.retry().await.unwrap());
    assert_eq!(numbers(&sink.published().await.unwrap()), [10]);
}
