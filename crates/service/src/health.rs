//! Whether a daemon can do its work, and if not, why.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The conditions under which a daemon calls itself ready; clones share them.
#[derive(Clone, Default)]
pub struct Health {
    checks: Arc<Mutex<Vec<NamedCheck>>>,
}

/// One condition that a part of the daemon sets; clones share it.
#[derive(Debug, Clone)]
pub struct Condition {
    /// The reason why not, if not.
    fault: Arc<Mutex<Option<String>>>,
}

/// Why a daemon is not ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthFault {
    /// The condition that does not hold.
    pub check: String,
    /// Why; for operators, without secrets and personal data.
    pub reason: String,
}

type Check = Arc<dyn Fn() -> Result<(), String> + Send + Sync>;

#[derive(Clone)]
struct NamedCheck {
    name: String,
    check: Check,
}

impl Health {
    /// Without conditions, so ready.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a condition that is asked for whenever somebody wants to know; it must answer at once.
    pub fn check(
        &self,
        name: impl Into<String>,
        check: impl Fn() -> Result<(), String> + Send + Sync + 'static,
    ) {
        lock(&self.checks).push(NamedCheck {
            name: name.into(),
            check: Arc::new(check),
        });
    }

    /// Adds a condition that is set from outside; it does not hold until it is first set.
    pub fn condition(&self, name: impl Into<String>) -> Condition {
        let condition = Condition {
            fault: Arc::new(Mutex::new(Some("starting".to_owned()))),
        };
        let seen = condition.clone();
        self.check(name, move || lock(&seen.fault).clone().map_or(Ok(()), Err));
        condition
    }

    /// The conditions that do not hold now; none means ready.
    pub fn faults(&self) -> Vec<HealthFault> {
        let checks = lock(&self.checks).clone();
        checks
            .into_iter()
            .filter_map(|NamedCheck { name, check }| {
                check().err().map(|reason| HealthFault {
                    check: name,
                    reason,
                })
            })
            .collect()
    }
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Health")
            .field("faults", &self.faults())
            .finish()
    }
}

impl fmt::Display for HealthFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.check, self.reason)
    }
}

impl Condition {
    /// The condition holds.
    pub fn set_ready(&self) {
        *lock(&self.fault) = None;
    }

    /// The condition does not hold, because of `reason`.
    pub fn set_not_ready(&self, reason: impl Into<String>) {
        *lock(&self.fault) = Some(reason.into());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is guarded here is whole after every statement, so a panic elsewhere spoils nothing.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_does_not_hold_until_it_is_set() {
        let health = Health::new();
        assert_eq!(health.faults(), []);
        let token = health.condition("token");
        assert_eq!(health.faults()[0].to_string(), "token: starting");
        token.set_ready();
        assert_eq!(health.faults(), []);
        token.set_not_ready("session lost");
        assert_eq!(health.faults()[0].reason, "session lost");
    }
}
