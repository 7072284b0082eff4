//! Setting a world up and starting it.

use std::path::{Path, PathBuf};
use std::process::Command;

use testkit::TestPostgres;

use super::{HOST, World};
use crate::command::run;
use crate::ports::Ports;

type Change = Box<dyn FnOnce(&Path)>;

/// How a world is to be.
#[derive(Default)]
pub struct WorldBuilder {
    postgres: bool,
    binaries: Option<PathBuf>,
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

    /// Runs the programs in a directory instead of those beside the test.
    #[must_use]
    pub fn binaries(mut self, directory: &Path) -> Self {
        self.binaries = Some(directory.to_owned());
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
            binaries: self.binaries.clone().unwrap_or_else(binaries),
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
