//! Starting, ending and killing one daemon.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use testkit::wait_until;

use crate::fake_clock::tidy_clock_after;

/// One of the three daemons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Daemon {
    /// ca-daemon.
    Ca,
    /// ocsp-responder.
    Ocsp,
    /// crl-publisher.
    Crl,
}

impl Daemon {
    /// All, in the order in which they are to be stopped.
    pub const ALL: [Self; 3] = [Self::Crl, Self::Ocsp, Self::Ca];

    /// Its program.
    pub const fn program(self) -> &'static str {
        match self {
            Self::Ca => "ca-daemon",
            Self::Ocsp => "ocsp-responder",
            Self::Crl => "crl-publisher",
        }
    }

    /// Its directory in a world.
    pub const fn directory(self) -> &'static str {
        match self {
            Self::Ca => "ca",
            Self::Ocsp => "ocsp",
            Self::Crl => "crl",
        }
    }

    pub(crate) fn path(self, run: &Path, name: &str) -> PathBuf {
        run.join(self.directory()).join(name)
    }

    pub(crate) fn config(self, run: &Path) -> PathBuf {
        self.path(run, &format!("{}.toml", self.program()))
    }

    /// Starts it; does not wait until it is ready.
    pub(crate) fn start(self, run: &Path, binaries: &Path, environment: &[(&str, OsString)]) {
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.path(run, "log"))
            .expect("the log can be opened");
        let errors: File = log.try_clone().expect("a file can be shared");
        let mut child = Command::new(binaries.join(self.program()))
            .arg("--config")
            .arg(self.config(run))
            .arg("run")
            .env("SOFTHSM2_CONF", self.path(run, "softhsm2.conf"))
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .spawn()
            .expect("the daemon can be started");
        std::fs::write(self.path(run, "pid"), format!("{}\n", child.id()))
            .expect("the process id can be written");
        // Takes note of its end, so that it does not stay as a zombie.
        std::thread::spawn(move || child.wait());
    }

    /// Sends a signal.
    pub(crate) fn signal(self, run: &Path, signal: Signal) {
        let number = self.pid(run).expect("the daemon runs");
        kill_process(pid(number), signal).expect("a signal can be sent");
    }

    /// Sends a signal and waits for the end; nothing happens if it does not run.
    pub(crate) fn end(self, run: &Path, signal: Signal) {
        let Some(number) = self.pid(run) else {
            return;
        };
        if is_running(number) && kill_process(pid(number), signal).is_ok() {
            wait_until("the daemon has ended", || !is_running(number));
        }
        tidy_clock_after(number.unsigned_abs());
        std::fs::remove_file(self.path(run, "pid")).expect("the process id can be forgotten");
    }

    fn pid(self, run: &Path) -> Option<i32> {
        let text = std::fs::read_to_string(self.path(run, "pid")).ok()?;
        Some(text.trim().parse().expect("a process id"))
    }
}

fn pid(number: i32) -> Pid {
    Pid::from_raw(number).expect("a process id is positive")
}

/// A zombie has ended: somebody else has to take note of it. While it still has other threads, what was
/// open is open: its port, for one.
fn is_running(pid: i32) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else {
        return false;
    };
    let state = stat.rsplit_once(')').map(|(_, rest)| rest.trim());
    let is_zombie = state.is_some_and(|state| state.starts_with('Z'));
    !is_zombie || threads(pid) > 1
}

/// The threads of a process; of one that is gone there are none.
fn threads(pid: i32) -> usize {
    std::fs::read_dir(format!("/proc/{pid}/task")).map_or(0, Iterator::count)
}
