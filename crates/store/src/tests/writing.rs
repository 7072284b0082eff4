//! The writer, the schema, copies.

use std::sync::Arc;

use audit::EventKind;

use super::fixture::{Engine, Fixture, Place, event, intent, on_both_engines, place, serial};
use crate::{DatabaseConfig, InvariantError, Store, StoreError};

on_both_engines!(
    an_operation_that_fails_takes_no_neighbour_with_it,
    operations_of_two_daemons_get_numbers_in_commit_order,
    what_is_queued_is_recorded_before_the_store_closes,
    a_store_is_opened_only_with_its_own_schema,
    migrating_twice_changes_nothing,
    check_invariants_finds_what_was_tampered_with,
    personal_data_is_in_its_own_table_only,
);

/// Many operations at once, so that some share a transaction.
async fn an_operation_that_fails_takes_no_neighbour_with_it(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let mut tasks = tokio::task::JoinSet::new();
    for number in 1..=60 {
        let store = fixture.store.clone();
        let mut intent = intent(number);
        match number % 4 {
            // No such peer: the database itself refuses.
            0 => intent.request.ra = Some("nobody".to_owned()),
            // Refused by rule.
            1 => intent.spki_hash = pki::SpkiHash::of(b"root"),
            _ => {}
        }
        tasks.spawn(async move { (number, store.record_intent(intent).await) });
    }
    while let Some(task) = tasks.join_next().await {
        let (number, outcome) = task.unwrap();
        match number % 4 {
            0 => assert!(
                matches!(outcome, Err(StoreError::Database { .. })),
                "{outcome:?}"
            ),
            1 => assert!(matches!(outcome, Ok(Err(_))), "{outcome:?}"),
            _ => assert!(matches!(outcome, Ok(Ok(()))), "{outcome:?}"),
        }
        let recorded = fixture.store.certificate(serial(number)).await.unwrap();
        assert_eq!(recorded.is_some(), number % 4 > 1, "{number}");
    }
    assert_eq!(fixture.store.unfinished().await.unwrap().len(), 30);
    fixture.store.check_invariants().await.unwrap();
}

async fn operations_of_two_daemons_get_numbers_in_commit_order(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let second = match engine {
        // An SQLite database has one owner.
        Engine::Sqlite => {
            let clock = Arc::new(fixture.clock.clone());
            let refused = Store::connect(&fixture.config, clock).await.unwrap_err();
            assert_eq!(refused.code(), "database-configuration");
            fixture.store.clone()
        }
        Engine::Postgres => fixture.reopened().await,
    };
    let mut tasks = tokio::task::JoinSet::new();
    for (number, store) in (1..=40).zip([&fixture.store, &second].into_iter().cycle()) {
        let store = store.clone();
        tasks.spawn(async move {
            let intent = intent(number);
            let issued = super::fixture::issued(&intent);
            store.record_intent(intent).await.unwrap().unwrap();
            store.writes().submit(issued).await.unwrap()
        });
    }
    // A reader that follows while both write must never see a number appear behind it.
    let mut seen = Vec::new();
    while seen.len() < 42 {
        let after = seen.last().copied().unwrap_or(0);
        let entries = fixture
            .store
            .feed_after(after, 100)
            .await
            .unwrap()
            .entries()
            .unwrap();
        seen.extend(entries.iter().map(|entry| entry.seq));
        tokio::task::yield_now().await;
    }
    assert_eq!(seen, (1..=42).collect::<Vec<_>>());
    while let Some(task) = tasks.join_next().await {
        task.unwrap();
    }
    second.check_invariants().await.unwrap();
}

async fn what_is_queued_is_recorded_before_the_store_closes(engine: Engine) {
    let mut fixture = Fixture::new(engine).await;
    let mut tasks = tokio::task::JoinSet::new();
    for number in 1..=20 {
        let store = fixture.store.clone();
        tasks.spawn(async move { (number, store.record_intent(intent(number)).await) });
    }
    tokio::task::yield_now().await;
    let closing = fixture.store.clone();
    closing.close().await;
    let mut recorded = 0;
    while let Some(task) = tasks.join_next().await {
        match task.unwrap() {
            (_, Ok(Ok(()))) => recorded += 1,
            (_, Err(StoreError::WriterStopped)) => {}
            other => panic!("{other:?}"),
        }
    }
    fixture.restart().await;
    assert_eq!(fixture.store.unfinished().await.unwrap().len(), recorded);
    let late = closing
        .record_audit(vec![event(EventKind::DaemonStopped)])
        .await
        .unwrap_err();
    assert!(matches!(late, StoreError::WriterStopped), "{late}");
}

async fn a_store_is_opened_only_with_its_own_schema(engine: Engine) {
    let (_place, config) = place(engine);
    let clock = || {
        Arc::new(pki::time::ManualClock::new(super::fixture::at(
            "2026-03-01T08:00:00Z",
        )))
    };
    let error = Store::connect(&config, clock()).await.unwrap_err();
    assert!(
        matches!(error, StoreError::NotMigrated { found: 0, .. }),
        "{error}"
    );
    let mut fixture = Fixture::new(engine).await;
    fixture
        .sql("INSERT INTO schema_version (version, applied_at) VALUES (99, 0)")
        .await
        .unwrap();
    fixture.store.close().await;
    let error = Store::connect(&fixture.config, clock()).await.unwrap_err();
    assert!(
        matches!(error, StoreError::SchemaTooNew { found: 99, .. }),
        "{error}"
    );
    let error = Store::migrate(&fixture.config, clock()).await.unwrap_err();
    assert!(
        matches!(error, StoreError::SchemaTooNew { found: 99, .. }),
        "{error}"
    );
    fixture.sql("DELETE FROM schema_version").await.unwrap();
    let error = Store::connect(&fixture.config, clock()).await.unwrap_err();
    assert!(
        matches!(error, StoreError::NotMigrated { found: 0, .. }),
        "{error}"
    );
    fixture
        .sql("INSERT INTO schema_version (version, applied_at) VALUES (1, 0)")
        .await
        .unwrap();
    fixture.restart().await;
}

async fn migrating_twice_changes_nothing(engine: Engine) {
    let mut fixture = Fixture::new(engine).await;
    fixture.issue(intent(1)).await;
    fixture.store.close().await;
    let clock = Arc::new(fixture.clock.clone());
    assert_eq!(Store::migrate(&fixture.config, clock).await.unwrap(), 1);
    fixture.restart().await;
    assert!(
        fixture
            .store
            .certificate(serial(1))
            .await
            .unwrap()
            .is_some()
    );
}

async fn check_invariants_finds_what_was_tampered_with(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.issue(intent(1)).await;
    fixture.store.check_invariants().await.unwrap();
    let lift = match engine {
        Engine::Sqlite => "DROP TRIGGER audit_log_no_update",
        Engine::Postgres => "ALTER TABLE audit_log DISABLE TRIGGER ALL",
    };
    fixture.sql(lift).await.unwrap();
    fixture
        .sql("UPDATE audit_log SET event = replace(event, 'daemon', 'operator') WHERE seq = 2")
        .await
        .unwrap();
    let error = fixture.store.check_invariants().await.unwrap_err();
    assert!(
        matches!(error, InvariantError::Chain { sequence: 2 }),
        "{error}"
    );
    fixture
        .sql("UPDATE audit_log SET serial = NULL WHERE kind = 'signing'")
        .await
        .unwrap();
    let error = fixture.store.check_invariants().await.unwrap_err();
    assert!(matches!(error, InvariantError::Broken { .. }), "{error}");
}

async fn personal_data_is_in_its_own_table_only(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.issue(intent(1)).await;
    let tables = [
        "requests",
        "certificates",
        "feed",
        "audit_log",
        "bindings",
        "quotas",
    ];
    for marker in ["Li Lei", "subscriber-1"] {
        for table in tables {
            let rows = fixture.dump(table).await;
            assert!(!rows.contains(marker), "{marker} in {table}");
        }
    }
    assert!(fixture.dump("statements").await.contains("Li Lei"));
}

#[tokio::test]
async fn a_copy_of_an_sqlite_database_holds_everything_and_opens() {
    let fixture = Fixture::new(Engine::Sqlite).await;
    fixture.issue(intent(1)).await;
    let Place::Sqlite(directory) = &fixture.place else {
        unreachable!()
    };
    let path = directory.path().join("copy.db");
    fixture.store.backup(&path).await.unwrap();
    fixture.issue(intent(2)).await;
    assert!(
        fixture.store.backup(&path).await.is_err(),
        "a copy is never overwritten"
    );
    let config = DatabaseConfig::new(format!("sqlite://{}", path.display()));
    let copy = Store::connect(&config, Arc::new(fixture.clock.clone()))
        .await
        .unwrap();
    assert!(copy.certificate(serial(1)).await.unwrap().is_some());
    assert!(copy.certificate(serial(2)).await.unwrap().is_none());
    copy.check_invariants().await.unwrap();
}

#[tokio::test]
async fn postgresql_is_copied_by_its_own_tools() {
    let fixture = Fixture::new(Engine::Postgres).await;
    let error = fixture
        .store
        .backup(std::path::Path::new("x"))
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Unsupported { .. }), "{error}");
}

#[tokio::test]
async fn the_writer_connects_again_after_the_server_was_away() {
    let fixture = Fixture::new(Engine::Postgres).await;
    let Place::Postgres(server) = &fixture.place else {
        unreachable!()
    };
    server.disconnect_all();
    fixture.issue(intent(1)).await;
    server.allow_connections(false);
    let error = fixture.store.record_intent(intent(2)).await.unwrap_err();
    assert!(matches!(error, StoreError::Database { .. }), "{error}");
    server.allow_connections(true);
    fixture.issue(intent(2)).await;
    fixture.store.check_invariants().await.unwrap();
}
