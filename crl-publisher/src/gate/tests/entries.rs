//! Entries against the copy and against the list that stands.

use feed::IssuerKind;
use pki::{RevocationReason, time::SignedDuration};

use super::*;
use crate::test_ca::revoked_entry;

#[tokio::test]
async fn a_revocation_that_the_copy_knows_must_be_there() {
    let fixture = Fixture::new().await;
    fixture.change(50, 7, revoked()).await;
    let list = next().read_at(50);
    let refusal = fixture.check(&list).await.unwrap_err();
    assert!(
        matches!(refusal, Refusal::RevocationMissing { serial: missing } if missing == serial(7))
    );
    let list = TestList::new(11, &[3, 5, 7]).read_at(50);
    fixture.check(&list).await.unwrap();
}

#[tokio::test]
async fn holds_and_abandoned_serials_must_be_there_too() {
    for status in [
        Status::Hold { at: at(-9) },
        Status::Abandoned { at: at(-9) },
    ] {
        let fixture = Fixture::new().await;
        fixture.change(50, 7, status).await;
        let code = fixture.refusal(&next().read_at(50)).await;
        assert_eq!(code, "crl-revocation-missing");
    }
}

#[tokio::test]
async fn what_changed_after_the_list_was_read_may_be_shown_either_way() {
    let fixture = Fixture::holding().await;
    fixture.change(51, 7, revoked()).await;
    fixture.change(52, HELD, Status::Good).await;
    for serials in [&[3, HELD, 5][..], &[3, 5], &[3, HELD, 5, 7], &[3, 5, 7]] {
        let list = TestList::new(11, serials).read_at(50);
        fixture.check(&list).await.unwrap();
    }
}

#[tokio::test]
async fn a_list_cannot_hide_behind_an_old_place_in_the_feed() {
    let fixture = Fixture::new().await;
    let at_that_time = |seconds| Status::Hold { at: at(seconds) };
    fixture.change(51, 7, at_that_time(-299)).await;
    fixture.check(&next().read_at(50)).await.unwrap();
    fixture.change(52, 7, at_that_time(-301)).await;
    let code = fixture.refusal(&next().read_at(50)).await;
    assert_eq!(code, "crl-revocation-missing");
}

#[tokio::test]
async fn a_good_certificate_is_not_on_the_list() {
    let fixture = Fixture::new().await;
    let list = TestList::new(11, &[3, 5, 7]);
    assert_eq!(fixture.refusal(&list).await, "crl-entry-not-revoked");
}

#[tokio::test]
async fn a_serial_number_that_nobody_issued_is_not_on_the_list() {
    let mut fixture = Fixture::new().await;
    let list = TestList::new(11, &[3, 5, 9]);
    assert_eq!(fixture.refusal(&list).await, "crl-entry-unknown");
    // A root's certificates are not in the feed.
    fixture.against.kind = IssuerKind::Root;
    fixture.check(&list).await.unwrap();
}

#[tokio::test]
async fn an_entry_tells_what_the_feed_told() {
    let fixture = Fixture::new().await;
    let compromised = Status::Revoked {
        at: "2027-01-15T07:59:00.75Z".parse().unwrap(),
        reason: Some(RevocationReason::KeyCompromise),
        invalidity_date: Some(at(-500)),
    };
    fixture.change(50, 5, compromised).await;
    let mut right = revoked_entry(5);
    right.reason = Some(RevocationReason::KeyCompromise);
    right.invalidity_date = Some(at(-500));
    let mut list = TestList::new(11, &[3]).read_at(50);
    list.entries.push(right.clone());
    fixture.check(&list).await.unwrap();
    let mut wrong = vec![revoked_entry(5), right.clone(), right.clone(), right];
    wrong[1].revoked_at = at(-59);
    wrong[2].reason = Some(RevocationReason::Superseded);
    wrong[3].invalidity_date = None;
    for entry in wrong {
        list.entries[1] = entry;
        assert_eq!(fixture.refusal(&list).await, "crl-entry-differs");
    }
}

#[tokio::test]
async fn an_entry_does_not_vanish() {
    let mut fixture = Fixture::new().await;
    let code = fixture.refusal(&TestList::new(11, &[5])).await;
    assert_eq!(code, "crl-revocation-missing");
    // One that only the standing list knows.
    fixture.against.standing = Some(fixture.unchecked(&TestList::new(10, &[3, 5, 9])));
    assert_eq!(fixture.refusal(&next()).await, "crl-entry-dropped");
    fixture.against.kind = IssuerKind::Root;
    fixture.check(&next()).await.unwrap();
}

#[tokio::test]
async fn a_root_keeps_the_entries_of_known_ca_certificates_until_they_expired() {
    let mut fixture = Fixture::empty().await;
    fixture.against.kind = IssuerKind::Root;
    // Its own certificate, with serial number 1, stands for one of a CA below it.
    fixture.against.ca_certificates = vec![fixture.ca.certificate().clone()];
    fixture.against.standing = Some(fixture.unchecked(&TestList::new(10, &[1])));
    let without = TestList::new(11, &[]);
    assert_eq!(fixture.refusal(&without).await, "crl-entry-dropped");
    let late = fixture.ca.certificate().not_after();
    let later = |seconds| {
        late.checked_add(SignedDuration::from_secs(seconds))
            .unwrap()
    };
    let list = |number, from| TestList {
        this_update: later(from),
        next_update: later(from + 10),
        ..TestList::new(number, &[])
    };
    fixture.against.now = later(6);
    fixture.against.standing = Some(fixture.unchecked(&list(10, 1)));
    fixture.check(&list(11, 5)).await.unwrap();
}

#[tokio::test]
async fn a_hold_leaves_after_release_and_nothing_else_does() {
    let fixture = Fixture::holding().await;
    let list = next().read_at(50);
    assert_eq!(fixture.refusal(&list).await, "crl-revocation-missing");
    fixture.change(50, HELD, Status::Good).await;
    fixture.check(&list).await.unwrap();
    // As a database says that was put back.
    fixture.change(51, 3, Status::Good).await;
    let list = TestList::new(11, &[5]).read_at(51);
    assert_eq!(fixture.refusal(&list).await, "crl-entry-dropped");
    // Read before the change came, as it claims.
    let list = TestList::new(11, &[5]).read_at(50);
    assert_eq!(fixture.refusal(&list).await, "crl-entry-dropped");
}

#[tokio::test]
async fn an_entry_leaves_after_a_list_made_after_its_end() {
    let mut fixture = Fixture::new().await;
    let mut list = TestList::new(11, &[3]).read_at(60);
    list.this_update = at(20);
    for (seq, end, may_leave) in [(50, -1, true), (51, 0, false), (52, 10, false)] {
        fixture.end(seq, 5, at(end), revoked()).await;
        let left = fixture.check(&list).await;
        assert_eq!(left.is_ok(), may_leave, "{end}");
        // It may stay for longer.
        fixture.check(&next().read_at(60)).await.unwrap();
    }
    // It may have stood on a list that this process never had.
    fixture.against.gap = true;
    fixture.check(&list).await.unwrap();
    fixture.end(53, 5, at(20), revoked()).await;
    let code = fixture.refusal(&list).await;
    assert_eq!(code, "crl-revocation-missing");
}

#[tokio::test]
async fn entries_are_in_order_once_and_readable() {
    let fixture = Fixture::new().await;
    let list = next();
    let entry = |last: u8| serial(last).as_bytes().to_vec();
    let swapped = |from, to| fixture.ca.sign_changed(&list, &entry(from), &entry(to));
    let unsorted = fixture.refusal_der(&list, swapped(5, 2)).await;
    assert_eq!(unsorted, "crl-not-sorted");
    let twice = fixture.refusal_der(&list, swapped(5, 3)).await;
    assert_eq!(twice, "crl-duplicate-entry");
    let date = fixture
        .ca
        .sign_changed(&list, b"270115075900Z", b"271315075900Z");
    assert_eq!(
        fixture.refusal_der(&list, date).await,
        "crl-entry-unreadable"
    );
}

#[tokio::test]
async fn a_root_s_list_need_not_be_sorted_but_is_short() {
    let mut fixture = Fixture::empty().await;
    fixture.against.kind = IssuerKind::Root;
    let list = TestList::new(11, &[3, 5]);
    let (three, six) = (serial(3), serial(6));
    let unsorted = fixture
        .ca
        .sign_changed(&list, three.as_bytes(), six.as_bytes());
    fixture.check_der(&list, unsorted).await.unwrap();
    let twice = fixture
        .ca
        .sign_changed(&list, three.as_bytes(), serial(5).as_bytes());
    assert_eq!(
        fixture.refusal_der(&list, twice).await,
        "crl-duplicate-entry"
    );
    let mut long = list;
    long.entries = (1..=10_001_u32)
        .map(|number| {
            let [.., high, low] = number.to_be_bytes();
            let mut entry = revoked_entry(1);
            entry.serial = SerialNumber::from_bytes(&[1, high, low]).unwrap();
            entry
        })
        .collect();
    assert_eq!(fixture.refusal(&long).await, "crl-too-many-entries");
}
