//! Whether what is known may still be told: how long the feed has been silent.

use std::{
    sync::{PoisonError, RwLock},
    time::Duration,
};

use pki::time::{SharedClock, SignedDuration, Timestamp};

/// How far the time of the last word from the feed may lie ahead of the clock: a clock that was
/// set back by more could make an old status look new.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// When the feed was last heard, and how long that is enough.
///
/// The time is the wall clock's and is kept in the durable copy, so that a restart while ca-daemon
/// is away neither forgets what is still fresh nor makes fresh what is not.
#[derive(Debug)]
pub struct Freshness {
    clock: SharedClock,
    max_staleness: SignedDuration,
    heard: RwLock<Option<Timestamp>>,
}

/// The feed has been silent for too long, or was never heard (RFC 6960 section 2.3, tryLater).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Stale {
    /// No complete state was ever received.
    #[error("the feed was never heard")]
    NeverHeard,
    /// The last word is older than the configured bound.
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

impl Freshness {
    /// Begins with what the copy remembers.
    pub fn new(clock: SharedClock, max_staleness: Duration, heard: Option<Timestamp>) -> Self {
        Self {
            clock,
            max_staleness: SignedDuration::try_from(max_staleness).unwrap_or(SignedDuration::MAX),
            heard: RwLock::new(heard),
        }
    }

    /// Notes that everything which was in the feed at `at` has been taken in.
    pub fn heard(&self, at: Timestamp) {
        *self.heard.write().unwrap_or_else(PoisonError::into_inner) = Some(at);
    }

    /// Nothing counts as heard any more.
    pub fn forget(&self) {
        *self.heard.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// When the feed was last heard.
    pub fn last_heard(&self) -> Option<Timestamp> {
        *self.heard.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The moment for which what is known is known to be right: thisUpdate of an answer made now.
    ///
    /// # Errors
    /// [`Stale`] when nothing may be said.
    pub fn known_at(&self) -> Result<Timestamp, Stale> {
        let now = self.clock.now();
        let heard = self.last_heard().ok_or(Stale::NeverHeard)?;
        let silence = now.duration_since(heard);
        if silence > self.max_staleness {
            return Err(Stale::Silent { since: heard });
        }
        if silence < -CLOCK_TOLERANCE {
            return Err(Stale::ClockSetBack { heard });
        }
        Ok(heard.min(now))
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
        Freshness::new(clock, HOUR, heard.map(at))
    }

    #[test]
    fn nothing_may_be_said_before_the_feed_was_heard() {
        assert_eq!(freshness(0, None).known_at(), Err(Stale::NeverHeard));
    }

    #[test]
    fn the_last_word_counts_to_the_last_second_of_the_bound() {
        assert_eq!(freshness(4_600, Some(1_000)).known_at(), Ok(at(1_000)));
        let silent = Stale::Silent { since: at(1_000) };
        assert_eq!(freshness(4_601, Some(1_000)).known_at(), Err(silent));
    }

    #[test]
    fn hearing_again_makes_fresh_again() {
        let freshness = freshness(100_000, Some(1_000));
        assert!(freshness.known_at().is_err());
        freshness.heard(at(99_999));
        assert_eq!(freshness.known_at(), Ok(at(99_999)));
    }

    #[test]
    fn a_clock_that_was_set_back_far_is_not_trusted() {
        assert_eq!(freshness(1_000, Some(1_010)).known_at(), Ok(at(1_000)));
        let set_back = Stale::ClockSetBack { heard: at(2_000) };
        assert_eq!(freshness(1_000, Some(2_000)).known_at(), Err(set_back));
    }
}
