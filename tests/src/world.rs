//! A whole CA of one's own.

use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::process::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::{TestPostgres, wait_until};

use crate::audit_log::AuditLog;
use crate::client::Client;
use crate::command::{Said, run};
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

type Change = Box<dyn FnOnce(&Path)>;

/// How a world is to be.
#[derive(Default)]
pub struct WorldBuilder {
    postgres: bool,
    environment: Vec<(String, String)>,
    configure: Option<Change>,
}

impl std::fmt::Debug for WorldBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WorldBuilder").finish_non_exhaustive()
    }
}

impl WorldBuilder {
    /// Keeps ca-daemon's records in PostgreSQL.
    #[must_use]
    pub fn postgres(mut self) -> Self {
        self.postgres = true;
        self
    }

    /// Sets a variable of the scripts, such as `ESIGN_CA_ALGORITHM`.
    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Changes files in the world's directory after set-up and before the start.
    #[must_use]
    pub fn configure(mut self, change: impl FnOnce(&Path) + 'static) -> Self {
        self.configure = Some(Box::new(change));
        self
    }

    /// Sets up and starts everything.
    pub fn start(mut self) -> World {
        let configure = self.configure.take();
        let world = self.set_up();
        if let Some(configure) = configure {
            configure(&world.run());
        }
        world.go(&self)
    }

    /// Sets up, and starts nothing.
    fn set_up(&self) -> World {
        let directory = tempfile::Builder::new()
            .prefix("chancery-world-")
            .tempdir()
            .expect("a temporary directory");
        let world = World {
            ports: Ports::find(),
            binaries: binaries(),
            ra: None,
            officer: None,
            postgres: self.postgres.then(TestPostgres::new),
            directory,
        };
        world.script("setup.sh", self);
        world
    }
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

    fn go(mut self, builder: &WorldBuilder) -> Self {
        self.script("start.sh", builder);
        self.ra = Some(self.client("ra", "ra-1"));
        self.officer = Some(self.client("officer", "officer-1"));
        self
    }

    fn script(&self, name: &str, builder: &WorldBuilder) {
        let ports = &self.ports;
        let mut command = Command::new(repository().join("demo").join(name));
        command
            .env("RUN", self.run())
            .env("ENV_FILE", self.directory.path().join("env"))
            .env("BIN", &self.binaries)
            .env("HOST", HOST);
        for (variable, port) in [
            ("API_PORT", ports.api),
            ("FEED_PORT", ports.feed),
            ("OCSP_PORT", ports.ocsp),
            ("CRL_PORT", ports.crl),
            ("CA_OPERATIONS_PORT", ports.ca_operations),
            ("OCSP_OPERATIONS_PORT", ports.ocsp_operations),
            ("CRL_OPERATIONS_PORT", ports.crl_operations),
        ] {
            command.env(variable, port.to_string());
        }
        if let Some(postgres) = &self.postgres {
            command.env("DATABASE_URL", postgres.url());
        }
        command.envs(
            builder
                .environment
                .iter()
                .map(|(name, value)| (name, value)),
        );
        let said = run(&mut command);
        assert!(
            said.code == 0,
            "demo/{name} failed: {}\n{}",
            said.all(),
            self.logs()
        );
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
        daemon.start(&self.run(), &self.binaries);
        self.wait_until_ready(daemon);
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

    fn logs(&self) -> String {
        Daemon::ALL
            .map(|daemon| format!("--- {}\n{}", daemon.program(), self.log(daemon)))
            .concat()
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

/// The repository's root.
pub(crate) fn repository() -> &'static Path {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().expect("the crate lies under the root")
}

/// Where the programs are: beside the directory of the test's own.
fn binaries() -> PathBuf {
    let own = std::env::current_exe().expect("this program has a path");
    let directory = own.ancestors().nth(2).expect("target/PROFILE").to_owned();
    for program in ["ca-daemon", "ocsp-responder", "crl-publisher", "chancery"] {
        assert!(
            directory.join(program).exists(),
            "{program} is not built: cargo build --workspace --bins"
        );
    }
    directory
}

const HOST: &str = "127.0.0.1";
