//! Lists of all scopes, one after the other and over restarts.

use testkit::wait_until;

use super::*;
use crate::test_ca::{HELD, held, url};

#[tokio::test]
async fn a_refused_list_leaves_the_last_good_one() {
    let mut fixture = Fixture::published().await;
    fixture.offer(5, &TestList::new(11, &[])).await;
    fixture.stands(&TestList::new(10, &[3]));
    assert_eq!(fixture.blocked(), Some("crl-revocation-missing"));
    let directory = fixture.root.path().join("public/crl");
    wait_until("nothing is left of it on the disk", || {
        std::fs::read_dir(&directory).unwrap().count() == 1
    });
    let good = TestList::new(12, &[3]);
    fixture.offer(6, &good).await;
    fixture.stands(&good);
    assert_eq!(fixture.blocked(), None);
}

#[tokio::test]
async fn a_list_waits_until_everything_before_it_is_known() {
    let mut fixture = Fixture::new().await;
    // Pages of a snapshot, in whatever order; the cursor moves with the last one.
    let list = fixture.announce(9, &TestList::new(10, &[]).read_at(8));
    let issuer = fixture.ca.issuer_entry(1);
    fixture.copy.apply(&[list, issuer], 0).await.unwrap();
    fixture.publisher.look().await.unwrap();
    assert_eq!((fixture.served(LIST), fixture.blocked()), (None, None));
    let last_page = [fixture.ca.certificate_entry(2, 3, revoked())];
    fixture.copy.apply(&last_page, 9).await.unwrap();
    fixture.publisher.look().await.unwrap();
    assert_eq!(fixture.blocked(), Some("crl-revocation-missing"));
    assert_eq!(fixture.served(LIST), None);
}

#[tokio::test]
async fn a_restart_goes_on_from_what_is_published() {
    let mut fixture = Fixture::published().await;
    // Nothing is fetched: ca-daemon may be away.
    fixture.source.lists.lock().unwrap().clear();
    fixture.restart().await;
    fixture.stands(&TestList::new(10, &[3]));
    fixture.publisher.look().await.unwrap();
    assert_eq!(fixture.blocked(), None);
    fixture.offer(5, &TestList::new(9, &[3])).await;
    assert_eq!(fixture.blocked(), Some("crl-number-not-higher"));
    fixture.stands(&TestList::new(10, &[3]));
}

#[tokio::test]
async fn the_list_that_stands_comes_again_without_harm() {
    let mut fixture = Fixture::published().await;
    let before = fixture.shelf.get(LIST).unwrap();
    fixture.offer(7, &TestList::new(10, &[3])).await;
    assert_eq!((fixture.number(), fixture.blocked()), (Some(10), None));
    assert_eq!(fixture.shelf.get(LIST).unwrap(), before);
    assert_eq!(*fixture.source.fetched.lock().unwrap(), 1);
}

#[tokio::test]
async fn a_number_is_not_used_for_two_lists() {
    let mut fixture = Fixture::published().await;
    let mut other = TestList::new(10, &[3]);
    other.next_update = at(4_000);
    fixture.offer(5, &other).await;
    assert_eq!(fixture.blocked(), Some("crl-number-not-higher"));
}

#[tokio::test]
async fn a_released_hold_leaves_the_list() {
    let mut fixture = Fixture::published().await;
    let hold = fixture.ca.certificate_entry(5, HELD, held());
    fixture.take(vec![hold]).await;
    let list = TestList::new(11, &[3, HELD]).read_at(5);
    fixture.offer(6, &list).await;
    fixture.stands(&list);
    let released = fixture.ca.certificate_entry(7, HELD, Status::Good);
    fixture.take(vec![released]).await;
    let list = TestList::new(12, &[3]).read_at(7);
    fixture.offer(8, &list).await;
    fixture.stands(&list);
}

#[tokio::test]
async fn places_in_another_feed_bind_nobody() {
    let mut fixture = Fixture::published().await;
    let epoch = |octet| Epoch::from_bytes([octet; 16]);
    fixture.copy.start_over(&epoch(1)).await.unwrap();
    fixture.publisher.look().await.unwrap();
    let entries = vec![
        fixture.ca.terms_entry(2, 0, false, true),
        fixture.ca.issuer_entry(1),
        fixture.ca.certificate_entry(3, 3, revoked()),
    ];
    fixture.take(entries).await;
    let list = TestList::new(11, &[3]).read_at(90);
    fixture.offer(91, &list).await;
    fixture.stands(&list);
    // The database was put back, and the copy begun anew: numbers of the feed mean other things.
    fixture.copy.start_over(&epoch(2)).await.unwrap();
    let entries = vec![
        fixture.ca.issuer_entry(1),
        fixture.ca.terms_entry(2, 0, false, true),
        fixture.ca.certificate_entry(3, 3, revoked()),
    ];
    fixture.take(entries).await;
    let list = TestList::new(12, &[3]).read_at(3);
    fixture.offer(4, &list).await;
    fixture.stands(&list);
}

/// With four shards and deltas; certificate 3, revoked, is of shard 2.
async fn sharded() -> Fixture {
    let mut fixture = Fixture::new().await;
    let entries = vec![
        fixture.ca.issuer_entry(1),
        fixture.ca.terms_entry(2, 4, true, true),
        fixture.ca.sharded_entry(3, 3, Some(2), revoked()),
    ];
    fixture.take(entries).await;
    fixture.offer(4, &TestList::new(10, &[3])).await;
    fixture
}

#[tokio::test]
async fn shards_stand_under_their_own_paths_with_their_own_numbers() {
    let mut fixture = sharded().await;
    let full = TestList::new(10, &[3]);
    let (two, one) = (
        TestList::new(1, &[3]).shard(2),
        TestList::new(1, &[]).shard(1),
    );
    fixture.offer(5, &two).await;
    fixture.offer(6, &one).await;
    for list in [&full, &two, &one] {
        fixture.stands(list);
    }
    assert!(fixture.path("crl/esign-ca/shard-2.crl").exists());
    fixture.restart().await;
    for list in [&full, &two, &one] {
        fixture.stands(list);
    }
}

#[tokio::test]
async fn a_delta_stands_on_a_list_that_was_acknowledged() {
    let mut fixture = sharded().await;
    let full = TestList::new(10, &[3]);
    assert_eq!(full.coverage.freshest_crl, None);
    let seven = fixture.ca.certificate_entry(5, 7, revoked());
    fixture.take(vec![seven]).await;
    let delta = |number, base| TestList::new(number, &[7]).delta(base).read_at(5);
    fixture.offer(6, &delta(11, 9)).await;
    let standing = fixture.standing(CrlScope::Delta).unwrap();
    assert_eq!(standing.blocked, Some("crl-delta-base"));
    fixture.offer(7, &delta(12, 10)).await;
    fixture.stands(&delta(12, 10));
    fixture.stands(&full);
    assert!(url(CrlScope::Delta).ends_with("crl/esign-ca/delta.crl"));
    // What is known of the base outlives a restart.
    fixture.restart().await;
    fixture.offer(8, &delta(13, 10)).await;
    fixture.stands(&delta(13, 10));
    // The next complete list is above it.
    let next = TestList::new(14, &[3, 7]).read_at(8);
    fixture.offer(9, &next).await;
    fixture.stands(&next);
}

#[tokio::test]
async fn a_delta_that_a_complete_list_overtook_is_passed_over() {
    let mut fixture = sharded().await;
    let delta = fixture.announce(5, &TestList::new(11, &[]).delta(10).read_at(4));
    let full = TestList::new(12, &[3]).read_at(5);
    fixture.offer(6, &full).await;
    fixture.take(vec![delta]).await;
    assert_eq!(fixture.standing(CrlScope::Delta).unwrap().blocked, None);
    assert_eq!(fixture.number_of(CrlScope::Delta), None);
    fixture.stands(&full);
}

fn is_compared(fixture: &Fixture) -> bool {
    let issuer = "esign-ca".parse().unwrap();
    let list = fixture.publisher.standing(&issuer, CrlScope::Full);
    list.unwrap().agreed.is_some()
}

#[tokio::test]
async fn a_restart_goes_on_from_what_was_compared() {
    let mut fixture = Fixture::published().await;
    assert!(is_compared(&fixture));
    fixture.restart().await;
    assert!(is_compared(&fixture));
    // Another feed says something else.
    for epoch in [1, 2] {
        let epoch = Epoch::from_bytes([epoch; 16]);
        fixture.copy.start_over(&epoch).await.unwrap();
        fixture.publisher.look().await.unwrap();
    }
    assert!(!is_compared(&fixture));
    assert!(!fixture.publisher.agree_ahead().await.unwrap());
    fixture.take(vec![fixture.ca.issuer_entry(1)]).await;
    fixture.restart().await;
    assert!(!is_compared(&fixture));
}

#[tokio::test]
async fn what_stands_is_compared_with_another_copy_before_the_next_list_comes() {
    let mut fixture = Fixture::published().await;
    let other = fixture.root.path().join("other.db");
    fixture.copy = StatusCopy::open(&other).await.unwrap();
    fixture.restart().await;
    let entries = [
        fixture.ca.issuer_entry(2),
        fixture.ca.terms_entry(1, 0, false, true),
        fixture.ca.certificate_entry(3, 3, revoked()),
    ];
    for cursor in [0, 2] {
        fixture.copy.apply(&entries, cursor).await.unwrap();
        fixture.publisher.look().await.unwrap();
        assert!(!fixture.publisher.agree_ahead().await.unwrap());
    }
    fixture.copy.apply(&[], 4).await.unwrap();
    // Not even now: it was another copy that the list was compared with.
    fixture.restart().await;
    assert!(!is_compared(&fixture));
    assert!(fixture.publisher.agree_ahead().await.unwrap());
    assert!(is_compared(&fixture));
    assert!(!fixture.publisher.agree_ahead().await.unwrap());
    fixture.restart().await;
    assert!(is_compared(&fixture));
}
