//! Which of several daemons on one database makes CRLs and responder certificates.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use store::{LeaderLock, Store};

use crate::authority::Authority;

/// How often a daemon that does not lead looks whether it does.
pub const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Whether this daemon leads. With SQLite it always does.
///
/// Two that both believe it for a moment do no harm: numbers are taken in a transaction, and a list
/// that is older than the last recorded one is refused.
#[derive(Debug)]
pub struct Leadership {
    lock: LeaderLock,
    led: AtomicBool,
}

impl Leadership {
    /// Leads nothing yet.
    pub fn new(store: &Store) -> Self {
        Self {
            lock: store.leader_lock(),
            led: AtomicBool::new(false),
        }
    }

    /// Whether this daemon leads now, by a question to the database; takes the lead if nobody has it.
    /// To be asked before each thing that only the leader does, right before it is signed.
    pub async fn holds(&self) -> bool {
        let leads = match self.lock.hold().await {
            Ok(leads) => leads,
            Err(error) => {
                tracing::warn!(error = %error, "cannot ask who leads");
                false
            }
        };
        self.note(leads);
        leads
    }

    fn note(&self, leads: bool) {
        if self.led.swap(leads, Ordering::SeqCst) != leads {
            tracing::info!(leads, "the lead has changed");
        }
        metrics::gauge!("ca_leader").set(if leads { 1.0 } else { 0.0 });
    }
}

/// Takes the lead as soon as nobody has it, and gives it up when the daemon is told to stop, so that
/// another need not wait for its end.
pub async fn keep(authority: Arc<Authority>) {
    let stopping = authority.lifecycle.stopping();
    while !stopping.is_cancelled() {
        authority.leadership.holds().await;
        tokio::select! {
            () = stopping.cancelled() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
    authority.leadership.lock.release().await;
    authority.leadership.note(false);
}
