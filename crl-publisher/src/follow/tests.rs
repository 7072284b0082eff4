//! From the feed over the copy to what is acknowledged.

use pki::{CrlNumber, CrlScope};

use super::*;
use crate::test_ca::TestCa;

#[tokio::test]
async fn entries_are_durable_before_the_publisher_looks() {
    let root = tempfile::tempdir().unwrap();
    let copy = StatusCopy::open(&root.path().join("copy.db"))
        .await
        .unwrap();
    let state = watch::Sender::<State>::default();
    let changed = Arc::new(Notify::new());
    let sink = PublisherSink::load(copy.clone(), state.clone(), Arc::clone(&changed))
        .await
        .unwrap();
    assert_eq!(sink.position().await.unwrap().cursor, 0);
    let entry = TestCa::new(1).issuer_entry(1);
    sink.apply(vec![entry], 1).await.unwrap();
    changed.notified().await;
    assert_eq!(sink.position().await.unwrap().cursor, 1);
    assert_eq!(copy.cursor().await.unwrap(), 1);
    assert_eq!(sink.published().await.unwrap(), []);
    let list = CrlAcknowledgement {
        issuer: "esign-ca".parse().unwrap(),
        scope: CrlScope::Shard(1),
        number: CrlNumber::new(4),
    };
    state.send_modify(|state| state.published.push(list.clone()));
    assert_eq!(sink.published().await.unwrap(), [list]);
}
