//! What lists say that they cover; shards, deltas and the lists of roots.

use feed::IssuerKind;
use issuance::{CrlCoverage, DistributionPoint, OnlyContains};
use pki::RevocationReason;

use super::*;
use crate::test_ca::{HELD, revoked_entry, url};

fn covering(list: TestList, uri: Option<&str>, only_contains: OnlyContains) -> TestList {
    let point = DistributionPoint {
        uri: uri.map(str::to_owned),
        only_contains,
    };
    let coverage = CrlCoverage {
        distribution_point: Some(point),
        ..list.coverage
    };
    TestList { coverage, ..list }
}

fn with_freshest(list: TestList, uri: &str) -> TestList {
    let coverage = CrlCoverage {
        freshest_crl: Some(uri.to_owned()),
        ..list.coverage
    };
    TestList { coverage, ..list }
}

#[tokio::test]
async fn a_complete_list_covers_everything_and_points_to_our_delta_alone() {
    let fixture = Fixture::new().await;
    let delta = url(CrlScope::Delta);
    fixture.check(&with_freshest(next(), &delta)).await.unwrap();
    let full = url(CrlScope::Full);
    for list in [
        with_freshest(next(), "http://elsewhere.example.com/delta.crl"),
        with_freshest(next(), &full),
        covering(next(), Some(&full), OnlyContains::Any),
        covering(next(), None, OnlyContains::UserCertificates),
        TestList {
            scope: CrlScope::Full,
            ..next().delta(10)
        },
    ] {
        assert_eq!(fixture.refusal(&list).await, "crl-scope");
    }
}

#[tokio::test]
async fn a_shard_covers_user_certificates_under_its_own_url() {
    let mut fixture = Fixture::sharded(Some(2)).await;
    fixture.against.standing = None;
    let shard = next().shard(2);
    fixture.check(&shard).await.unwrap();
    let uri = url(CrlScope::Shard(2));
    let other = url(CrlScope::Shard(3));
    for list in [
        TestList {
            coverage: CrlCoverage::default(),
            ..shard.clone()
        },
        covering(shard.clone(), None, OnlyContains::UserCertificates),
        covering(shard.clone(), Some(&other), OnlyContains::UserCertificates),
        covering(shard.clone(), Some(&uri), OnlyContains::Any),
        covering(shard.clone(), Some(&uri), OnlyContains::CaCertificates),
        with_freshest(shard.clone(), &url(CrlScope::Delta)),
    ] {
        assert_eq!(fixture.refusal(&list).await, "crl-scope");
    }
    fixture.against.repository = None;
    assert_eq!(fixture.refusal(&shard).await, "crl-scope");
}

#[tokio::test]
async fn a_shard_shows_all_of_its_certificates_and_no_others() {
    let mut fixture = Fixture::sharded(Some(2)).await;
    fixture.against.standing = None;
    fixture.against.full = None;
    let eight = fixture.ca.sharded_entry(50, 8, Some(1), revoked());
    fixture.learn(&eight).await;
    let shard = |serials| TestList::new(11, serials).shard(2).read_at(50);
    fixture.check(&shard(&[3, 5])).await.unwrap();
    let code = fixture.refusal(&shard(&[3])).await;
    assert_eq!(code, "crl-revocation-missing");
    let code = fixture.refusal(&shard(&[3, 5, 8])).await;
    assert_eq!(code, "crl-entry-other-shard");
}

#[tokio::test]
async fn a_shard_and_the_complete_list_show_the_same() {
    let mut fixture = Fixture::sharded(Some(2)).await;
    let shard = next().shard(2);
    fixture.against.standing = None;
    // As far as both were read.
    for (as_of, differs) in [(1, false), (2, true)] {
        let full = TestList::new(10, &[3]).read_at(as_of);
        fixture.against.full = Some(fixture.unchecked(&full));
        let code = fixture.check(&shard).await.err().map(|it| it.code());
        assert_eq!(code, differs.then_some("crl-shard-differs"), "{as_of}");
    }
    let mut fixture = Fixture::sharded(Some(2)).await;
    for (serials, as_of, differs) in [
        (&[3, 5][..], 3, false),
        (&[5], 3, true),
        (&[3], 3, true),
        (&[3], 1, false),
    ] {
        let standing = TestList::new(4, serials).shard(2).read_at(as_of);
        fixture.against.shards = vec![(2, fixture.unchecked(&standing))];
        let code = fixture.check(&next()).await.err().map(|it| it.code());
        assert_eq!(code, differs.then_some("crl-shard-differs"), "{serials:?}");
    }
}

/// With list 10 acknowledged; since then 7 was revoked and a hold released.
async fn changed() -> Fixture {
    let mut fixture = Fixture::holding().await;
    fixture.change(50, 7, revoked()).await;
    fixture.change(51, HELD, Status::Good).await;
    fixture.against.standing = None;
    fixture.against.base_as_of = Some(3);
    fixture
}

fn delta() -> TestList {
    TestList::new(11, &[]).removing(HELD).delta(10).read_at(51)
}

fn showing(mut list: TestList, octet: u8) -> TestList {
    list.entries.push(revoked_entry(octet));
    list
}

#[tokio::test]
async fn a_delta_makes_of_the_complete_list_what_the_copy_says() {
    let fixture = changed().await;
    fixture.check(&showing(delta(), 7)).await.unwrap();
    assert_eq!(fixture.refusal(&delta()).await, "crl-revocation-missing");
    let no_removal = TestList::new(11, &[7]).delta(10).read_at(51);
    assert_eq!(fixture.refusal(&no_removal).await, "crl-entry-not-revoked");
    let removes_too_much = TestList::new(11, &[]).removing(HELD).removing(5);
    let removes_too_much = showing(removes_too_much, 7).delta(10).read_at(51);
    let code = fixture.refusal(&removes_too_much).await;
    assert_eq!(code, "crl-revocation-missing");
    let too_much = showing(showing(delta(), 7), 9);
    assert_eq!(fixture.refusal(&too_much).await, "crl-entry-unknown");
    // Even if the copy takes it for good, a revocation is not undone.
    fixture.change(52, 5, Status::Good).await;
    let undoes = TestList::new(11, &[]).removing(HELD).removing(5);
    let undoes = showing(undoes, 7).delta(10).read_at(52);
    assert_eq!(fixture.refusal(&undoes).await, "crl-entry-dropped");
}

#[tokio::test]
async fn a_delta_shows_what_became_of_a_hold() {
    let fixture = changed().await;
    let compromised = Status::Revoked {
        at: at(-60),
        reason: Some(RevocationReason::KeyCompromise),
        invalidity_date: None,
    };
    fixture.change(52, 5, compromised).await;
    let mut list = TestList::new(11, &[]).removing(HELD).delta(10).read_at(52);
    let code = fixture.refusal(&showing(list.clone(), 7)).await;
    assert_eq!(code, "crl-entry-differs");
    let mut entry = revoked_entry(5);
    entry.reason = Some(RevocationReason::KeyCompromise);
    list.entries.push(entry);
    fixture.check(&showing(list, 7)).await.unwrap();
}

#[tokio::test]
async fn only_a_delta_removes() {
    let fixture = Fixture::holding().await;
    let list = TestList::new(11, &[3, HELD, 5]).read_at(4);
    fixture.check(&list).await.unwrap();
    // certificateHold becomes removeFromCRL.
    let reason = |code| [0x55, 0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01, code];
    let der = fixture.ca.sign_changed(&list, &reason(6), &reason(8));
    assert_eq!(fixture.refusal_der(&list, der).await, "crl-scope");
}

#[tokio::test]
async fn a_delta_stands_on_an_acknowledged_base() {
    let mut fixture = changed().await;
    let list = showing(delta(), 7);
    for base_as_of in [None, Some(52)] {
        fixture.against.base_as_of = base_as_of;
        assert_eq!(fixture.refusal(&list).await, "crl-delta-base");
    }
    fixture.against.base_as_of = Some(3);
    // Above the complete list that stands.
    let above = TestList {
        number: 13,
        ..list.clone().delta(12)
    };
    assert_eq!(fixture.refusal(&above).await, "crl-delta-base");
    fixture.against.full = None;
    assert_eq!(fixture.refusal(&list).await, "crl-delta-base");
}

#[tokio::test]
async fn a_delta_is_above_the_complete_list_and_says_what_was_announced() {
    let mut fixture = changed().await;
    let list = showing(delta(), 7);
    fixture.against.full = Some(fixture.unchecked(&TestList::new(11, &[3, 5])));
    assert_eq!(fixture.refusal(&list).await, "crl-number-not-higher");
    let fixture = changed().await;
    for wrong in [
        TestList {
            coverage: CrlCoverage::default(),
            entries: Vec::new(),
            ..list.clone()
        },
        TestList {
            base: Some(9),
            ..list.clone()
        },
        TestList {
            base: None,
            ..list.clone()
        },
        with_freshest(list.clone(), &url(CrlScope::Delta)),
    ] {
        assert_eq!(fixture.refusal(&wrong).await, "crl-scope");
    }
}

#[tokio::test]
async fn a_root_s_list_is_complete_or_says_that_it_covers_ca_certificates() {
    let mut fixture = Fixture::empty().await;
    fixture.against.kind = IssuerKind::Root;
    let list = TestList::new(11, &[3]);
    fixture.check(&list).await.unwrap();
    for uri in [None, Some("http://elsewhere.example.com/root.crl")] {
        let ca = covering(list.clone(), uri, OnlyContains::CaCertificates);
        fixture.check(&ca).await.unwrap();
    }
    for wrong in [
        covering(list.clone(), None, OnlyContains::Any),
        covering(list.clone(), None, OnlyContains::UserCertificates),
        list.clone().delta(10),
        with_freshest(list.clone(), &url(CrlScope::Delta)),
        list.shard(1),
    ] {
        assert_eq!(fixture.refusal(&wrong).await, "crl-scope");
    }
}
