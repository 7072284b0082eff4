//! Daemons of a world: addresses, ends, restarts, logs; and programs beside them.

use std::process::Command;

use rustix::process::Signal;
use testkit::wait_until;

use super::{HOST, World};
use crate::command::{Said, run};
use crate::daemon::Daemon;
use crate::fake_clock::FakeClock;

impl World {
    /// `https://HOST:PORT` of the API.
    pub fn api_url(&self) -> String {
        format!("https://{HOST}:{}", self.ports.api)
    }

    /// `http://HOST:PORT` of the OCSP responder.
    pub fn ocsp_url(&self) -> String {
        format!("http://{HOST}:{}", self.ports.ocsp)
    }

    /// `http://HOST:PORT` of the CRL publisher.
    pub fn crl_url(&self) -> String {
        format!("http://{HOST}:{}", self.ports.crl)
    }

    /// `http://HOST:PORT` of a daemon's metrics and health.
    pub fn operations_url(&self, daemon: Daemon) -> String {
        let port = match daemon {
            Daemon::Ca => self.ports.ca_operations,
            Daemon::Ocsp => self.ports.ocsp_operations,
            Daemon::Crl => self.ports.crl_operations,
        };
        format!("http://{HOST}:{port}")
    }

    /// Kills a daemon (SIGKILL): it has no chance to tidy up.
    pub fn kill(&self, daemon: Daemon) {
        daemon.end(&self.run(), Signal::KILL);
    }

    /// Asks a daemon to end (SIGTERM) and waits until it has.
    pub fn stop(&self, daemon: Daemon) {
        daemon.end(&self.run(), Signal::TERM);
    }

    /// Has a daemon read its TLS files again (SIGHUP).
    pub fn reload(&self, daemon: Daemon) {
        daemon.signal(&self.run(), Signal::HUP);
    }

    /// Starts a daemon that does not run, and waits until it is ready.
    pub fn start_again(&self, daemon: Daemon) {
        self.launch(daemon);
        self.wait_until_ready(daemon);
    }

    /// Starts a daemon that does not run, without waiting for it.
    pub fn launch(&self, daemon: Daemon) {
        daemon.start(&self.run(), &self.binaries, &[]);
    }

    /// Starts a daemon that does not run, on a clock that the test sets.
    pub fn start_on(&self, daemon: Daemon, clock: &FakeClock) {
        daemon.start(&self.run(), &self.binaries, &clock.environment());
    }

    /// Waits until a daemon says that it is ready.
    pub fn wait_until_ready(&self, daemon: Daemon) {
        let url = format!("{}/readyz", self.operations_url(daemon));
        wait_until("the daemon is ready", || self.fetch(&url).is_some());
    }

    /// What a daemon has logged.
    pub fn log(&self, daemon: Daemon) -> String {
        std::fs::read_to_string(daemon.path(&self.run(), "log")).unwrap_or_default()
    }

    pub(super) fn logs(&self) -> String {
        Daemon::ALL
            .map(|daemon| format!("--- {}\n{}", daemon.program(), self.log(daemon)))
            .concat()
    }

    /// Runs `chancery` as the RA `ra-1`.
    pub fn chancery_ra(&self, arguments: &[&str]) -> Said {
        self.chancery("ra/ra.toml", "ra", arguments)
    }

    /// Runs `chancery` as the officer `officer-1`.
    pub fn chancery_officer(&self, arguments: &[&str]) -> Said {
        self.chancery("officer/officer.toml", "officer", arguments)
    }

    fn chancery(&self, config: &str, command: &str, arguments: &[&str]) -> Said {
        run(self
            .program("chancery")
            .current_dir(self.scratch())
            .arg("--config")
            .arg(self.run().join(config))
            .arg(command)
            .args(arguments))
    }

    /// One of our programs, to be run.
    pub fn program(&self, name: &str) -> Command {
        Command::new(self.binaries.join(name))
    }
}
