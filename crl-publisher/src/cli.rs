//! Command line and exit codes.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use service::{Exit, config::ConfigFaults};
use store::StoreError;

use crate::{
    config::Config,
    probe::command::{self, Found, NothingPublished},
};

/// Publishes CRLs, CA certificates and the CPS from a copy of the CA's status feed.
///
/// Exit codes: 0 done, 64 configuration, 65 the probe found something, 69 copy not available, 70
/// internal, 77 not permitted.
#[derive(Debug, Parser)]
#[command(name = "crl-publisher", version)]
pub struct Cli {
    /// The configuration file
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        default_value = "/etc/chancery/crl-publisher.toml"
    )]
    pub config: PathBuf,
    /// What to do; `run` if nothing is said
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Publish and serve until told to stop
    #[default]
    Run,
    /// Check the configuration file and report all its faults
    CheckConfig,
    /// Fetch everything that is published as a relying party would, and say what is wrong
    Probe {
        /// Print one JSON object instead of a table
        #[arg(long)]
        json: bool,
    },
}

/// Runs a command and says on standard error what went wrong.
pub fn run(cli: &Cli) -> Exit {
    match execute(cli) {
        Ok(()) => Exit::Ok,
        Err(error) => {
            complain(&format!("crl-publisher: {error:#}"));
            exit_of(&error)
        }
    }
}

fn execute(cli: &Cli) -> anyhow::Result<()> {
    let config: Config = service::config::load(&cli.config)?;
    ConfigFaults::check(&cli.config, config.faults())?;
    match cli.command.unwrap_or_default() {
        Command::CheckConfig => {
            say(&format!("{}: no faults\n", cli.config.display()));
            Ok(())
        }
        Command::Probe { json } => probe(&config, json),
        Command::Run => {
            service::logging::init(&config.log)?;
            if !config.allow_root {
                service::boot::refuse_root().context("allow_root = false")?;
            }
            service::boot::run(crate::run::run(config))?
        }
    }
}

fn probe(config: &Config, json: bool) -> anyhow::Result<()> {
    let terms = config.probe.clone().unwrap_or_default();
    let report = service::boot::run(command::once(&config.copy.path, &terms))??;
    say(&command::tell(&report, json)?);
    match report.findings.len() {
        0 => Ok(()),
        found => Err(Found(found).into()),
    }
}

fn exit_of(error: &anyhow::Error) -> Exit {
    if is::<ConfigFaults>(error) {
        Exit::BadConfig
    } else if is::<service::boot::BootRefusal>(error) {
        Exit::NotPermitted
    } else if is::<Found>(error) {
        Exit::NotRight
    } else if is::<StoreError>(error) || is::<NothingPublished>(error) {
        Exit::Unavailable
    } else {
        Exit::Internal
    }
}

/// Whether the error or one of its causes is an `E`.
fn is<E: std::error::Error + 'static>(error: &anyhow::Error) -> bool {
    error.chain().any(<dyn std::error::Error>::is::<E>)
}

#[expect(clippy::print_stdout, reason = "the command line speaks to a person")]
fn say(text: &str) {
    print!("{text}");
}

#[expect(clippy::print_stderr, reason = "the command line speaks to a person")]
fn complain(line: &str) {
    eprintln!("{line}");
}
