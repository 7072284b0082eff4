//! The feed, its snapshot, its acknowledgements; lists on it.

use audit::EventKind;
use jiff::SignedDuration;
use pki::{CrlNumber, RevocationReason};

use super::{
    fixture::{
        Engine, Fixture, PUBLISHER, RESPONDER, at, event, intent, issuer, on_both_engines, serial,
    },
    revoking::{change, list, revoke},
};
use crate::{CrlRecord, CrlRefusal, StoreError, copy::StatusCopy};

on_both_engines!(
    the_snapshot_tells_of_each_thing_once,
    a_follower_gets_the_same_state_by_snapshot_and_by_feed,
    the_head_is_shown_to_those_who_watch,
    acknowledgements_say_since_when_an_entry_is_known,
    a_taken_crl_number_is_never_given_again,
    a_list_is_recorded_under_a_taken_number_only,
    an_imported_list_must_be_newer_than_the_last,
    a_list_is_shown_by_those_who_acknowledged_it,
    a_list_never_lacks_what_the_last_one_shows,
);

async fn the_snapshot_tells_of_each_thing_once(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    for number in 1..=5 {
        fixture.issue(intent(number)).await;
    }
    change(&fixture, 2, revoke(RevocationReason::Unspecified))
        .await
        .unwrap();
    list(&fixture, 0).await;
    list(&fixture, 0).await;
    let head = fixture.store.feed_head().await.unwrap();
    let mut entries = Vec::new();
    let mut after = 0;
    loop {
        let page = fixture.store.snapshot_page(after, 2).await.unwrap();
        assert!(page.lines.entries().unwrap().len() <= 2);
        entries.extend(page.lines.entries().unwrap());
        after = page.next;
        if page.complete {
            break;
        }
    }
    assert_eq!(after, head);
    // Two public issuers, five certificates, one list.
    assert_eq!(entries.len(), 8, "{entries:?}");
    let list = feed::AnnouncedList::of(&entries[7].event).unwrap();
    assert_eq!((list.number.get(), list.size), (2, 6));
    assert_eq!(list.sha256, *pki::SpkiHash::of(b"list 2").as_bytes());
    let octets = fixture.octets(pki::CrlScope::Full, list.number).await;
    assert_eq!(octets.unwrap(), b"list 2");
    let all = fixture
        .store
        .feed_after(0, 100)
        .await
        .unwrap()
        .entries()
        .unwrap();
    let numbers: Vec<_> = all.iter().map(|entry| entry.seq).collect();
    assert_eq!(numbers, (1..=head).collect::<Vec<_>>());
    fixture.store.check_invariants().await.unwrap();
}

async fn a_follower_gets_the_same_state_by_snapshot_and_by_feed(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    for number in 1..=4 {
        fixture.issue(intent(number)).await;
    }
    change(&fixture, 1, revoke(RevocationReason::KeyCompromise))
        .await
        .unwrap();
    change(&fixture, 2, crate::StatusChange::Hold)
        .await
        .unwrap();
    change(&fixture, 3, crate::StatusChange::Hold)
        .await
        .unwrap();
    change(&fixture, 3, crate::StatusChange::Release)
        .await
        .unwrap();
    list(&fixture, 0).await;
    let directory = tempfile::tempdir().unwrap();
    let by_feed = StatusCopy::open(&directory.path().join("feed.db"))
        .await
        .unwrap();
    let entries = fixture
        .store
        .feed_after(0, 1000)
        .await
        .unwrap()
        .entries()
        .unwrap();
    by_feed
        .apply(&entries, entries.last().unwrap().seq)
        .await
        .unwrap();
    let by_snapshot = StatusCopy::open(&directory.path().join("snapshot.db"))
        .await
        .unwrap();
    let page = fixture.store.snapshot_page(0, 1000).await.unwrap();
    by_snapshot
        .apply(&page.lines.entries().unwrap(), page.next)
        .await
        .unwrap();

    let head = fixture.store.feed_head().await.unwrap();
    for copy in [&by_feed, &by_snapshot] {
        assert_eq!(copy.cursor().await.unwrap(), head);
        assert_eq!(copy.statuses(None, 100).await.unwrap().len(), 4);
        let not_good = copy.not_good(&issuer(), None, None, 100).await.unwrap();
        let serials: Vec<_> = not_good.iter().map(|status| status.serial).collect();
        assert_eq!(serials, [serial(1), serial(2)]);
        let list = copy.crls().await.unwrap().remove(0);
        assert_eq!(list.sha256, *pki::SpkiHash::of(b"list 1").as_bytes());
    }
    let (left, right) = (
        by_feed.statuses(None, 100).await,
        by_snapshot.statuses(None, 100).await,
    );
    assert_eq!(left.unwrap(), right.unwrap());
    assert_eq!(
        by_feed.issuers().await.unwrap(),
        by_snapshot.issuers().await.unwrap()
    );
}

async fn the_head_is_shown_to_those_who_watch(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let mut head = fixture.store.watch_feed();
    let before = *head.borrow_and_update();
    assert_eq!(before.last, fixture.store.feed_head().await.unwrap());
    let sequence = fixture.issue(intent(1)).await;
    let issued = *head.wait_for(|head| head.last > before.last).await.unwrap();
    assert_eq!(issued.last, sequence);
    assert_eq!(
        issued.pressing, before.pressing,
        "a new certificate can wait"
    );
    let why = revoke(RevocationReason::Superseded);
    change(&fixture, 1, why).await.unwrap();
    let revoked = *head.wait_for(|head| head.last > sequence).await.unwrap();
    assert_eq!(revoked.pressing, revoked.last, "a revocation cannot");
}

async fn acknowledgements_say_since_when_an_entry_is_known(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    for number in 1..=3 {
        fixture.issue(intent(number)).await;
    }
    let store = &fixture.store;
    fixture.acknowledge(RESPONDER, 1).await;
    fixture.later(1);
    fixture.acknowledge(RESPONDER, 4).await;
    fixture.later(1);
    fixture.acknowledge(RESPONDER, 4).await;
    fixture.acknowledge(PUBLISHER, 2).await;
    let told: Vec<_> = store
        .acknowledgements()
        .await
        .unwrap()
        .into_iter()
        .map(|it| (it.follower, it.sequence))
        .collect();
    assert_eq!(told, [(PUBLISHER.to_owned(), 2), (RESPONDER.to_owned(), 4)]);
    let covering = store.acknowledged(2).await.unwrap();
    let times: Vec<_> = covering
        .iter()
        .map(|it| (it.follower.as_str(), it.at))
        .collect();
    let (first, second) = (at("2026-03-01T08:00:01Z"), at("2026-03-01T08:00:02Z"));
    assert_eq!(times, [(PUBLISHER, second), (RESPONDER, first)]);
    assert!(store.acknowledged(5).await.unwrap().is_empty());
    let error = store
        .acknowledge("nobody", &fixture.epoch().await, 1, Vec::new(), false)
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Database { .. }), "{error}");
}

async fn a_taken_crl_number_is_never_given_again(engine: Engine) {
    let mut fixture = Fixture::new(engine).await;
    let signing = || event(EventKind::CrlSigning);
    let mut numbers = Vec::new();
    for floor in [1, 1, 10, 1] {
        let floor = CrlNumber::new(floor);
        let store = &fixture.store;
        let number = store
            .reserve_crl_number(&issuer(), pki::CrlScope::Full, floor, signing())
            .await
            .unwrap();
        numbers.push(number.get());
        fixture.restart().await;
    }
    assert_eq!(numbers, [1, 2, 10, 11]);
    let (store, first) = (&fixture.store, CrlNumber::new(1));
    let other = store
        .reserve_crl_number(&issuer(), pki::CrlScope::Shard(1), first, signing())
        .await
        .unwrap();
    assert_eq!(other, first, "each scope counts for itself");
}

fn crl(number: u64, this_update: &str) -> CrlRecord {
    let this_update = at(this_update);
    CrlRecord {
        issuer: "root".parse().unwrap(),
        scope: pki::CrlScope::Full,
        base: None,
        number: CrlNumber::new(number),
        this_update,
        next_update: this_update + SignedDuration::from_hours(24),
        crl_der: format!("root list {number}").into_bytes().into(),
        as_of: 0,
    }
}

async fn a_list_is_recorded_under_a_taken_number_only(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let record = |crl| fixture.store.record_crl(crl, event(EventKind::CrlIssued));
    let signed = crl(1, "2026-03-01T08:00:00Z");
    assert_eq!(
        record(signed.clone()).await.unwrap(),
        Err(CrlRefusal::NotReserved)
    );
    let taken = fixture.store.reserve_crl_number(
        &signed.issuer,
        pki::CrlScope::Full,
        CrlNumber::new(1),
        event(EventKind::CrlSigning),
    );
    taken.await.unwrap();
    record(signed.clone()).await.unwrap().unwrap();
    let last = CrlNumber::new(1);
    assert_eq!(
        record(signed.clone()).await.unwrap(),
        Err(CrlRefusal::NumberNotAhead { last })
    );
    let recorded = fixture
        .store
        .crl_octets(&signed.issuer, pki::CrlScope::Full, signed.number)
        .await;
    let recorded = recorded.unwrap().unwrap().collect().await.unwrap();
    assert_eq!(recorded, signed.crl_der);
}

async fn an_imported_list_must_be_newer_than_the_last(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let import = |crl| fixture.store.import_crl(crl, event(EventKind::CrlImported));
    import(crl(5, "2026-03-01T08:00:00Z"))
        .await
        .unwrap()
        .unwrap();
    let last = CrlNumber::new(5);
    for number in [4, 5] {
        let refusal = import(crl(number, "2026-03-02T08:00:00Z")).await.unwrap();
        assert_eq!(refusal, Err(CrlRefusal::NumberNotAhead { last }));
    }
    let older = import(crl(6, "2026-03-01T07:59:59Z")).await.unwrap();
    assert_eq!(older, Err(CrlRefusal::Older));
    for number in [6, 7] {
        let newer = import(crl(number, "2026-03-01T08:00:00Z"));
        newer.await.unwrap().unwrap();
    }
    for (number, kept) in [(5, false), (6, true), (7, true)] {
        let (root, number) = ("root".parse().unwrap(), CrlNumber::new(number));
        let octets = fixture.store.crl_octets(&root, pki::CrlScope::Full, number);
        assert_eq!(octets.await.unwrap().is_some(), kept, "{number}");
    }
    let mut nobodys = crl(8, "2026-03-01T08:00:00Z");
    nobodys.issuer = "nobody".parse().unwrap();
    assert_eq!(
        import(nobodys).await.unwrap(),
        Err(CrlRefusal::IssuerNotFound)
    );
    fixture.store.check_invariants().await.unwrap();
}

async fn a_list_never_lacks_what_the_last_one_shows(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let record = async |number, as_of| {
        let mut crl = crl(number, "2026-03-01T08:00:00Z");
        crl.as_of = as_of;
        let imported = fixture.store.import_crl(crl, event(EventKind::CrlImported));
        imported.await.unwrap()
    };
    record(1, 12).await.unwrap();
    assert_eq!(record(2, 11).await, Err(CrlRefusal::Older));
    record(3, 12).await.unwrap();
}

async fn a_list_is_shown_by_those_who_acknowledged_it(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    list(&fixture, 0).await;
    for (number, events) in [(1, 1), (1, 1), (9, 1)] {
        // Nobody made the ninth.
        let told = fixture.show(PUBLISHER, CrlNumber::new(number)).await;
        assert_eq!(told, events, "{number}");
    }
    let current = fixture.store.current_crls().await.unwrap();
    assert_eq!(
        (current.len(), current[0].published_by.as_slice()),
        (1, &[PUBLISHER.to_owned()][..])
    );
    list(&fixture, 0).await;
    let current = fixture.store.current_crls().await.unwrap();
    assert_eq!(
        (current[0].number.get(), current[0].published_by.len()),
        (2, 0)
    );
}
