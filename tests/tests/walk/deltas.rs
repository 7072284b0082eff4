//! What a delta adds to complete lists (RFC 5280 section 5.2.4).

use pki::time::Timestamp;
use pki::{CrlNumber, SerialNumber};

use crate::lists::Complete;
use crate::model::{Entries, Model};

/// A delta as it was read.
#[derive(Debug, Clone, Copy)]
pub struct Delta<'a> {
    pub number: CrlNumber,
    pub this_update: Timestamp,
    pub entries: &'a Entries,
    /// The entries with the reason removeFromCRL.
    pub removed: &'a [SerialNumber],
}

impl Delta<'_> {
    /// It has only what changed since its base, and removes only what was released since.
    pub fn says_what_changed_since(&self, base: &Complete, model: &Model) {
        for (serial, shown) in self.entries {
            let known = model.get(serial);
            assert_eq!(known.bad, Some(*shown), "{serial} on delta {}", self.number);
            assert!(
                known.sequence > base.as_of,
                "{serial} on delta {} did not change since its base",
                self.number
            );
        }
        for serial in self.removed {
            let known = model.get(serial);
            assert!(
                known.bad.is_none() && known.sequence > base.as_of,
                "delta {} removes {serial}: {known:?}",
                self.number
            );
        }
    }

    /// With any complete list from its base on, it tells the present state.
    pub fn combines_with(&self, number: CrlNumber, complete: &Complete, model: &Model) {
        let mut combined = complete.entries.clone();
        for serial in self.removed {
            combined.remove(serial);
        }
        combined.extend(self.entries);
        let of = format!("{number} with delta {}", self.number);
        for (serial, shown) in &combined {
            let known = model.get(serial);
            assert_eq!(known.bad, Some(*shown), "{serial} in {of}: {known:?}");
        }
        for (serial, known, _) in model.bad() {
            let may_lack = known.is_over(self.this_update) && known.has_left();
            assert!(
                may_lack || combined.contains_key(&serial),
                "{serial} is not in {of}: {known:?}"
            );
        }
    }
}
