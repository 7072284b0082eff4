//! Whether what is known may still be told: how long the feed has been silent.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwapOption;
use pki::time::{SharedClock, SignedDuration, Timestamp};

/// How far the time of the last word from the feed may lie ahead of the clock: a clock that was
/// set back by more could make an old status look new.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// When the feed was last heard. How long that is enough, each issuer's policy says.
///
/// The time is the wall clock's and is kept in the durable copy, so that a restart while ca-daemon
/// is away neither forgets what is still fresh nor makes fresh what is not.
#[derive(Debug)]
pub struct Freshness {
    clock: SharedClock,
    heard: ArcSwapOption<Timestamp>,
}

/// The feed has been silent for too long, or was never heard (RFC 6960 section 2.3, tryLater).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Stale {
    /// No complete state was ever received.
    #[error("the feed was never heard")]
    NeverHeard,
    /// The last word is older than the policy allows.
    #[error("the feed has been silent since {since}")]
    Silent {
        /// When the feed was last heard.
        since: Timestamp,
    },
    /// The clock stands before the time of the last word.
    #[error("the clock was set back: the feed was heard at {heard}")]
    ClockSetBack {
        /// When the feed was last heard, by the clock of then.
        heard: Timestamp,
    },
}

/// The last word from the feed, seen from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastWord {
    /// When it was heard, by the clock of then.
    heard: Timestamp,
    /// When that was asked for.
    pub now: Timestamp,
}

impl LastWord {
    /// The moment for which what is known is known to be right, if the silence since is not longer
    /// than `max_staleness`: thisUpdate of an answer made now.
    ///
    /// # Errors
    /// [`Stale::Silent`].
    pub fn within(self, max_staleness: Duration) -> Result<Timestamp, Stale> {
        let bound = SignedDuration::try_from(max_staleness).unwrap_or(SignedDuration::MAX);
        if self.now.duration_since(self.heard) > bound {
            return Err(Stale::Silent { since: self.heard });
        }
        Ok(self.heard.min(self.now))
    }
}

impl Freshness {
    /// Begins with what the copy remembers.
    pub fn new(clock: SharedClock, heard: Option<Timestamp>) -> Self {
        Self {
            clock,
            heard: ArcSwapOption::new(heard.map(Arc::new)),
        }
    }

    /// Notes that everything which was in the feed at `at` has been taken in.
    pub fn heard(&self, at: Timestamp) {
        self.heard.store(Some(Arc::new(at)));
    }

    /// Nothing counts as heard any more.
    pub fn forget(&self) {
        self.heard.store(None);
    }

    /// When the feed was last heard.
    pub fn last_heard(&self) -> Option<Timestamp> {
        self.heard.load().as_deref().copied()
    }

    /// The last word from the feed, if there is one that the clock does not contradict.
    ///
    /// # Errors
    /// [`Stale::NeverHeard`], [`Stale::ClockSetBack`]: nothing may be said for any issuer.
    pub fn last_word(&self) -> Result<LastWord, Stale> {
        let now = self.clock.now();
        let heard = self.last_heard().ok_or(Stale::NeverHeard)?;
        if now.duration_since(heard) < -CLOCK_TOLERANCE {
            return Err(Stale::ClockSetBack { heard });
        }
        Ok(LastWord { heard, now })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use pki::time::ManualClock;

    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn freshness(now: i64, heard: Option<i64>) -> Freshness {
        let clock = Arc::new(ManualClock::new(at(now)));
        Freshness::new(clock, heard.map(at))
    }

    fn known_at(freshness: &Freshness) -> Result<Timestamp, Stale> {
        freshness.last_word()?.within(HOUR)
    }

    #[test]
    fn nothing_may_be_said_before_the_feed_was_heard() {
        assert_eq!(known_at(&freshness(0, None)), Err(Stale::NeverHeard));
    }

    #[test]
    fn the_last_word_counts_to_the_last_second_of_the_bound() {
        assert_eq!(known_at(&freshness(4_600, Some(1_000))), Ok(at(1_000)));
        let silent = Stale::Silent { since: at(1_000) };
        assert_eq!(known_at(&freshness(4_601, Some(1_000))), Err(silent));
    }

    #[test]
    fn hearing_again_makes_fresh_again() {
        let freshness = freshness(100_000, Some(1_000));
        assert!(known_at(&freshness).is_err());
        freshness.heard(at(99_999));
        assert_eq!(known_at(&freshness), Ok(at(99_999)));
    }

    #[test]
    fn a_clock_that_was_set_back_far_is_not_trusted() {
        assert_eq!(known_at(&freshness(1_000, Some(1_010))), Ok(at(1_000)));
        let set_back = Stale::ClockSetBack { heard: at(2_000) };
        assert_eq!(known_at(&freshness(1_000, Some(2_000))), Err(set_back));
    }
}
