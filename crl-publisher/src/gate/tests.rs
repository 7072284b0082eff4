//! What gets through the gate, and each thing that does not.

use feed::Status;
use issuance::{DistributionPoint, OnlyContains};

use super::*;
use crate::{
    knowledge::Knowledge,
    test_ca::{TestCa, TestList, at, revoked, serial},
};

/// A CA whose certificates 3 and 5 are revoked and 7 is good, and the list that says so.
struct Fixture {
    ca: TestCa,
    knowledge: Knowledge,
    standing: Option<CheckedList>,
}

impl Fixture {
    fn new() -> Self {
        let ca = TestCa::new(1);
        let mut knowledge = Knowledge::default();
        for (seq, last, status) in [(1, 3, revoked()), (2, 5, revoked()), (3, 7, Status::Good)] {
            knowledge.apply(&ca.certificate_entry(seq, last, status));
        }
        let mut fixture = Self {
            ca,
            knowledge,
            standing: None,
        };
        fixture.standing = Some(fixture.check(&TestList::new(10, &[3, 5])).unwrap());
        fixture
    }

    fn learn(&mut self, seq: u64, last: u8, not_after: Timestamp, status: &Status) {
        self.knowledge
            .learn(self.ca.name(), serial(last), seq, not_after, status);
    }

    fn check(&self, list: &TestList) -> Result<CheckedList, Refusal> {
        self.check_der(list.number, &self.ca.sign(list))
    }

    fn check_der(&self, number: u64, der: &[u8]) -> Result<CheckedList, Refusal> {
        let offer = Offer {
            seq: 100,
            number: CrlNumber::new(number),
            der,
        };
        let against = Against {
            issuer: self.ca.certificate(),
            kind: self.ca.kind,
            standing: self.standing.as_ref(),
            certificates: self.knowledge.of(self.ca.name()),
            now: at(30),
        };
        check(&offer, &against)
    }

    fn refusal(&self, list: &TestList) -> &'static str {
        self.check(list).unwrap_err().code()
    }
}

fn next() -> TestList {
    TestList::new(11, &[3, 5])
}

#[test]
fn the_next_list_with_all_revocations_gets_through() {
    let fixture = Fixture::new();
    let list = fixture.check(&next()).unwrap();
    assert_eq!(list.number, CrlNumber::new(11));
    assert_eq!(list.serials, [serial(3), serial(5)]);
}

#[test]
fn an_entry_more_is_no_fault() {
    Fixture::new()
        .check(&TestList::new(11, &[3, 5, 7]))
        .unwrap();
}

#[test]
fn a_list_of_another_key_is_refused() {
    let fixture = Fixture::new();
    let forged = TestCa::new(2).sign(&next());
    assert_eq!(
        fixture.check_der(11, &forged).unwrap_err().code(),
        "crl-not-issued"
    );
}

#[test]
fn a_changed_list_is_refused() {
    let fixture = Fixture::new();
    let good = fixture.ca.sign(&next());
    for position in 0..good.len() {
        let mut changed = good.clone();
        changed[position] ^= 1;
        assert!(fixture.check_der(11, &changed).is_err(), "octet {position}");
    }
    for end in [0, 1, good.len() - 1] {
        assert!(fixture.check_der(11, &good[..end]).is_err(), "{end} octets");
    }
}

#[test]
fn numbers_only_go_up() {
    let fixture = Fixture::new();
    for number in [1, 9, 10] {
        let list = TestList::new(number, &[3, 5]);
        assert_eq!(fixture.refusal(&list), "crl-number-not-higher");
    }
}

#[test]
fn the_number_is_the_announced_one() {
    let fixture = Fixture::new();
    let der = fixture.ca.sign(&next());
    assert_eq!(
        fixture.check_der(12, &der).unwrap_err().code(),
        "crl-other-number"
    );
}

#[test]
fn times_only_go_up_and_hold_now() {
    let fixture = Fixture::new();
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
        assert_eq!(fixture.refusal(&list), code);
    }
    fixture
        .check(&TestList {
            this_update: at(200),
            ..next()
        })
        .unwrap();
}

#[test]
fn a_revocation_that_the_copy_knows_must_be_there() {
    let mut fixture = Fixture::new();
    fixture.learn(50, 7, at(86_400), &revoked());
    let refusal = fixture.check(&next()).unwrap_err();
    assert!(
        matches!(refusal, Refusal::RevocationMissing { serial: missing } if missing == serial(7))
    );
    fixture.check(&TestList::new(11, &[3, 5, 7])).unwrap();
}

#[test]
fn holds_and_abandoned_serials_must_be_there_too() {
    for status in [
        Status::Hold { at: at(-9) },
        Status::Abandoned { at: at(-9) },
    ] {
        let mut fixture = Fixture::new();
        fixture.learn(50, 7, at(86_400), &status);
        assert_eq!(fixture.refusal(&next()), "crl-revocation-missing");
    }
}

#[test]
fn a_revocation_after_the_list_was_made_is_on_the_next_one() {
    let mut fixture = Fixture::new();
    fixture.learn(101, 7, at(86_400), &revoked());
    fixture.check(&next()).unwrap();
    let mut fixture = Fixture::new();
    fixture.learn(50, 7, at(86_400), &Status::Hold { at: at(0) });
    fixture.check(&next()).unwrap();
}

#[test]
fn an_entry_does_not_vanish() {
    let mut fixture = Fixture::new();
    assert_eq!(
        fixture.refusal(&TestList::new(11, &[5])),
        "crl-revocation-missing"
    );
    // Revoked again after the list was made: whether it was free in between is not known.
    fixture.learn(101, 3, at(86_400), &revoked());
    assert_eq!(
        fixture.refusal(&TestList::new(11, &[5])),
        "crl-entry-dropped"
    );
}

#[test]
fn an_entry_leaves_after_release_or_expiry() {
    let mut fixture = Fixture::new();
    fixture.learn(50, 3, at(86_400), &Status::Good);
    fixture.learn(51, 5, at(-1), &revoked());
    fixture.check(&TestList::new(11, &[])).unwrap();
    fixture.learn(52, 5, at(0), &revoked());
    assert_eq!(
        fixture.refusal(&TestList::new(11, &[])),
        "crl-revocation-missing"
    );
}

#[test]
fn an_entry_that_only_the_standing_list_knows_stays() {
    let mut fixture = Fixture::new();
    fixture.standing = Some(fixture.check(&TestList::new(11, &[3, 5, 9])).unwrap());
    let list = TestList::new(12, &[3, 5]);
    assert_eq!(fixture.refusal(&list), "crl-entry-dropped");
    // A root's certificates are not in the feed.
    fixture.ca.kind = IssuerKind::Root;
    fixture.check(&list).unwrap();
}

#[test]
fn only_full_lists_get_through() {
    let fixture = Fixture::new();
    let shard = CrlCoverage {
        distribution_point: Some(DistributionPoint {
            uri: None,
            only_contains: OnlyContains::CaCertificates,
        }),
        ..CrlCoverage::default()
    };
    let delta = CrlCoverage {
        delta_base: Some(CrlNumber::new(10)),
        ..CrlCoverage::default()
    };
    for scope in [shard, delta] {
        let list = TestList {
            scope: Some(scope),
            ..next()
        };
        assert_eq!(fixture.refusal(&list), "crl-scope");
    }
}
