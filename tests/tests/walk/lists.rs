//! The lists that ca-daemon made, against the model and what is published.

use std::collections::BTreeMap;

use issuance::CrlCoverage;
use issuance::crl_reader::CrlView;
use issuance::{DistributionPoint, OnlyContains};
use pki::time::Timestamp;
use pki::{CrlNumber, CrlScope, RevocationReason, SerialNumber};
use store::CurrentCrl;

use crate::authority::{REPOSITORY, TestAuthority};
use crate::deltas;
use crate::model::{Entries, Model, Shown};
use crate::publisher::TestPublisher;

/// What was seen of the lists so far.
#[derive(Debug, Default)]
pub struct Lists {
    /// The last number of each sequence.
    numbers: BTreeMap<CrlScope, CrlNumber>,
    /// The last list of each scope.
    last: BTreeMap<CrlScope, Last>,
    /// Complete lists, for deltas to be combined with.
    complete: BTreeMap<CrlNumber, Complete>,
    acknowledged: Option<CrlNumber>,
    pub compared: usize,
}

#[derive(Debug, Clone, Copy)]
struct Last {
    number: CrlNumber,
    this_update: Timestamp,
}

/// A complete list.
#[derive(Debug)]
pub struct Complete {
    pub as_of: u64,
    pub entries: Entries,
}

impl Lists {
    /// Compares all lists; what is new since the last time with what the model says must be on it.
    /// `acknowledged` is the complete list that publishers had acknowledged when they were made.
    pub async fn compare(
        &mut self,
        at: &TestAuthority,
        model: &mut Model,
        publisher: Option<&TestPublisher>,
        acknowledged: Option<CrlNumber>,
    ) {
        self.acknowledged = acknowledged;
        // A delta is read against the complete list that came before it.
        for scope in self.owed(at, model) {
            let store = &at.authority.store;
            let list = store.last_crl(at.ca.name(), scope).await.unwrap();
            let list = list.unwrap_or_else(|| panic!("there is no list {scope}"));
            let octets = store.crl_octets(at.ca.name(), scope, list.number).await;
            let octets = octets.unwrap().expect("the newest list has octets");
            let der = octets.collect().await.unwrap();
            assert!(list.next_update > at.now(), "the list {scope} is over");
            if self.last.get(&scope).map(|last| last.number) == Some(list.number) {
                is_still_right(model, scope, &list);
            } else {
                self.take(at, model, &list, &der);
            }
            if let Some(publisher) = publisher {
                let published = publisher.published(at, scope);
                assert!(
                    published == Some(der),
                    "{scope} {} is not published",
                    list.number
                );
            }
        }
    }

    /// The lists that somebody can rely on.
    fn owed(&self, at: &TestAuthority, model: &Model) -> Vec<CrlScope> {
        let mut owed = vec![CrlScope::Full];
        // The first delta needs a complete list that was acknowledged.
        if self.acknowledged.is_some() {
            owed.push(CrlScope::Delta);
        }
        let shards = at.ca.policy.load().crl().shards;
        let mut present: Vec<u16> = (0..shards).chain(model.shards(at.now())).collect();
        present.sort_unstable();
        present.dedup();
        owed.extend(present.into_iter().map(CrlScope::Shard));
        owed
    }

    /// A list that was not seen before.
    fn take(&mut self, at: &TestAuthority, model: &mut Model, list: &CurrentCrl, der: &[u8]) {
        let view = CrlView::parse(der).unwrap();
        view.verify_issued_by(at.ca.issuer.certificate()).unwrap();
        self.goes_up(list, &view);
        assert_eq!(
            *view.scope(),
            coverage(at, list),
            "coverage of {}",
            list.scope
        );
        let (entries, removed) = read(&view);
        if list.scope == CrlScope::Delta {
            self.check_delta(model, list, &entries, &removed);
        } else {
            assert_eq!(removed, [], "only deltas remove");
            same(list, &entries, &model.entries(list.scope));
            model.stood(list.scope, list.this_update);
        }
        if list.scope == CrlScope::Full {
            let as_of = list.as_of;
            self.complete
                .insert(list.number, Complete { as_of, entries });
        }
        self.compared += 1;
    }

    /// Numbers strictly, times at least not down (RFC 5280 section 5.2.3).
    fn goes_up(&mut self, list: &CurrentCrl, view: &CrlView<'_>) {
        let CurrentCrl {
            scope,
            number,
            this_update,
            ..
        } = *list;
        assert_eq!((view.number(), view.this_update()), (number, this_update));
        let before = self.numbers.insert(scope.numbering(), number);
        assert!(
            before.is_none_or(|before| before < number),
            "{scope} {number}"
        );
        let last = Last {
            number,
            this_update,
        };
        let before = self.last.insert(scope, last);
        assert!(
            before.is_none_or(|before| before.this_update <= this_update),
            "{scope} {number} is of {this_update}"
        );
    }

    fn check_delta(
        &mut self,
        model: &Model,
        list: &CurrentCrl,
        entries: &Entries,
        removed: &[SerialNumber],
    ) {
        let base = list.base.expect("a delta has a base");
        assert_eq!(
            Some(base),
            self.acknowledged,
            "base of delta {}",
            list.number
        );
        assert!(
            self.complete.contains_key(&base),
            "{base} was never complete"
        );
        let mut combined = 0;
        for (number, complete) in self.complete.range(base..list.number) {
            let delta = deltas::Delta {
                number: list.number,
                this_update: list.this_update,
                entries,
                removed,
            };
            if *number == base {
                delta.says_what_changed_since(complete, model);
            }
            delta.combines_with(*number, complete, model);
            combined += 1;
        }
        assert!(combined > 0);
        // Later deltas build on this one's base or a later one.
        self.complete.retain(|number, _| *number >= base);
    }
}

/// A list that was not made anew: nothing that it covers has changed since.
fn is_still_right(model: &Model, scope: CrlScope, list: &CurrentCrl) {
    for (serial, known) in model.all() {
        let stale = known.is_in(scope) && known.sequence > list.as_of;
        assert!(
            !stale,
            "{serial} changed since list {scope} {}",
            list.number
        );
    }
}

fn coverage(at: &TestAuthority, list: &CurrentCrl) -> CrlCoverage {
    let url = |scope: CrlScope| format!("{REPOSITORY}/{}", scope.path(at.ca.name()));
    match list.scope {
        CrlScope::Full => CrlCoverage {
            freshest_crl: Some(url(CrlScope::Delta)),
            ..CrlCoverage::default()
        },
        CrlScope::Delta => CrlCoverage {
            delta_base: list.base,
            ..CrlCoverage::default()
        },
        CrlScope::Shard(_) => CrlCoverage {
            distribution_point: Some(DistributionPoint {
                uri: Some(url(list.scope)),
                only_contains: OnlyContains::UserCertificates,
            }),
            ..CrlCoverage::default()
        },
    }
}

/// The entries, and the serial numbers that leave, each in strictly ascending order.
fn read(view: &CrlView<'_>) -> (Entries, Vec<SerialNumber>) {
    let (mut entries, mut removed) = (Entries::new(), Vec::new());
    let mut last = None;
    for entry in view.entries() {
        let entry = entry.unwrap();
        assert!(
            last < Some(entry.serial),
            "{} is out of order",
            entry.serial
        );
        last = Some(entry.serial);
        if entry.reason == Some(RevocationReason::RemoveFromCrl) {
            removed.push(entry.serial);
            continue;
        }
        let shown = Shown {
            since: entry.revoked_at.as_second(),
            reason: entry.reason,
            invalidity_date: entry.invalidity_date.map(Timestamp::as_second),
        };
        entries.insert(entry.serial, shown);
    }
    (entries, removed)
}

fn same(list: &CurrentCrl, entries: &Entries, expected: &Entries) {
    if entries == expected {
        return;
    }
    let lacking: Vec<_> = expected
        .iter()
        .filter(|(serial, _)| !entries.contains_key(serial))
        .collect();
    let more: Vec<_> = entries
        .iter()
        .filter(|(serial, shown)| expected.get(serial) != Some(shown))
        .collect();
    panic!(
        "{} {} of {}: lacks {lacking:?}, has wrongly {more:?}",
        list.scope, list.number, list.this_update
    );
}
