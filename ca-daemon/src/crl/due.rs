//! When a list is due.

use jiff::{SignedDuration, Timestamp};
use pki::CrlScope;
use policy::CrlRules;
use store::CurrentCrl;

/// Times of the lists of one scope.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    pub(super) next_update: SignedDuration,
    interval: SignedDuration,
    /// From the first change of status on.
    collecting: SignedDuration,
    overlap: SignedDuration,
}

impl Times {
    /// What the policy says of a scope; `None` if it has no such lists.
    ///
    /// It says when a list after a change of status is signed at the latest. Half of that time collects
    /// changes, the other half is for making the list. Shards are short and begin earlier, so that they
    /// need not share the machine with the complete list.
    pub(super) fn of(scope: CrlScope, rules: &CrlRules) -> Option<Self> {
        let of_shard = Self {
            next_update: rules.next_update,
            interval: rules.interval,
            collecting: rules.after_revocation / 3,
            overlap: rules.overlap,
        };
        match scope {
            CrlScope::Shard(_) => Some(of_shard),
            CrlScope::Full => Some(Self {
                collecting: rules.after_revocation / 2,
                ..of_shard
            }),
            CrlScope::Delta => rules.delta.map(|delta| Self {
                next_update: delta.next_update,
                interval: delta.interval,
                collecting: delta.after_revocation / 2,
                overlap: SignedDuration::ZERO,
            }),
        }
    }

    /// The first list is due at once; later ones at the interval, soon after a change of status, and
    /// in any case an overlap before the last one ends (C-31, C-39).
    pub(super) fn due(self, last: Option<&CurrentCrl>, changed: Option<Timestamp>) -> Timestamp {
        let Some(last) = last else {
            return Timestamp::MIN;
        };
        let by_interval = later(last.this_update, self.interval);
        let by_end = last.next_update.saturating_sub(self.overlap);
        let scheduled = by_interval.min(by_end.unwrap_or(Timestamp::MIN));
        changed.map_or(scheduled, |changed| {
            scheduled.min(later(changed, self.collecting))
        })
    }
}

/// The operator `+` panics beyond the year 9999.
pub(super) fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use pki::CrlNumber;
    use policy::DeltaRules;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn rules() -> CrlRules {
        CrlRules {
            next_update: SignedDuration::from_hours(48),
            interval: SignedDuration::from_hours(12),
            after_revocation: SignedDuration::from_mins(5),
            overlap: SignedDuration::from_hours(6),
            shards: 0,
            delta: None,
        }
    }

    fn full(rules: &CrlRules) -> Times {
        Times::of(CrlScope::Full, rules).unwrap()
    }

    fn last() -> CurrentCrl {
        CurrentCrl {
            issuer: "esign-ca".parse().unwrap(),
            scope: CrlScope::Full,
            number: CrlNumber::new(4),
            base: None,
            this_update: at("2026-03-01T00:00:00Z"),
            next_update: at("2026-03-03T00:00:00Z"),
            as_of: 9,
            size: 500,
            published_by: Vec::new(),
        }
    }

    #[test]
    fn the_first_list_is_due_at_once() {
        assert_eq!(full(&rules()).due(None, None), Timestamp::MIN);
    }

    #[test]
    fn a_quiet_ca_makes_one_list_per_interval() {
        let due = full(&rules()).due(Some(&last()), None);
        assert_eq!(due, at("2026-03-01T12:00:00Z"));
    }

    #[test]
    fn a_revocation_brings_the_next_list_forward() {
        let changed = Some(at("2026-03-01T02:00:00Z"));
        let due = full(&rules()).due(Some(&last()), changed);
        assert_eq!(due, at("2026-03-01T02:02:30Z"));
        let shard = Times::of(CrlScope::Shard(3), &rules()).unwrap();
        let due = shard.due(Some(&last()), changed);
        assert_eq!(due, at("2026-03-01T02:01:40Z"));
    }

    #[test]
    fn the_overlap_wins_over_a_long_interval() {
        let rules = CrlRules {
            interval: SignedDuration::from_hours(47),
            ..rules()
        };
        let due = full(&rules).due(Some(&last()), None);
        assert_eq!(due, at("2026-03-02T18:00:00Z"));
    }

    #[test]
    fn deltas_have_times_of_their_own() {
        assert!(Times::of(CrlScope::Delta, &rules()).is_none());
        let rules = CrlRules {
            delta: Some(DeltaRules {
                next_update: SignedDuration::from_hours(2),
                interval: SignedDuration::from_hours(1),
                after_revocation: SignedDuration::from_secs(5),
            }),
            ..rules()
        };
        let delta = Times::of(CrlScope::Delta, &rules).unwrap();
        assert_eq!(delta.due(Some(&last()), None), at("2026-03-01T01:00:00Z"));
        let changed = Some(at("2026-03-01T00:10:00Z"));
        let due = delta.due(Some(&last()), changed);
        assert_eq!(due, at("2026-03-01T00:10:02.5Z"));
    }
}
