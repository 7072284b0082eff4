//! How many signatures strangers can ask for in a second.

use std::{
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
};

use pki::time::{SharedClock, Timestamp};

/// A token bucket that holds one second's worth.
#[derive(Debug)]
pub(super) struct Budget {
    clock: SharedClock,
    per_second: f64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    left: f64,
    filled_at: Timestamp,
}

impl Budget {
    pub(super) fn per_second(clock: SharedClock, count: NonZeroU32) -> Self {
        let per_second = f64::from(count.get());
        let state = State {
            left: per_second,
            filled_at: clock.now(),
        };
        Self {
            clock,
            per_second,
            state: Mutex::new(state),
        }
    }

    /// Takes one, if there is one. A clock that is set back earns nothing.
    pub(super) fn take(&self) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        let passed = now.duration_since(state.filled_at).as_secs_f64().max(0.0);
        state.left = (state.left + passed * self.per_second).min(self.per_second);
        state.filled_at = now;
        let allowed = state.left >= 1.0;
        if allowed {
            state.left -= 1.0;
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use pki::time::{ManualClock, SignedDuration};

    use super::*;

    fn taken(budget: &Budget, asked: usize) -> usize {
        (0..asked).filter(|_| budget.take()).count()
    }

    #[test]
    fn gives_a_second_s_worth_and_fills_again() {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        let five = NonZeroU32::new(5).unwrap();
        let budget = Budget::per_second(Arc::new(clock.clone()), five);
        assert_eq!(taken(&budget, 20), 5);
        clock.advance(SignedDuration::from_millis(410));
        assert_eq!(taken(&budget, 20), 2);
        clock.advance(SignedDuration::from_hours(1));
        assert_eq!(taken(&budget, 20), 5);
        clock.advance(SignedDuration::from_hours(-1));
        assert_eq!(taken(&budget, 20), 0);
        clock.advance(SignedDuration::from_secs(1));
        assert_eq!(taken(&budget, 20), 5);
    }
}
