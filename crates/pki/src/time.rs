//! Time as an argument: the clock trait, a clock for tests, and X.509 times.

use std::{
    fmt::Debug,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use der::{
    DateTime,
    asn1::{GeneralizedTime, UtcTime},
};
use x509_cert::time::Time;

pub use jiff::{SignedDuration, Timestamp};

/// Tells the time. The daemons hold the machine's clock, tests a [`ManualClock`].
pub trait Clock: Send + Sync + Debug {
    /// The present moment. It may lie before an earlier one: machines' clocks are set back.
    fn now(&self) -> Timestamp;
}

/// A clock that many tasks share.
pub type SharedClock = Arc<dyn Clock>;

/// A clock that stands until it is moved. Clones share one time.
#[derive(Debug, Clone)]
pub struct ManualClock {
    now: Arc<Mutex<Timestamp>>,
}

impl ManualClock {
    /// A clock that stands at `now`.
    pub fn new(now: Timestamp) -> Self {
        Self {
            now: Arc::new(Mutex::new(now)),
        }
    }

    /// Moves the clock to `now`, forwards or backwards.
    pub fn set(&self, now: Timestamp) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// Moves the clock on by `span`; stops at the ends of [`Timestamp`].
    pub fn advance(&self, span: SignedDuration) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let end = if span.is_negative() {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        };
        *now = now.checked_add(span).unwrap_or(end);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A moment that X.509 cannot write: before 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{at} cannot be written as an X.509 time")]
pub struct TimeError {
    /// The moment.
    pub at: Timestamp,
}

/// Writes a moment as RFC 5280 §4.1.2.5 wants it: UTCTime to 2049, GeneralizedTime from 2050,
/// whole seconds (the fraction is cut off).
///
/// # Errors
/// [`TimeError`] for a moment before 1970.
pub fn to_x509_time(at: Timestamp) -> Result<Time, TimeError> {
    let refused = |_| TimeError { at };
    let seconds = u64::try_from(at.as_second()).map_err(|_| TimeError { at })?;
    let moment = DateTime::from_unix_duration(Duration::from_secs(seconds)).map_err(refused)?;
    if moment.year() <= UtcTime::MAX_YEAR {
        Ok(Time::UtcTime(
            UtcTime::from_date_time(moment).map_err(refused)?,
        ))
    } else {
        Ok(Time::GeneralTime(GeneralizedTime::from_date_time(moment)))
    }
}

/// Reads an X.509 time. One past the last [`Timestamp`], in practice `99991231235959Z`, which
/// RFC 5280 §4.1.2.5 gives the meaning "no expiration", becomes [`Timestamp::MAX`].
pub fn from_x509_time(time: &Time) -> Timestamp {
    i64::try_from(time.to_unix_duration().as_secs())
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
