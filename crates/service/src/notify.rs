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

/// Answers systemd's watchdog, if the unit asks for one, until the daemon is told to stop: from
/// then on systemd goes by `TimeoutStopSec=`.
///
/// The answers come from the same runtime as the daemon's work: when that stands still, they do.
pub fn spawn_watchdog(lifecycle: &Lifecycle) {
    let Some(period) = sd_notify::watchdog_enabled() else {
        return;
    };
    let stopping = lifecycle.stopping();
    lifecycle.background("watchdog", async move {
        tokio::select! {
            () = stopping.cancelled() => {}
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

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixDatagram;
    use std::process::{Command, Stdio};

    use rustix::process::{Pid, Signal, kill_process};

    use super::*;
    use crate::HumanDuration;
    use crate::lifecycle::LifecycleLimits;

    /// Runs in a process of its own, because where to notify is told through the environment.
    #[tokio::test]
    #[ignore = "is started by the test below"]
    async fn as_a_daemon() {
        // Nothing may hold up the end of a daemon that has nothing left to do.
        let never = HumanDuration::from_secs(3_600);
        let lifecycle = Lifecycle::new(LifecycleLimits {
            soft_stop: never,
            hard_stop: never,
        });
        spawn_watchdog(&lifecycle);
        status("serving");
        ready();
        lifecycle.run().await.unwrap();
    }

    #[test]
    fn the_supervisor_hears_of_start_life_and_end() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        let mut daemon = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "notify::tests::as_a_daemon", "--ignored"])
            .env("NOTIFY_SOCKET", &path)
            .env("WATCHDOG_USEC", "20000")
            .env_remove("WATCHDOG_PID")
            .stdout(Stdio::null())
            .spawn()
            .unwrap();

        let mut buffer = [0; 256];
        let mut hear = || {
            let length = socket.recv(&mut buffer).unwrap();
            String::from_utf8(buffer[..length].to_vec()).unwrap()
        };
        assert_eq!(hear(), "STATUS=serving\n");
        assert_eq!(hear(), "READY=1\n");
        // The watchdog's first answers show that the daemon runs, and so that it hears signals.
        assert_eq!([hear(), hear()], ["WATCHDOG=1\n", "WATCHDOG=1\n"]);
        let pid = Pid::from_raw(i32::try_from(daemon.id()).unwrap()).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
        let mut last = hear();
        while last == "WATCHDOG=1\n" {
            last = hear();
        }
        assert_eq!(last, "STOPPING=1\n");
        assert!(daemon.wait().unwrap().success());
    }
}
