//! Numbers, times, places in the feed, sizes.

use feed::IssuerKind;
use issuance::{CrlCoverage, DistributionPoint, OnlyContains};

use super::*;

#[tokio::test]
async fn numbers_only_go_up() {
    let fixture = Fixture::new().await;
    for number in [1, 9, 10] {
        let list = TestList::new(number, &[3, 5]);
        assert_eq!(fixture.refusal(&list).await, "crl-number-not-higher");
    }
}

#[tokio::test]
async fn numbers_do_not_go_down_where_the_published_list_is_lost() {
    let mut fixture = Fixture::new().await;
    let twelve = TestList::new(12, &[3, 5]);
    fixture.against.standing = None;
    fixture.against.floor = Some(Floor {
        number: CrlNumber::new(12),
        this_update: at(0),
        as_of: Some(3),
        digest: fixture.unchecked(&twelve).digest,
    });
    assert_eq!(fixture.refusal(&next()).await, "crl-number-not-higher");
    let mut other = twelve.clone();
    other.next_update = at(4_000);
    assert_eq!(fixture.refusal(&other).await, "crl-number-not-higher");
    fixture.check(&twelve).await.unwrap();
    let mut older = TestList::new(13, &[3, 5]);
    older.this_update = at(-1);
    assert_eq!(fixture.refusal(&older).await, "crl-older-than-standing");
}

#[tokio::test]
async fn the_number_is_the_announced_one() {
    let fixture = Fixture::new().await;
    let announced = TestList::new(12, &[3, 5]);
    let der = fixture.ca.sign(&next());
    assert_eq!(
        fixture.refusal_der(&announced, der).await,
        "crl-other-number"
    );
}

#[tokio::test]
async fn times_only_go_up_and_hold_now() {
    let fixture = Fixture::new().await;
    let cases = [
        (at(-1), at(3_600), "crl-older-than-standing"),
        (at(600), at(3_600), "crl-not-yet-valid"),
        (at(0), at(30), "crl-expired"),
    ];
    for (this_update, next_update, code) in cases {
        let list = TestList {
            this_update,
            next_update,
            ..next()
        };
        assert_eq!(fixture.refusal(&list).await, code);
    }
    let list = TestList {
        this_update: at(200),
        ..next()
    };
    fixture.check(&list).await.unwrap();
}

#[tokio::test]
async fn the_place_in_the_feed_only_goes_up_and_is_before_the_announcement() {
    let fixture = Fixture::new().await;
    for (as_of, refused) in [(2, true), (3, false), (99, false), (100, true)] {
        let checked = fixture.check(&next().read_at(as_of)).await;
        let code = checked.err().map(|refusal| refusal.code());
        assert_eq!(code, refused.then_some("crl-as-of"), "{as_of}");
    }
}

#[tokio::test]
async fn a_list_names_its_key() {
    let fixture = Fixture::new().await;
    // Another extension in place of the authority key identifier.
    let der = fixture
        .ca
        .sign_changed(&next(), &[0x55, 0x1d, 0x23], &[0x55, 0x1d, 0x7f]);
    assert_eq!(
        fixture.refusal_der(&next(), der).await,
        "crl-no-authority-key"
    );
}

#[tokio::test]
async fn a_list_is_not_larger_than_allowed() {
    let mut fixture = Fixture::new().await;
    let size = u64::try_from(fixture.ca.sign(&next()).len()).unwrap();
    fixture.against.max_bytes = size;
    fixture.check(&next()).await.unwrap();
    fixture.against.max_bytes = size - 1;
    assert_eq!(fixture.refusal(&next()).await, "crl-too-large");
}

#[tokio::test]
async fn a_list_has_no_more_octets_than_its_entries_explain() {
    let mut fixture = Fixture::empty().await;
    fixture.against.kind = IssuerKind::Root;
    let with_url = |length: usize| {
        let point = DistributionPoint {
            uri: Some(format!("http://pki.example.com/{}", "a".repeat(length))),
            only_contains: OnlyContains::CaCertificates,
        };
        TestList {
            coverage: CrlCoverage {
                distribution_point: Some(point),
                ..CrlCoverage::default()
            },
            ..TestList::new(11, &[])
        }
    };
    fixture.check(&with_url(1_000)).await.unwrap();
    assert_eq!(fixture.refusal(&with_url(70_000)).await, "crl-oversized");
}
