//! Messages to systemd (`Type=notify`, `WatchdogSec=`); without systemd they go nowhere.

use sd_notify::NotifyState;
use tokio::time::{Duration, MissedTickBehavior, interval};

use crate::Lifecycle;

/// Tells systemd that the daemon serves.
pub fn ready() {
    tell(&[NotifyState::Ready]);
}

/// Tells systemd that the daemon is ending.
pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// Gives the line that `systemctl status` shows.
pub fn status(line: &str) {
    tell(&[NotifyState::Status(line)]);
}

/// Answers systemd's watchdog, if the unit asks for one, until the daemon has ended.
///
/// The answers come from the same runtime as the daemon's work: when that stands still, they do.
pub fn spawn_watchdog(lifecycle: &Lifecycle) {
    let Some(period) = sd_notify::watchdog_enabled() else {
        return;
    };
    let ended = lifecycle.aborting();
    lifecycle.background("watchdog", async move {
        tokio::select! {
            () = ended.cancelled() => {}
            () = beat(period / 2) => {}
        }
    });
}

async fn beat(period: Duration) {
    let mut ticks = interval(period.max(Duration::from_millis(1)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        tell(&[NotifyState::Watchdog]);
    }
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "the service supervisor could not be notified");
    }
}
