//! Who leads, of two daemons on one database.

use testkit::eventually;

use super::fixture::{Engine, Fixture, on_both_engines};

on_both_engines!(one_of_two_daemons_leads, the_lead_ends_with_its_connection);

async fn one_of_two_daemons_leads(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let first = fixture.store.leader_lock();
    assert!(first.hold().await.unwrap());
    assert!(first.hold().await.unwrap());
    if engine == Engine::Sqlite {
        return;
    }
    let other = fixture.reopened().await;
    let second = other.leader_lock();
    assert!(!second.hold().await.unwrap());
    first.release().await;
    eventually("the second leads", async || second.hold().await.unwrap()).await;
    assert!(!first.hold().await.unwrap());
}

async fn the_lead_ends_with_its_connection(engine: Engine) {
    if engine == Engine::Sqlite {
        return;
    }
    let fixture = Fixture::new(engine).await;
    let (first, second) = (fixture.store.leader_lock(), fixture.store.leader_lock());
    assert!(first.hold().await.unwrap());
    assert!(!second.hold().await.unwrap());
    fixture
        .sql(
            "SELECT pg_terminate_backend(pid) FROM pg_locks \
             WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid() \
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        )
        .await
        .unwrap();
    eventually("the second leads", async || {
        // Its own session ended too, if it held another advisory lock at that moment.
        second.hold().await.unwrap_or(false)
    })
    .await;
    // The first hears of it at its next question, and not before it is asked.
    assert!(!first.hold().await.unwrap_or(false));
    assert!(!first.hold().await.unwrap_or(false));
}
