//! How many signatures strangers can ask for in a second.

use std::{
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
};

use tokio::time::Instant;

/// A token bucket that holds one second's worth.
#[derive(Debug)]
pub(super) struct Budget {
    per_second: f64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    left: f64,
    filled_at: Instant,
}

impl Budget {
    pub(super) fn per_second(count: NonZeroU32) -> Self {
        let per_second = f64::from(count.get());
        Self {
            per_second,
            state: Mutex::new(State {
                left: per_second,
                filled_at: Instant::now(),
            }),
        }
    }

    /// Takes one, if there is one.
    pub(super) fn take(&self) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let earned = now.duration_since(state.filled_at).as_secs_f64() * self.per_second;
        state.left = (state.left + earned).min(self.per_second);
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
    use std::time::Duration;

    use super::*;

    fn taken(budget: &Budget, asked: usize) -> usize {
        (0..asked).filter(|_| budget.take()).count()
    }

    #[tokio::test(start_paused = true)]
    async fn gives_a_second_s_worth_and_fills_again() {
        let budget = Budget::per_second(NonZeroU32::new(5).unwrap());
        assert_eq!(taken(&budget, 20), 5);
        tokio::time::advance(Duration::from_millis(410)).await;
        assert_eq!(taken(&budget, 20), 2);
        tokio::time::advance(Duration::from_hours(1)).await;
        assert_eq!(taken(&budget, 20), 5);
    }
}
