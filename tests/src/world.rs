//! A whole CA of one's own.

mod builder;
mod daemons;

use std::path::PathBuf;
use std::process::Command;

use rustix::process::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::TestPostgres;

pub use builder::WorldBuilder;

use crate::audit_log::AuditLog;
use crate::client::Client;
use crate::command::run;
use crate::daemon::Daemon;
use crate::key::{Key, KeyKind};
use crate::ports::Ports;

/// A CA with its tokens, database, three daemons, one officer and one RA, set up and started by the
/// scripts of `demo/`; stopped and removed with this value.
#[derive(Debug)]
pub struct World {
    ports: Ports,
    binaries: PathBuf,
    ra: Option<Client>,
    officer: Option<Client>,
    postgres: Option<TestPostgres>,
    directory: TempDir,
}

impl World {
    /// A world on SQLite.
    pub fn start() -> Self {
        Self::builder().start()
    }

    /// A world of one's choice.
    pub fn builder() -> WorldBuilder {
        WorldBuilder::default()
    }

    /// The directory with everything that the scripts made.
    pub fn run(&self) -> PathBuf {
        self.directory.path().join("run")
    }

    /// A directory for the test's own files.
    pub fn scratch(&self) -> PathBuf {
        let path = self.directory.path().join("scratch");
        std::fs::create_dir_all(&path).expect("a directory can be made");
        path
    }

    /// Ports of the daemons.
    pub fn ports(&self) -> Ports {
        self.ports
    }

    /// The PostgreSQL database, if there is one.
    pub fn postgres(&self) -> Option<&TestPostgres> {
        self.postgres.as_ref()
    }

    /// The RA `ra-1`.
    pub fn ra(&self) -> &Client {
        self.ra.as_ref().expect("the world was started")
    }

    /// The officer `officer-1`.
    pub fn officer(&self) -> &Client {
        self.officer.as_ref().expect("the world was started")
    }

    /// A new connection of a peer whose files are `RUN/DIRECTORY/NAME.pem` and `.key`.
    pub fn client(&self, directory: &str, name: &str) -> Client {
        let directory = self.run().join(directory);
        Client::new(
            &self.api_url(),
            &directory.join(format!("{name}.pem")),
            &directory.join(format!("{name}.key")),
            &self.management(),
        )
    }

    /// A client without a certificate.
    pub fn stranger(&self) -> Client {
        Client::anonymous(&self.api_url(), &self.management())
    }

    /// Registers another RA for some profiles, and connects as it. `more` joins the request.
    pub fn register_ra(&self, name: &str, profiles: &[&str], more: Value) -> Client {
        let directory = self.run().join("ra");
        let key = Key::new(&directory, KeyKind::P256);
        let path = directory.join(format!("{name}.key"));
        std::fs::rename(key.path(), &path).expect("a file can be renamed");
        let csr = Key::from_file(path).csr(&format!("/CN={name}"), &[]);
        let mut request = json!({
            "name": name, "role": "ra", "agreement_ref": "test", "profiles": profiles, "csr": csr,
        });
        if let (Value::Object(request), Value::Object(more)) = (&mut request, more) {
            request.extend(more);
        }
        let answer = self
            .officer()
            .post(api::routes::PEERS, &request)
            .expect(201);
        let issued = answer.json()["issued"].as_str().map(str::to_owned);
        let path = directory.join(format!("{name}.pem"));
        std::fs::write(path, issued.expect("a certificate")).expect("a file can be written");
        self.client("ra", name)
    }

    /// The management CA's certificate, PEM.
    pub fn management(&self) -> PathBuf {
        self.run().join("ca/management.pem")
    }

    /// The root's certificate, PEM.
    pub fn root(&self) -> PathBuf {
        self.run().join("root/root.pem")
    }

    /// An issuing CA's certificate, PEM: `esign-ca` or `internal-ca`.
    pub fn issuer(&self, name: &str) -> PathBuf {
        self.run().join(format!("ca/{name}.pem"))
    }

    /// Fetches a public document over plain HTTP; `None` if it is not there.
    pub fn fetch(&self, url: &str) -> Option<Vec<u8>> {
        let path = self.scratch().join("fetched");
        let mut command = Command::new("curl");
        command.args(["--silent", "--fail", "--max-time", "5", "--output"]);
        let said = run(command.arg(&path).arg(url));
        (said.code == 0).then(|| std::fs::read(&path).expect("a file that curl wrote"))
    }

    /// The audit log after this moment.
    pub fn audit_from_now(&self) -> AuditLog {
        AuditLog::from_now(self.officer())
    }

    /// The whole audit log.
    pub fn audit(&self) -> AuditLog {
        AuditLog::from_the_beginning(self.officer())
    }

    /// A new key of a subscriber.
    pub fn key(&self, kind: KeyKind) -> Key {
        Key::new(&self.scratch(), kind)
    }
}

impl Drop for World {
    #[expect(clippy::print_stderr, reason = "nextest shows it beside the failure")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.logs());
        }
        for daemon in Daemon::ALL {
            daemon.end(&self.run(), Signal::KILL);
        }
    }
}

const HOST: &str = "127.0.0.1";
