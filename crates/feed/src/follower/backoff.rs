//! Pauses between attempts: doubling, bounded, never quite equal.

use std::hash::{BuildHasher as _, RandomState};

use tokio::time::Duration;

#[derive(Debug)]
pub(super) struct Backoff {
    first: Duration,
    longest: Duration,
    next: Duration,
}

impl Backoff {
    pub(super) fn new((first, longest): (Duration, Duration)) -> Self {
        Self {
            first,
            longest,
            next: first.min(longest),
        }
    }

    pub(super) fn reset(&mut self) {
        self.next = self.first.min(self.longest);
    }

    /// Between half of the pause that is due and all of it, so that followers that lost the same
    /// server do not come back at the same moment.
    pub(super) fn next_pause(&mut self) -> Duration {
        let due = self.next;
        self.next = due.saturating_mul(2).min(self.longest);
        // The standard library seeds each of these at random; spread needs no better source.
        let spread = RandomState::new().hash_one(0_u8) % 512;
        let spread = u32::try_from(spread).unwrap_or_default();
        due / 2 + due.saturating_mul(spread) / 1024
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_begin_anew_after_a_success() {
        let mut backoff = Backoff::new((Duration::from_millis(100), Duration::from_millis(350)));
        for due in [100, 200, 350, 350] {
            let pause = backoff.next_pause();
            let due = Duration::from_millis(due);
            assert!(due / 2 <= pause && pause <= due, "{pause:?} for {due:?}");
        }
        backoff.reset();
        assert!(backoff.next_pause() <= Duration::from_millis(100));
    }
}
