//! What lists and answers should say, kept as plainly as can be.

use std::collections::BTreeMap;

use pki::time::Timestamp;
use pki::{CrlScope, RevocationReason, SerialNumber};

/// What a list tells of a certificate: times in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    pub since: i64,
    pub reason: Option<RevocationReason>,
    pub invalidity_date: Option<i64>,
}

/// The entries of a list.
pub type Entries = BTreeMap<SerialNumber, Shown>;

/// A certificate, or a serial number that may have become one.
#[derive(Debug, Clone)]
pub struct Known {
    pub not_after: Timestamp,
    /// The shard that its distribution point names.
    pub shard: Option<u16>,
    /// Revoked, on hold or abandoned.
    pub bad: Option<Shown>,
    /// The place in the feed of its last change.
    pub sequence: u64,
    /// It has stood on a complete list, or on one of its shard, that was made after its end.
    left_full: bool,
    left_shard: bool,
}

impl Known {
    pub fn is_over(&self, at: Timestamp) -> bool {
        self.not_after < at
    }

    pub fn is_on_hold(&self) -> bool {
        self.bad
            .is_some_and(|shown| shown.reason == Some(RevocationReason::CertificateHold))
    }

    pub fn is_in(&self, scope: CrlScope) -> bool {
        match scope {
            CrlScope::Full | CrlScope::Delta => true,
            CrlScope::Shard(shard) => self.shard == Some(shard),
        }
    }

    /// Whether it has stood long enough, on every list that it belongs to.
    pub fn has_left(&self) -> bool {
        self.left_full && (self.left_shard || self.shard.is_none())
    }
}

/// All certificates of the issuer.
#[derive(Debug, Default)]
pub struct Model {
    certificates: BTreeMap<SerialNumber, Known>,
}

impl Model {
    pub fn add(&mut self, serial: SerialNumber, not_after: Timestamp, shard: Option<u16>) {
        let known = Known {
            not_after,
            shard,
            bad: None,
            sequence: 0,
            left_full: false,
            left_shard: false,
        };
        let before = self.certificates.insert(serial, known);
        assert!(before.is_none(), "{serial} was given out twice");
    }

    pub fn change(&mut self, serial: SerialNumber, bad: Option<Shown>, sequence: u64) {
        let known = self.certificates.get_mut(&serial).expect("it was added");
        (known.bad, known.sequence) = (bad, sequence);
    }

    pub fn get(&self, serial: &SerialNumber) -> &Known {
        self.certificates.get(serial).expect("it was added")
    }

    pub fn find(&self, serial: &SerialNumber) -> Option<&Known> {
        self.certificates.get(serial)
    }

    pub fn len(&self) -> usize {
        self.certificates.len()
    }

    /// Everything that is bad, with what is to be told of it.
    pub fn bad(&self) -> impl Iterator<Item = (SerialNumber, &Known, Shown)> {
        self.certificates
            .iter()
            .filter_map(|(serial, known)| Some((*serial, known, known.bad?)))
    }

    /// What a list of this scope has to show if it is made now (RFC 5280 section 3.3: an entry
    /// stays until it has stood on one list made after its certificate's end: on a complete one and
    /// on one of its shard).
    pub fn entries(&self, scope: CrlScope) -> Entries {
        self.bad()
            .filter(|(_, known, _)| known.is_in(scope) && !known.has_left())
            .map(|(serial, _, shown)| (serial, shown))
            .collect()
    }

    /// A list of this scope was made at this time with what [`Self::entries`] says.
    pub fn stood(&mut self, scope: CrlScope, this_update: Timestamp) {
        for known in self.certificates.values_mut() {
            if known.bad.is_none() || !known.is_in(scope) || !known.is_over(this_update) {
                continue;
            }
            match scope {
                CrlScope::Full => known.left_full = true,
                CrlScope::Shard(_) => known.left_shard = true,
                CrlScope::Delta => {}
            }
        }
    }

    /// All certificates.
    pub fn all(&self) -> impl Iterator<Item = (&SerialNumber, &Known)> {
        self.certificates.iter()
    }

    /// Shards that lists are owed for: some certificate in them is not over, or has not left.
    pub fn shards(&self, now: Timestamp) -> Vec<u16> {
        let mut shards: Vec<u16> = self
            .certificates
            .values()
            .filter(|known| !known.is_over(now) || (known.bad.is_some() && !known.left_shard))
            .filter_map(|known| known.shard)
            .collect();
        shards.sort_unstable();
        shards.dedup();
        shards
    }
}
