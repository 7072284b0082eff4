//! What earlier rounds saw: numbers that lists must not fall below, and what was wrong.

use std::collections::{BTreeMap, BTreeSet};

use feed::Epoch;
use pki::{CrlNumber, CrlScope, IssuerName};

use super::{Finding, subject::Subject};

/// Outlives rounds, not restarts.
#[derive(Debug, Default)]
pub struct Memory {
    /// The feed that the places in `reach` belong to.
    epoch: Option<Epoch>,
    /// The highest number fetched from each URL.
    highest: BTreeMap<String, CrlNumber>,
    /// Up to which entry of the feed each announced list reaches.
    reach: BTreeMap<(IssuerName, CrlScope), BTreeMap<CrlNumber, u64>>,
    /// What was wrong at the end of the last round.
    standing: BTreeSet<Key>,
}

/// What makes two findings the same: the words may differ from round to round.
type Key = (&'static str, IssuerName, String);

impl Memory {
    /// Forgets how far lists reach when another feed has begun: its places are others.
    pub(super) fn begin(&mut self, epoch: Option<Epoch>) {
        if self.epoch != epoch {
            self.reach.clear();
            self.epoch = epoch;
        }
    }

    /// Learns how far the lists that the feed announced reach.
    pub(super) fn announced(&mut self, subject: &Subject) {
        for list in &subject.lists {
            let key = (subject.issuer.clone(), list.scope);
            let known = self.reach.entry(key).or_default();
            known.insert(list.number, list.as_of);
            while known.len() > REMEMBERED {
                known.pop_first();
            }
        }
    }

    /// Up to which entry of the feed a list shows every change, at least: numbers and reach rise
    /// together. `None` when no list up to this number is known.
    pub fn reach(&self, issuer: &IssuerName, scope: CrlScope, number: CrlNumber) -> Option<u64> {
        let known = self.reach.get(&(issuer.clone(), scope))?;
        let (_, as_of) = known.range(..=number).next_back()?;
        // An imported list was not read from the feed.
        Some(*as_of).filter(|as_of| *as_of > 0)
    }

    /// Notes the number that a URL served; gives the highest one seen before.
    pub(super) fn saw(&mut self, url: &str, number: CrlNumber) -> Option<CrlNumber> {
        let before = self.highest.get(url).copied();
        let highest = before.map_or(number, |before| before.max(number));
        self.highest.insert(url.to_owned(), highest);
        before
    }

    /// Notes what is wrong now; gives what is new, and what is gone.
    pub(super) fn compare<'a>(&mut self, found: &'a [Finding]) -> (Vec<&'a Finding>, Vec<Key>) {
        let key = |finding: &Finding| (finding.code, finding.issuer.clone(), finding.url.clone());
        let now: BTreeSet<Key> = found.iter().map(key).collect();
        let mut told = BTreeSet::new();
        let new = found
            .iter()
            .filter(|finding| !self.standing.contains(&key(finding)) && told.insert(key(finding)));
        let new = new.collect();
        let gone = self.standing.difference(&now).cloned().collect();
        self.standing = now;
        (new, gone)
    }
}

/// Lists of one scope whose reach is remembered: a cache may still serve the one before last.
const REMEMBERED: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(code: &'static str, detail: &str) -> Finding {
        Finding {
            code,
            issuer: "esign-ca".parse().unwrap(),
            url: "http://pki.example.com/crl/esign-ca.crl".to_owned(),
            detail: detail.to_owned(),
        }
    }

    #[test]
    fn a_finding_is_new_once_and_gone_once() {
        let mut memory = Memory::default();
        let found = [finding("unreachable", "one"), finding("unreachable", "two")];
        let (new, gone) = memory.compare(&found);
        assert_eq!((new.len(), gone.len()), (1, 0));
        let (new, gone) = memory.compare(&found[1..]);
        assert_eq!((new.len(), gone.len()), (0, 0));
        let (new, gone) = memory.compare(&[]);
        assert_eq!((new.len(), gone.len()), (0, 1));
        let (new, gone) = memory.compare(&[]);
        assert_eq!((new.len(), gone.len()), (0, 0));
    }

    #[test]
    fn the_highest_number_of_a_url_is_kept() {
        let mut memory = Memory::default();
        assert_eq!(memory.saw("a", CrlNumber::new(7)), None);
        assert_eq!(memory.saw("a", CrlNumber::new(5)), Some(CrlNumber::new(7)));
        assert_eq!(memory.saw("a", CrlNumber::new(8)), Some(CrlNumber::new(7)));
        assert_eq!(memory.saw("b", CrlNumber::new(1)), None);
    }
}
