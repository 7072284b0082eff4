//! Comparing what changed finds what comparing everything finds.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::test_ca::revoked_entry;

/// Last octets of the certificates' serial numbers; one of them is put on hold and not revoked.
const CERTIFICATES: [u8; 5] = [2, 3, HELD, 5, 6];

/// What the feed told so far.
#[derive(Clone, Default)]
struct Copy {
    rows: BTreeMap<SerialNumber, CopiedStatus>,
    were_bad: BTreeSet<SerialNumber>,
    read: Option<SerialNumber>,
}

impl Copy {
    fn learn(&mut self, sequence: u64, (place, bad): (usize, bool)) {
        let last = CERTIFICATES[place];
        let status = match (bad, last) {
            (false, _) => Status::Good,
            (true, HELD) => held(),
            (true, _) => revoked(),
        };
        let serial = serial(last);
        if bad {
            self.were_bad.insert(serial);
        }
        let row = CopiedStatus {
            issuer: "esign-ca".parse().unwrap(),
            serial,
            // The last one ends between the two lists.
            not_after: at(if last == 6 { 5 } else { 86_400 }),
            shard: None,
            status,
            sequence,
        };
        self.rows.insert(serial, row);
    }

    fn bad(&self) -> impl Iterator<Item = &CopiedStatus> {
        let rows = self.rows.values();
        rows.filter(|row| row.status != Status::Good)
    }

    /// As a snapshot brings it: what was bad before is forgotten.
    fn forget_the_past(&mut self) {
        self.were_bad = self.bad().map(|row| row.serial).collect();
    }
}

impl Statuses for Copy {
    fn next_bad(&mut self) -> Result<Option<CopiedStatus>, StoreError> {
        let read = self.read;
        let next = self.bad().find(|row| Some(row.serial) > read).cloned();
        self.read = next.as_ref().map(|row| row.serial).or(read);
        Ok(next)
    }

    fn look_up(&mut self, serial: SerialNumber) -> Result<Option<CopiedStatus>, StoreError> {
        Ok(self.rows.get(&serial).cloned())
    }

    fn changed_since(&mut self, seq: u64, _: usize) -> Result<Vec<CopiedStatus>, StoreError> {
        let rows = self.rows.values();
        let changed = rows.filter(|row| row.sequence > seq && self.were_bad.contains(&row.serial));
        Ok(changed.cloned().collect())
    }
}

/// Lists and what happened between them.
#[derive(Debug, Clone)]
struct Story {
    changes: Vec<(usize, bool)>,
    /// Places in the feed: of the copy's snapshot, of the first list, of its check, of the second.
    places: [usize; 4],
    /// What is wrong with each list, by certificate.
    wrong: [u8; 2],
    delta: bool,
}

fn stories() -> impl Strategy<Value = Story> {
    let change = (0..CERTIFICATES.len(), any::<bool>());
    let wrong = || prop_oneof![3 => Just(0), 1 => 0..32_u8];
    let places = prop::array::uniform4(0..12_usize);
    let changes = prop::collection::vec(change, 0..12);
    (changes, places, wrong(), wrong(), any::<bool>()).prop_map(
        |(changes, mut places, first, second, delta)| {
            places.sort_unstable();
            Story {
                changes,
                places,
                wrong: [first, second],
                delta,
            }
        },
    )
}

impl Story {
    /// The copy after so many changes.
    fn copy(&self, place: usize) -> Copy {
        let mut copy = Copy::default();
        for (number, change) in self.changes.iter().take(place).enumerate() {
            if number == self.places[0] {
                copy.forget_the_past();
            }
            copy.learn(u64::try_from(number).unwrap() + 1, *change);
        }
        copy
    }

    /// What a list has to show that is read at a place, but for what is wrong with it.
    fn shown(&self, place: usize, wrong: u8) -> Vec<u8> {
        let bad: BTreeSet<_> = self.copy(place).bad().map(|row| row.serial).collect();
        let certificates = CERTIFICATES.iter().enumerate();
        certificates
            .filter(|(place, last)| (wrong >> place & 1 == 1) != bad.contains(&serial(**last)))
            .map(|(_, last)| *last)
            .collect()
    }

    fn list(&self, number: u64, place: usize, wrong: u8) -> TestList {
        let as_of = u64::try_from(place.min(self.changes.len())).unwrap();
        TestList::new(number, &self.shown(place, wrong)).read_at(as_of)
    }
}

/// A delta to the first list that brings the second.
fn delta(first: &TestList, second: &TestList) -> TestList {
    let has = |list: &TestList, last| list.entries.iter().any(|it| it.serial == serial(last));
    let mut delta = TestList::new(12, &[]).delta(10).read_at(second.as_of);
    for last in CERTIFICATES {
        match (has(first, last), has(second, last)) {
            (false, true) => delta.entries.push(revoked_entry(last)),
            (true, false) => delta = delta.removing(last),
            (true, true) | (false, false) => {}
        }
    }
    delta
}

fn offer(list: &TestList) -> Offer {
    Offer {
        scope: list.scope,
        number: CrlNumber::new(list.number),
        base: list.base.map(CrlNumber::new),
        as_of: list.as_of,
        sequence: 1_000,
    }
}

/// The same with everything to be compared.
fn forgetful(against: &Against) -> Against {
    let mut against = against.clone();
    for list in against.standing.iter_mut().chain(&mut against.full) {
        list.agreed = None;
    }
    against
}

proptest! {
    #[test]
    fn what_changed_is_judged_as_everything_would_be(story in stories()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let Fixture { ca, mut against, .. } = runtime.block_on(Fixture::empty());
        let [_, first_at, checked_at, second_at] = story.places;
        let mut first = story.list(10, first_at, story.wrong[0]);
        first.this_update = at(1);
        let der = bytes::Bytes::from(ca.sign(&first));
        let Ok(standing) = check(&offer(&first), der.into(), &against, &mut story.copy(checked_at)) else {
            return Ok(());
        };
        prop_assert!(standing.agreed.is_some());
        against.full = Some(standing.clone());
        against.base_as_of = Some(first.as_of);
        let mut second = story.list(12, second_at, story.wrong[1]);
        if story.delta {
            second = delta(&first, &second);
        } else {
            against.standing = Some(standing);
        }
        second.this_update = at(10);
        let der: bytes::Bytes = ca.sign(&second).into();
        let outcome = |against: &Against| {
            let checked = check(&offer(&second), der.clone().into(), against, &mut story.copy(12));
            checked.map(|list| list.agreed).map_err(|refusal| refusal.code())
        };
        prop_assert_eq!(outcome(&against), outcome(&forgetful(&against)));
    }
}

#[tokio::test]
async fn an_entry_is_found_wherever_it_stands() {
    let fixture = Fixture::empty().await;
    let numbered = |number: u16| {
        let mut octets = [0x5a; 12];
        octets[10..].copy_from_slice(&number.to_be_bytes());
        SerialNumber::from_bytes(&octets).unwrap()
    };
    let mut list = TestList::new(10, &[]);
    list.entries = (0..600_u16)
        .map(|number| issuance::CrlEntry {
            serial: numbered(number * 2),
            ..revoked_entry(3)
        })
        .collect();
    let mut list = fixture.unchecked(&list);
    for agreed in [
        None,
        Some(Agreed::new(Places::of(&list).unwrap(), Vec::new())),
    ] {
        list.agreed = agreed.map(Arc::new);
        for number in 0..=1_201 {
            let found = list.find(numbered(number)).unwrap();
            let expected = number % 2 == 0 && number < 1_200;
            assert_eq!(found.is_some(), expected, "{number}");
            assert!(found.is_none_or(|view| view.serial == numbered(number)));
        }
    }
}
