//! A database that is put back from a copy is another feed.

use std::sync::Arc;

use audit::EventKind;
use feed::Epoch;
use pki::{CrlNumber, CrlScope};

use super::fixture::{Engine, Fixture, RESPONDER, event, intent, issuer, on_both_engines};
use crate::{AcknowledgementRefusal, DatabaseConfig, Store, copy::StatusCopy};

on_both_engines!(
    acknowledgements_of_another_epoch_count_for_nothing,
    a_new_epoch_forgets_acknowledgements_and_moves_numbers_ahead,
    a_copy_has_no_epoch_of_its_own,
);

fn other() -> Epoch {
    Epoch::from_bytes([9; 16])
}

async fn acknowledgements_of_another_epoch_count_for_nothing(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let store = &fixture.store;
    let position = store.feed_position().await.unwrap().unwrap();
    assert_eq!(position.head, store.feed_head().await.unwrap());
    for (epoch, sequence, refusal) in [
        (other(), 1, AcknowledgementRefusal::OtherEpoch),
        (
            position.epoch.clone(),
            position.head + 1,
            AcknowledgementRefusal::BeyondHead,
        ),
    ] {
        let outcome = store
            .acknowledge(RESPONDER, &epoch, sequence, Vec::new(), false)
            .await;
        assert_eq!(outcome.unwrap(), Err(refusal));
    }
    assert_eq!(store.acknowledgements().await.unwrap(), []);
    let outcome = store.acknowledge(RESPONDER, &position.epoch, position.head, Vec::new(), false);
    assert_eq!(outcome.await.unwrap(), Ok(()));
}

async fn a_new_epoch_forgets_acknowledgements_and_moves_numbers_ahead(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let store = &fixture.store;
    fixture.issue(intent(1)).await;
    fixture.acknowledge(RESPONDER, 1).await;
    let reserve = async || {
        let signing = event(EventKind::CrlSigning);
        store
            .reserve_crl_number(&issuer(), CrlScope::Full, CrlNumber::new(1), signing)
            .await
    };
    assert_eq!(reserve().await.unwrap(), CrlNumber::new(1));
    let restored = event(EventKind::DatabaseRestored);
    store.begin_epoch(other(), 1_000, restored).await.unwrap();
    let position = store.feed_position().await.unwrap().unwrap();
    assert_eq!(position.epoch, other());
    assert_eq!(store.acknowledgements().await.unwrap(), []);
    assert_eq!(reserve().await.unwrap(), CrlNumber::new(1_002));
    store.check_invariants().await.unwrap();
}

async fn a_copy_has_no_epoch_of_its_own(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    if engine == Engine::Postgres {
        // scripts/backup.sh has pg_dump leave the row out.
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("copy.db");
    fixture.store.backup(&path).await.unwrap();
    let beside: Vec<_> = std::fs::read_dir(directory.path()).unwrap().collect();
    assert_eq!(beside.len(), 1, "{beside:?}");
    let config = DatabaseConfig::new(format!("sqlite://{}", path.display()));
    let copy = Store::connect(&config, Arc::new(fixture.clock.clone()))
        .await
        .unwrap();
    assert_eq!(copy.feed_position().await.unwrap(), None);
    let restored = event(EventKind::DatabaseRestored);
    copy.begin_epoch(other(), 0, restored).await.unwrap();
    let position = copy.feed_position().await.unwrap().unwrap();
    assert_eq!(position.epoch, other());
    copy.check_invariants().await.unwrap();
    // The original is what it was.
    assert_ne!(fixture.epoch().await, other());
}

#[tokio::test]
async fn a_followers_copy_that_starts_over_is_kept_beside_the_new_one() {
    let fixture = Fixture::new(Engine::Sqlite).await;
    fixture.issue(intent(1)).await;
    let entries = fixture
        .store
        .feed_after(0, 100)
        .await
        .unwrap()
        .entries()
        .unwrap();
    let head = fixture.store.feed_head().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("copy.db");
    let copy = StatusCopy::open(&path).await.unwrap();
    let first = fixture.epoch().await;
    copy.start_over(&first).await.unwrap();
    copy.apply(&entries, head).await.unwrap();
    assert_eq!(copy.statuses(None, 10).await.unwrap().len(), 1);

    copy.start_over(&other()).await.unwrap();
    let position = copy.position().await.unwrap();
    assert_eq!((position.epoch, position.cursor), (Some(other()), 0));
    assert_eq!(copy.statuses(None, 10).await.unwrap(), []);
    assert_eq!(copy.issuers().await.unwrap(), []);
    let name = format!("copy.db.epoch-{}", first.as_str().get(..8).unwrap());
    let kept = StatusCopy::open(&directory.path().join(name))
        .await
        .unwrap();
    assert_eq!(kept.statuses(None, 10).await.unwrap().len(), 1);
    assert_eq!(kept.cursor().await.unwrap(), head);
}
