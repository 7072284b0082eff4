//! What a receipt says of how a revocation spread.

use api::PeerRole;
use audit::EventKind;
use pki::{CrlNumber, CrlScope, RevocationReason};

use super::fixture::{
    Engine, Fixture, PUBLISHER, RESPONDER, at, event, intent, issuer, on_both_engines,
};
use super::revoking::{change, list, revoke};
use crate::{CrlRecord, FirstList, PeerChange, Reached, ResponderKey};

on_both_engines!(
    each_responder_is_named_with_the_first_time_that_it_said_so,
    the_first_list_is_the_first_that_was_made_after_the_revocation,
    a_delta_carries_what_its_complete_list_lacks,
);

const OTHER: &str = "ocsp-2";

async fn register_key(fixture: &Fixture, follower: &str) {
    let key = ResponderKey {
        follower: follower.to_owned(),
        issuers: [issuer()].into(),
        spki_hash: pki::SpkiHash::of(follower.as_bytes()),
        spki_der: follower.as_bytes().to_vec(),
    };
    let event = event(EventKind::ResponderKeyRegistered);
    let registered = fixture.store.register_responder_key(key, event).await;
    registered.unwrap().unwrap();
}

async fn acknowledge(fixture: &Fixture, follower: &str, sequence: u64) {
    fixture.later(1);
    fixture.acknowledge(follower, sequence).await;
}

async fn retire(fixture: &Fixture, name: &str) {
    let change = PeerChange {
        status: Some(api::PeerStatus::Retired),
        ..PeerChange::default()
    };
    let event = event(EventKind::PeerChanged);
    let changed = fixture.store.change_peer(name, change, event).await;
    changed.unwrap().unwrap();
}

async fn each_responder_is_named_with_the_first_time_that_it_said_so(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    for name in [OTHER, "ocsp-3"] {
        fixture.peer(name, PeerRole::Responder).await;
    }
    for name in [RESPONDER, OTHER] {
        register_key(&fixture, name).await;
    }
    fixture.issue(intent(1)).await;
    let reason = RevocationReason::KeyCompromise;
    let sequence = change(&fixture, 1, revoke(reason)).await.unwrap().sequence;
    let reached = async || {
        let reached = fixture
            .store
            .responders_reached(&issuer(), sequence)
            .await
            .unwrap();
        let names = reached.into_iter().map(|it| (it.follower, it.first));
        names.collect::<Vec<_>>()
    };
    let (one, two) = (RESPONDER.to_owned(), OTHER.to_owned());
    let pending = [(one.clone(), None), (two.clone(), None)];
    assert_eq!(reached().await, pending);

    for number in 2..=6 {
        fixture.issue(intent(number)).await;
    }
    acknowledge(&fixture, RESPONDER, sequence - 1).await;
    acknowledge(&fixture, RESPONDER, sequence + 5).await;
    acknowledge(&fixture, "ocsp-3", sequence).await;
    let first = Some(at("2026-03-01T08:00:02Z"));
    let half = [(one.clone(), first), (two.clone(), None)];
    assert_eq!(reached().await, half);

    // One that comes back with an older copy has had it before.
    acknowledge(&fixture, RESPONDER, sequence + 1).await;
    assert_eq!(reached().await, half);

    // Nobody waits for one that is switched off; what it said stays said.
    retire(&fixture, OTHER).await;
    retire(&fixture, RESPONDER).await;
    assert_eq!(reached().await, [(one, first)]);
}

async fn first(fixture: &Fixture, scope: CrlScope, sequence: u64) -> Option<FirstList> {
    let first = fixture
        .store
        .first_list_with(&issuer(), scope, sequence)
        .await;
    first.unwrap()
}

async fn publish(fixture: &Fixture, number: u64) {
    fixture.later(1);
    fixture.show(PUBLISHER, CrlNumber::new(number)).await;
}

async fn the_first_list_is_the_first_that_was_made_after_the_revocation(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let before = fixture.issue(intent(1)).await;
    list(&fixture, before).await;
    fixture.later(60);
    let reason = RevocationReason::KeyCompromise;
    let sequence = change(&fixture, 1, revoke(reason)).await.unwrap().sequence;
    // Signed after the revocation, from entries that were read before it.
    list(&fixture, sequence - 1).await;
    assert_eq!(first(&fixture, CrlScope::Full, sequence).await, None);

    fixture.later(60);
    for _ in 0..2 {
        list(&fixture, sequence).await;
    }
    let expected = FirstList {
        number: CrlNumber::new(3),
        this_update: at("2026-03-01T08:02:00Z"),
        publishers: vec![Reached {
            follower: PUBLISHER.to_owned(),
            first: None,
        }],
    };
    let found = first(&fixture, CrlScope::Full, sequence).await;
    assert_eq!(found, Some(expected.clone()));
    assert_eq!(first(&fixture, CrlScope::Shard(1), sequence).await, None);

    // A publisher that was away when the first was made goes on with the next.
    publish(&fixture, 2).await;
    assert_eq!(
        first(&fixture, CrlScope::Full, sequence).await,
        Some(expected.clone())
    );
    publish(&fixture, 4).await;
    let publishers = vec![Reached {
        follower: PUBLISHER.to_owned(),
        first: Some((CrlNumber::new(4), at("2026-03-01T08:02:02Z"))),
    }];
    let published = FirstList {
        publishers,
        ..expected
    };
    assert_eq!(
        first(&fixture, CrlScope::Full, sequence).await,
        Some(published)
    );
}

async fn last_full(fixture: &Fixture) -> CrlNumber {
    let last = fixture.store.last_crl(&issuer(), CrlScope::Full).await;
    last.unwrap().unwrap().number
}

/// Records a delta to the last complete list.
async fn delta(fixture: &Fixture, as_of: u64) -> CrlNumber {
    let base = last_full(fixture).await;
    let taken = event(EventKind::CrlSigning);
    let number = fixture
        .store
        .reserve_crl_number(&issuer(), CrlScope::Delta, base.next(), taken)
        .await
        .unwrap();
    let this_update = pki::time::Clock::now(&fixture.clock);
    let crl = CrlRecord {
        issuer: issuer(),
        scope: CrlScope::Delta,
        number,
        base: Some(base),
        this_update,
        next_update: this_update + jiff::SignedDuration::from_hours(1),
        crl_der: format!("delta {number}").into_bytes().into(),
        as_of,
    };
    let made = event(EventKind::CrlIssued);
    fixture.store.record_crl(crl, made).await.unwrap().unwrap();
    number
}

async fn a_delta_carries_what_its_complete_list_lacks(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.issue(intent(1)).await;
    let before = fixture.issue(intent(2)).await;
    list(&fixture, before).await;
    let reason = RevocationReason::KeyCompromise;
    let sequence = change(&fixture, 1, revoke(reason)).await.unwrap().sequence;
    delta(&fixture, before).await;
    assert_eq!(first(&fixture, CrlScope::Delta, sequence).await, None);
    let expected = delta(&fixture, sequence).await;
    delta(&fixture, sequence).await;
    let found = first(&fixture, CrlScope::Delta, sequence).await.unwrap();
    assert_eq!(found.number, expected);

    // The next change is on a complete list before any delta is made: no delta has to carry it.
    let sequence = change(&fixture, 2, revoke(reason)).await.unwrap().sequence;
    list(&fixture, sequence).await;
    delta(&fixture, sequence).await;
    assert_eq!(first(&fixture, CrlScope::Delta, sequence).await, None);
    let found = first(&fixture, CrlScope::Full, sequence).await.unwrap();
    assert_eq!(found.number, last_full(&fixture).await);
}
