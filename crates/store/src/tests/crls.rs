//! What lists show, and until when.

use pki::{CrlNumber, CrlScope, RevocationReason, SerialNumber};

use super::fixture::{Engine, Fixture, PUBLISHER, at, intent, issuer, on_both_engines, serial};
use super::revoking::{change, crl, list_of, record, reserved, revoke};
use crate::{Intent, Listed, StatusChange, engine::Statement};

on_both_engines!(
    a_shard_shows_its_own_certificates,
    a_delta_shows_changes_and_releases,
    an_entry_leaves_when_both_its_lists_have_shown_it_after_its_end,
    changes_are_told_by_shard,
    the_octets_of_the_last_two_lists_are_kept,
    a_long_list_is_recorded_and_read_in_parts,
    octets_of_a_list_that_was_never_recorded_go,
    a_delta_adds_to_what_every_publisher_shows,
    a_shard_is_needed_until_its_last_certificate_is_over_and_off_the_list,
    complete_and_delta_lists_take_their_numbers_from_one_sequence,
);

fn in_shard(number: u16, shard: u16) -> Intent {
    Intent {
        shard: Some(shard),
        ..intent(number)
    }
}

async fn shown(fixture: &Fixture, listed: Listed) -> Vec<(SerialNumber, Option<RevocationReason>)> {
    let (_, entries) = fixture.listed(listed).await;
    entries
        .iter()
        .map(|entry| (entry.serial, entry.reason))
        .collect()
}

async fn revoked(fixture: &Fixture, number: u16) -> u64 {
    let why = revoke(RevocationReason::Superseded);
    change(fixture, number, why).await.unwrap().sequence
}

const SUPERSEDED: Option<RevocationReason> = Some(RevocationReason::Superseded);

async fn a_shard_shows_its_own_certificates(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    for (number, shard) in [(1, Some(0)), (2, Some(1)), (3, None), (4, Some(1))] {
        let intent = Intent {
            shard,
            ..intent(number)
        };
        fixture.issue(intent).await;
        revoked(&fixture, number).await;
    }
    let entry = |number| (serial(number), SUPERSEDED);
    let all = [entry(1), entry(2), entry(3), entry(4)];
    assert_eq!(shown(&fixture, Listed::All).await, all);
    assert_eq!(shown(&fixture, Listed::Shard(0)).await, [entry(1)]);
    assert_eq!(
        shown(&fixture, Listed::Shard(1)).await,
        [entry(2), entry(4)]
    );
    assert_eq!(shown(&fixture, Listed::Shard(2)).await, []);
}

async fn a_delta_shows_changes_and_releases(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    for number in 1..=4 {
        fixture.issue(intent(number)).await;
    }
    revoked(&fixture, 1).await;
    change(&fixture, 2, StatusChange::Hold).await.unwrap();
    let (base, _) = fixture.listed(Listed::All).await;
    change(&fixture, 2, StatusChange::Release).await.unwrap();
    change(&fixture, 3, StatusChange::Hold).await.unwrap();
    assert_eq!(
        shown(&fixture, Listed::ChangedSince(base)).await,
        [
            (serial(2), Some(RevocationReason::RemoveFromCrl)),
            (serial(3), Some(RevocationReason::CertificateHold)),
        ]
    );
    let (now, _) = fixture.listed(Listed::All).await;
    assert_eq!(shown(&fixture, Listed::ChangedSince(now)).await, []);
}

async fn an_entry_leaves_when_both_its_lists_have_shown_it_after_its_end(engine: Engine) {
    for order in [
        [CrlScope::Full, CrlScope::Shard(3)],
        [CrlScope::Shard(3), CrlScope::Full],
    ] {
        let fixture = Fixture::new(engine).await;
        fixture.issue(in_shard(1, 3)).await;
        fixture.issue(intent(2)).await;
        revoked(&fixture, 1).await;
        let as_of = revoked(&fixture, 2).await;
        for scope in order {
            list_of(&fixture, scope, as_of).await;
        }
        fixture.clock.set(at("2027-03-02T08:00:00Z"));
        assert_eq!(shown(&fixture, Listed::Shard(3)).await.len(), 1);
        list_of(&fixture, order[0], as_of).await;
        fixture.store.check_invariants().await.unwrap();
        assert_eq!(
            shown(&fixture, Listed::Shard(3)).await.len(),
            1,
            "{order:?}"
        );
        list_of(&fixture, order[1], as_of).await;
        fixture.store.check_invariants().await.unwrap();
        assert_eq!(shown(&fixture, Listed::All).await, [], "{order:?}");
    }
}

async fn changes_are_told_by_shard(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.issue(in_shard(1, 7)).await;
    fixture.issue(intent(2)).await;
    revoked(&fixture, 1).await;
    let (before, _) = fixture.listed(Listed::All).await;
    fixture.later(60);
    let since = async |scope| {
        let issuer = issuer();
        let changed = fixture.store.status_changed_after(&issuer, scope, before);
        changed.await.unwrap()
    };
    assert_eq!(since(CrlScope::Full).await, None);
    let last = revoked(&fixture, 2).await;
    assert_eq!(
        since(CrlScope::Full).await,
        Some(at("2026-03-01T08:01:00Z"))
    );
    assert_eq!(since(CrlScope::Shard(7)).await, None);
    let changes = fixture.store.changes_after(&issuer(), 0).await.unwrap();
    let last_of = |shard| {
        changes
            .iter()
            .find(|change| change.shard == shard)
            .unwrap()
            .last
    };
    assert_eq!((last_of(Some(7)), last_of(None)), (before, last));
}

async fn the_octets_of_the_last_two_lists_are_kept(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let mut numbers = Vec::new();
    for _ in 0..3 {
        numbers.push(list_of(&fixture, CrlScope::Full, 0).await);
    }
    let kept = async |number| fixture.octets(CrlScope::Full, number).await.is_some();
    assert!(kept(numbers[0]).await);
    drop_superseded(&fixture).await;
    assert!(!kept(numbers[0]).await);
    assert!(kept(numbers[1]).await && kept(numbers[2]).await);
    fixture.store.check_invariants().await.unwrap();
}

async fn a_long_list_is_recorded_and_read_in_parts(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let long: Vec<u8> = (0..5_000_000_u32).map(|at| at.to_le_bytes()[1]).collect();
    let number = reserved(&fixture, CrlScope::Full).await;
    record(
        &fixture,
        crl(&fixture, (CrlScope::Full, number), 0, long.clone()),
    )
    .await;
    assert_eq!(fixture.octets(CrlScope::Full, number).await, Some(long));
    fixture.store.check_invariants().await.unwrap();

    let (issuer, store) = (issuer(), &fixture.store);
    let read = store.crl_octets(&issuer, CrlScope::Full, number).await;
    let mut read = read.unwrap().unwrap();
    assert_eq!(read.left(), 5_000_000);
    assert_eq!(read.next_part().await.unwrap().unwrap().len(), 256 * 1024);
    for _ in 0..2 {
        list_of(&fixture, CrlScope::Full, 0).await;
    }
    drop_superseded(&fixture).await;
    assert_eq!(read.next_part().await.unwrap_err().code(), "list-gone");
}

async fn octets_of_a_list_that_was_never_recorded_go(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let number = reserved(&fixture, CrlScope::Full).await;
    let crl = crl(&fixture, (CrlScope::Full, number), 0, vec![7; 5_000_000]);
    fixture.store.write_octets(&crl).await.unwrap().unwrap();
    let parts = async || {
        let mut connection = fixture.store.reader().await.unwrap();
        let count = Statement::new("SELECT COUNT(*) AS count FROM crl_octets WHERE number = $1");
        let row = connection.first(count.bind(number)).await;
        let row = row.unwrap().unwrap();
        row.get::<u64>("count").unwrap()
    };
    assert_eq!(parts().await, 16);
    assert_eq!(fixture.octets(CrlScope::Full, number).await, None);
    for _ in 0..2 {
        list_of(&fixture, CrlScope::Full, 0).await;
        drop_superseded(&fixture).await;
    }
    assert_eq!(parts().await, 0);
}

async fn drop_superseded(fixture: &Fixture) {
    let issuer = issuer();
    let dropped = fixture.store.drop_superseded_octets(&issuer);
    dropped.await.unwrap();
}

async fn a_delta_adds_to_what_every_publisher_shows(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.peer("crl-2", api::PeerRole::Publisher).await;
    let base = async || {
        let base = fixture.store.delta_base(&issuer()).await.unwrap();
        base.map(|list| list.number)
    };
    let shows = async |publisher, number| fixture.show(publisher, number).await;
    let first = list_of(&fixture, CrlScope::Full, 0).await;
    assert_eq!(base().await, None);
    shows(PUBLISHER, first).await;
    assert_eq!(base().await, None, "the second publisher has nothing yet");
    shows("crl-2", first).await;
    assert_eq!(base().await, Some(first));
    let second = list_of(&fixture, CrlScope::Full, 0).await;
    shows(PUBLISHER, second).await;
    assert_eq!(base().await, Some(first));
}

async fn a_shard_is_needed_until_its_last_certificate_is_over_and_off_the_list(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.issue(in_shard(1, 5)).await;
    let needed = async |now| {
        let needed = fixture.store.shard_is_needed(&issuer(), 5, at(now)).await;
        needed.unwrap()
    };
    assert!(needed("2027-03-01T08:00:00Z").await);
    assert!(!needed("2027-03-01T08:00:01Z").await);
    revoked(&fixture, 1).await;
    assert!(
        needed("2027-03-01T08:00:01Z").await,
        "it stands on the list"
    );
    assert!(
        !fixture
            .store
            .shard_is_needed(&issuer(), 6, at("2026-03-01T08:00:00Z"))
            .await
            .unwrap()
    );
}

async fn complete_and_delta_lists_take_their_numbers_from_one_sequence(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let mut numbers = Vec::new();
    for scope in [
        CrlScope::Full,
        CrlScope::Delta,
        CrlScope::Shard(0),
        CrlScope::Full,
    ] {
        numbers.push(list_of(&fixture, scope, 0).await);
    }
    assert_eq!(numbers, [1, 2, 1, 3].map(CrlNumber::new));
    fixture.store.check_invariants().await.unwrap();
}
