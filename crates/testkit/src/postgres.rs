//! A PostgreSQL server for the whole test run, and a database of its own for each test.
//!
//! The first test that asks starts the server; a small watcher stops it and removes its files when
//! the test runner has ended, however it ended. The server writes nothing durably.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::command::{run, run_well};
use crate::port::free_port;

/// An empty database, dropped with this value.
#[derive(Debug)]
pub struct TestPostgres {
    server: Server,
    name: String,
}

#[derive(Debug)]
struct Server {
    directory: PathBuf,
    port: u16,
}

impl TestPostgres {
    /// Makes an empty database on this run's server.
    pub fn new() -> Self {
        let server = Server::of_this_run();
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", std::process::id());
        server.psql(&format!("CREATE DATABASE {name}"));
        Self { server, name }
    }

    /// `postgres://USER:PASSWORD@127.0.0.1:PORT/DATABASE`.
    pub fn url(&self) -> String {
        let (port, name) = (self.server.port, &self.name);
        format!("postgres://{USER}:{PASSWORD}@127.0.0.1:{port}/{name}")
    }

    /// The same without the password, which is in [`Self::password_file`].
    pub fn url_without_password(&self) -> String {
        let (port, name) = (self.server.port, &self.name);
        format!("postgres://{USER}@127.0.0.1:{port}/{name}")
    }

    /// Writes the password to a file in `directory` that only its owner can read.
    pub fn password_file(&self, directory: &Path) -> PathBuf {
        let path = directory.join("database-password");
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&path)
            .expect("the password file can be made");
        file.write_all(PASSWORD.as_bytes())
            .expect("the password file can be written");
        path
    }

    /// Runs SQL on this database with `psql`, beside whatever the tested code does, and gives the
    /// rows, columns separated by `|`.
    pub fn sql(&self, sql: &str) -> String {
        self.server.psql_on(&self.name, sql)
    }

    /// Ends all connections to this database, as a failing network would.
    pub fn disconnect_all(&self) {
        let name = &self.name;
        self.server.psql(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        ));
    }

    /// Refuses new connections and ends the present ones, or lets them in again.
    pub fn allow_connections(&self, allow: bool) {
        let name = &self.name;
        self.server
            .psql(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {allow}"));
        if !allow {
            self.disconnect_all();
        }
    }
}

impl Default for TestPostgres {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for TestPostgres {
    fn drop(&mut self) {
        let name = &self.name;
        let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        // The server may be gone already; its files go with it.
        run(&mut self.server.psql_command("postgres", &drop));
    }
}

impl Server {
    /// The server of this test run, started by whoever comes first.
    fn of_this_run() -> Self {
        let runner = runner();
        let directory = std::env::temp_dir().join(format!("chancery-postgres-{runner}"));
        let lock_path = directory.with_extension("lock");
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&lock_path)
            .expect("a lock file can be made");
        lock.lock().expect("the lock file can be locked");
        if let Some(port) = recorded_port(&mut lock) {
            return Self { directory, port };
        }
        let server = Self {
            directory,
            port: free_port(),
        };
        server.start(runner);
        lock.write_all(server.port.to_string().as_bytes())
            .expect("the lock file can be written");
        server
    }

    fn start(&self, runner: u32) {
        run_well(
            as_server_user("sh")
                .args(["-c", SCRIPT, "postgres.sh", "start"])
                .arg(&self.directory)
                .arg(binaries())
                .args([&self.port.to_string(), USER, PASSWORD])
                .stdin(Stdio::null()),
        );
        let mut watcher = Command::new("setsid");
        watcher
            .args(["--fork", "sh", "-c", SCRIPT, "postgres.sh", "watch"])
            .arg(&self.directory)
            .arg(binaries())
            .arg(runner.to_string());
        if is_root() {
            watcher.arg(SERVER_USER);
        }
        let status = watcher
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("setsid can be run");
        assert!(status.success(), "the watcher cannot be started");
    }

    fn psql(&self, sql: &str) -> String {
        self.psql_on("postgres", sql)
    }

    fn psql_on(&self, database: &str, sql: &str) -> String {
        run_well(&mut self.psql_command(database, sql))
    }

    fn psql_command(&self, database: &str, sql: &str) -> Command {
        let mut command = Command::new(binaries().join("psql"));
        command
            .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"])
            .args(["--set", "ON_ERROR_STOP=1", "--host", "127.0.0.1"])
            .args(["--port", &self.port.to_string()])
            .args(["--username", USER, "--dbname", database, "--command", sql])
            .env("PGPASSWORD", PASSWORD);
        command
    }
}

/// The process whose end is the end of the test run.
pub(crate) fn runner() -> u32 {
    let inherited = std::env::var_os(RUNNER);
    let inherited = inherited.and_then(|text| text.to_str().and_then(|text| text.parse().ok()));
    inherited.unwrap_or_else(std::os::unix::process::parent_id)
}

fn recorded_port(lock: &mut File) -> Option<u16> {
    let mut text = String::new();
    lock.rewind().expect("a file can be rewound");
    lock.read_to_string(&mut text)
        .expect("the lock file can be read");
    text.parse().ok()
}

/// PostgreSQL refuses to run as root.
fn as_server_user(program: &str) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", SERVER_USER, "--", program]);
    command.current_dir("/");
    command
}

fn is_root() -> bool {
    let own = std::fs::metadata("/proc/self").expect("/proc is mounted");
    own.uid() == 0
}

/// The newest installed PostgreSQL; not from `PATH`, where other programs bear the same names.
fn binaries() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .unwrap_or_else(|error| panic!("PostgreSQL is not installed: {error}"));
    versions
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let version: u32 = path.file_name()?.to_str()?.parse().ok()?;
            path.join("bin/initdb")
                .exists()
                .then(|| (version, path.join("bin")))
        })
        .max()
        .map(|(_, path)| path)
        .expect("PostgreSQL's server is installed")
}

static NUMBER: AtomicU32 = AtomicU32::new(0);
/// Passed as text: the server's user may not be able to read this repository.
const SCRIPT: &str = include_str!("../postgres.sh");
const SERVER_USER: &str = "postgres";
const USER: &str = "chancery";
/// Of a server that only this machine can reach and that holds nothing.
const PASSWORD: &str = "not-a-secret";
/// Tells a child process which process is the test runner.
pub(crate) const RUNNER: &str = "CHANCERY_TEST_RUNNER";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_test_has_an_empty_database_of_its_own() {
        let (one, other) = (TestPostgres::new(), TestPostgres::new());
        one.sql("CREATE TABLE things (name text)");
        one.sql("INSERT INTO things VALUES ('thing')");
        assert_eq!(one.sql("SELECT name FROM things").trim_end(), "thing");
        let tables = other.sql("SELECT count(*) FROM pg_tables WHERE tablename = 'things'");
        assert_eq!(tables.trim_end(), "0");
    }

    #[test]
    fn a_closed_database_lets_nobody_in_until_it_is_opened() {
        let database = TestPostgres::new();
        database.allow_connections(false);
        let said = run(&mut database.server.psql_command(&database.name, "SELECT 1"));
        assert_ne!(said.code, 0);
        database.allow_connections(true);
        assert_eq!(database.sql("SELECT 1").trim_end(), "1");
    }

    #[test]
    fn the_password_is_needed() {
        let database = TestPostgres::new();
        let mut command = database.server.psql_command(&database.name, "SELECT 1");
        let said = run(command.env("PGPASSWORD", "wrong"));
        assert!(said.stderr.contains("password authentication failed"));
    }
}
