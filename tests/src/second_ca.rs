//! A second ca-daemon on the database of a world, with a token directory of its own.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use testkit::{free_port, wait_until};

use crate::client::Client;
use crate::command::run_well;
use crate::world::World;

/// The second daemon; killed with this value.
#[derive(Debug)]
pub struct SecondCa {
    directory: PathBuf,
    child: Child,
    api: u16,
    feed: u16,
    operations: u16,
}

impl SecondCa {
    /// Copies the first daemon's directory, with its token and its policy files, and starts a daemon
    /// on it.
    pub fn start(world: &World) -> Self {
        let (first, directory) = (world.run().join("ca"), world.run().join("ca2"));
        run_well(
            Command::new("cp")
                .arg("--recursive")
                .args([&first, &directory]),
        );
        let ports = world.ports();
        let (api, feed, operations) = (free_port(), free_port(), free_port());
        let (of_first, of_second) = (format!("{}/", first.display()), directory.display());
        for name in ["ca-daemon.toml", "softhsm2.conf"] {
            let mut text = read(&directory.join(name));
            text = text.replace(&of_first, &format!("{of_second}/"));
            for (old, new) in [
                (ports.api, api),
                (ports.feed, feed),
                (ports.ca_operations, operations),
            ] {
                text = text.replace(&format!(":{old}\""), &format!(":{new}\""));
            }
            std::fs::write(directory.join(name), text).expect("a file can be written");
        }
        let child = spawn(world, &directory);
        let second = Self {
            directory,
            child,
            api,
            feed,
            operations,
        };
        second.wait_until_ready(world);
        second
    }

    /// Kills it (SIGKILL) and starts it again.
    pub fn restart(&mut self, world: &World) {
        self.kill();
        self.child = spawn(world, &self.directory);
        self.wait_until_ready(world);
    }

    /// Kills it: it has no chance to tidy up.
    pub fn kill(&mut self) {
        // It may have ended before.
        drop(self.child.kill());
        self.child.wait().expect("a child can be waited for");
    }

    /// Asks it to end, and waits until it has.
    pub fn stop(&mut self) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        kill_process(pid.expect("a process id"), Signal::TERM).expect("it runs");
        self.child.wait().expect("a child can be waited for");
    }

    fn wait_until_ready(&self, world: &World) {
        let url = format!("{}/readyz", self.operations_url());
        wait_until("the second daemon is ready", || world.fetch(&url).is_some());
    }

    /// A connection of a peer of the world to this daemon.
    pub fn client(&self, world: &World, directory: &str, name: &str) -> Client {
        let files = world.run().join(directory);
        Client::new(
            &format!("https://127.0.0.1:{}", self.api),
            &files.join(format!("{name}.pem")),
            &files.join(format!("{name}.key")),
            &world.management(),
        )
    }

    /// Port of its status feed.
    pub fn feed(&self) -> u16 {
        self.feed
    }

    /// `http://HOST:PORT` of its metrics and health.
    pub fn operations_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.operations)
    }

    /// A file of its directory.
    pub fn file(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        read(&self.file("log2"))
    }
}

impl Drop for SecondCa {
    #[expect(clippy::print_stderr, reason = "nextest shows it beside the failure")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the second ca-daemon\n{}", self.log());
        }
        self.kill();
    }
}

fn spawn(world: &World, directory: &Path) -> Child {
    let log = File::options()
        .create(true)
        .append(true)
        .open(directory.join("log2"))
        .expect("the log can be opened");
    let errors = log.try_clone().expect("a file can be shared");
    world
        .program("ca-daemon")
        .env("SOFTHSM2_CONF", directory.join("softhsm2.conf"))
        .arg("--config")
        .arg(directory.join("ca-daemon.toml"))
        .arg("run")
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(errors)
        .spawn()
        .expect("the daemon can be started")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("a file can be read")
}
