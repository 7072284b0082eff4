//! A CA of one's own, set up by the scripts of `demo/`, and what scenarios ask of it.

use std::{
    cell::OnceCell,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::Context as _;
use blackbox_tests::{Daemon, World};
use bytes::Bytes;
use hyper::{Request, header};
use serde_json::json;
use testkit::TestPostgres;
use tokio::runtime::Runtime;

use super::{Scale, settled};
use crate::{
    cli::RunArguments,
    connection::{Address, Body},
    csr, filled,
    floor::token::Token,
    process::Process,
};

/// A setting that is not started.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    binaries: PathBuf,
    postgres: bool,
    algorithm: &'static str,
    /// How long the token signs for its floor.
    floor: Duration,
}

/// A running CA.
pub(crate) struct Setting {
    pub(crate) world: World,
    pub(crate) runtime: Runtime,
    plan: Plan,
    token: Token,
    floor: (f64, usize),
    filled: OnceCell<Box<Filled>>,
}

/// A CA like another one, with a database as after years.
pub(crate) struct Filled {
    pub(crate) setting: Setting,
    /// From the start of ca-daemon on that database until it was ready.
    pub(crate) start: Duration,
}

impl Setting {
    /// The settings that a run goes through.
    pub(crate) fn chosen(arguments: &RunArguments, scale: Scale) -> Vec<Plan> {
        let plan = |postgres, algorithm| Plan {
            binaries: arguments.binaries.clone(),
            postgres,
            algorithm,
            floor: scale.load.min(FLOOR),
        };
        let mut all = vec![
            plan(false, "ec-p256"),
            plan(true, "ec-p256"),
            plan(false, "rsa-3072"),
        ];
        match arguments.setting.as_slice() {
            [] if !scale.wide => all.truncate(1),
            [] => {}
            wanted => all.retain(|plan| wanted.iter().any(|start| plan.name().starts_with(start))),
        }
        all
    }

    /// For the names of figures.
    pub(crate) fn name(&self) -> String {
        self.plan.name()
    }

    /// The key type of the issuer.
    pub(crate) fn algorithm(&self) -> &'static str {
        self.plan.algorithm
    }

    /// The best rate of raw signatures with the issuer's key, and the sessions that gave it.
    pub(crate) fn token_floor(&self) -> (f64, usize) {
        self.floor
    }

    /// The rate of raw signatures at this moment, with as many sessions.
    ///
    /// # Errors
    /// The token cannot be used.
    pub(crate) fn token_rate(&self) -> anyhow::Result<f64> {
        self.token.rate(self.floor.1)
    }

    /// Where the programs are.
    pub(crate) fn binaries(&self) -> &Path {
        &self.plan.binaries
    }

    /// A daemon's process.
    ///
    /// # Errors
    /// It does not run.
    pub(crate) fn process(&self, daemon: Daemon) -> anyhow::Result<Process> {
        Process::of_file(&self.world.run().join(daemon.directory()).join("pid"))
    }

    /// A CA of the same kind with a full database, its followers caught up; made when first asked for.
    ///
    /// # Errors
    /// It cannot be filled, or a follower does not catch up.
    pub(crate) fn filled(&self, scale: Scale) -> anyhow::Result<&Filled> {
        if self.filled.get().is_none() {
            let setting = self.plan.clone().start()?;
            let head = filled::fill(&setting.world, scale.full)?;
            let begun = Instant::now();
            setting.world.start_again(Daemon::Ca);
            let start = begun.elapsed();
            settled::wait(&setting, head)?;
            let filled = Filled { setting, start };
            self.filled.set(Box::new(filled)).ok();
        }
        let filled = self.filled.get();
        filled.map(Box::as_ref).context("no filled setting")
    }

    /// The API, as the RA.
    ///
    /// # Errors
    /// Its files cannot be read.
    pub(crate) fn api(&self) -> anyhow::Result<Address> {
        let run = self.world.run();
        Address::tls(
            loopback(self.world.ports().api),
            &run.join("ra/ra-1.pem"),
            &run.join("ra/ra-1.key"),
            &self.world.management(),
        )
    }

    /// The status feed, as the OCSP responder.
    ///
    /// # Errors
    /// Its files cannot be read.
    pub(crate) fn follower(&self) -> anyhow::Result<Address> {
        let run = self.world.run();
        Address::tls(
            loopback(self.world.ports().feed),
            &run.join("ocsp/ocsp-1.pem"),
            &run.join("ocsp/ocsp-1.key"),
            &self.world.management(),
        )
    }

    /// The OCSP responder.
    pub(crate) fn ocsp(&self) -> Address {
        Address::plain(loopback(self.world.ports().ocsp))
    }
}

impl Plan {
    /// Whether its database is PostgreSQL.
    pub(crate) fn is_postgres(&self) -> bool {
        self.postgres
    }

    fn name(&self) -> String {
        let engine = if self.postgres { "postgres" } else { "sqlite" };
        format!("{engine}-{}", self.algorithm)
    }

    /// Sets up and starts everything, and takes the token's floor before anything else runs.
    ///
    /// # Errors
    /// The token cannot be used.
    pub(crate) fn start(self) -> anyhow::Result<Setting> {
        let mut builder = World::builder()
            .binaries(&self.binaries)
            .variable("ESIGN_CA_ALGORITHM", self.algorithm)
            .configure(raise_limits);
        if self.postgres {
            builder = builder.postgres();
        }
        let world = builder.start();
        if let Some(database) = world.postgres() {
            make_durable(database);
        }
        let token = Token {
            directory: world.run().join("ca"),
            module: module().context("SoftHSM2 is not installed")?,
            time: self.floor,
        };
        let floor = token.best()?;
        Ok(Setting {
            world,
            runtime: tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()?,
            plan: self,
            token,
            floor,
            filled: OnceCell::new(),
        })
    }
}

/// One RA sends as much as many would, and the responder signs as much as it can.
fn raise_limits(run: &Path) {
    change(&run.join("ca/ca-daemon.toml"), |text| {
        format!("max_requests_per_peer = 1024\n{text}")
    });
    change(&run.join("ocsp/ocsp-responder.toml"), |text| {
        format!("{text}\n[answers]\nknown_per_second = 1000000\nfresh_per_second = 1000000\n")
    });
}

/// A file that cannot be changed shows at the start, or in the figures.
fn change(path: &Path, change: impl FnOnce(String) -> String) {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let _ = std::fs::write(path, change(text));
}

/// Bodies of enrolment, each with a key of its own, prepared on all cores.
///
/// # Errors
/// A key cannot be made.
pub(crate) fn enrolments(count: usize) -> anyhow::Result<Vec<Bytes>> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut parts = Vec::new();
    for core in 0..cores {
        parts.push(std::thread::spawn(move || {
            (core..count).step_by(cores).map(enrolment).collect()
        }));
    }
    let mut bodies = Vec::with_capacity(count);
    for part in parts {
        let part: anyhow::Result<Vec<Bytes>> =
            part.join().map_err(|_| anyhow::anyhow!("a thread died"))?;
        bodies.extend(part?);
    }
    Ok(bodies)
}

fn enrolment(number: usize) -> anyhow::Result<Bytes> {
    let body = json!({
        "profile": "esign-individual",
        "csr": csr::p256()?,
        "statement": blackbox_tests::statement::individual(&format!("Bench {number}")),
    });
    Ok(serde_json::to_vec(&body)?.into())
}

/// A `POST` of JSON with an idempotency key.
pub(crate) fn post(path: &str, key: &str, body: Bytes) -> Option<Request<Body>> {
    Request::post(path)
        .header(header::HOST, "127.0.0.1")
        .header(header::CONTENT_TYPE, "application/json")
        .header(api::routes::IDEMPOTENCY_KEY, key)
        .body(Body::new(body))
        .ok()
}

/// What the tests' server leaves out: commits that are on disk before they return.
fn make_durable(database: &TestPostgres) {
    database.sql("ALTER SYSTEM SET fsync = on");
    database.sql("ALTER SYSTEM SET full_page_writes = on");
    database.sql("SELECT pg_reload_conf()");
}

/// SoftHSM2, where Debian and others put it.
pub(super) fn module() -> Option<PathBuf> {
    let below = PathBuf::from("/usr/lib");
    let entries = std::fs::read_dir(&below).ok()?;
    let directories = entries.filter_map(|entry| Some(entry.ok()?.path()));
    std::iter::once(below)
        .chain(directories)
        .map(|directory| directory.join("softhsm/libsofthsm2.so"))
        .find(|module| module.exists())
}

/// A longer floor says no more.
const FLOOR: Duration = Duration::from_millis(1_500);

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}
