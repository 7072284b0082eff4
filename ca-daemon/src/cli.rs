//! Command line and exit codes.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Parser, Subcommand};
use service::Exit;
use service::boot::BootRefusal;
use service::config::ConfigFaults;
use sha2::{Digest, Sha256};

use crate::commands::{backup, bootstrap, register, reset_officers, restored, server_certificate};
use crate::config::CaConfig;
use crate::{app, commands, open};

/// The certificate authority: issues for registered RAs and signs the status of what it issued.
///
/// A new CA: write the configuration, then `migrate`, `bootstrap`, `run`.
/// Exit codes: 0 done, 64 configuration, 69 token or database not available, 70 internal,
/// 77 not permitted, 78 not set up (migrate, bootstrap or register first).
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub struct Cli {
    /// Configuration file.
    #[arg(
        long,
        value_name = "FILE",
        default_value = "/etc/chancery/ca-daemon.toml"
    )]
    pub config: PathBuf,
    /// What to do; `run` when absent.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve until SIGTERM.
    Run,
    /// Read the configuration and every policy, tell all faults, do nothing else.
    CheckConfig,
    /// Create the database or bring its schema up to date.
    Migrate,
    /// Once, offline, on an empty registry: register the CAs and their policies, certify the TLS
    /// server key and the first officer's key.
    Bootstrap(bootstrap::Bootstrap),
    /// Offline: register CAs that are new in the configuration and put changed policies in force.
    Register,
    /// Offline: retire every officer and register a new one. For when no officer is left.
    ResetOfficers(reset_officers::ResetOfficers),
    /// Offline: certify the TLS server key again, for when its certificate has expired.
    CertifyServer(server_certificate::CertifyServer),
    /// Offline: write a consistent copy of an SQLite database. While the daemon runs, ask it for one:
    /// `chancery officer backup`.
    Backup(backup::Backup),
    /// Offline, after a database was put back from a backup: have all followers start over, forget what
    /// they acknowledged, and move the CRL numbers ahead.
    Restored(restored::Restored),
    /// Print the OpenAPI document.
    Openapi,
}

/// Runs a command and says on standard error what went wrong.
pub fn run(cli: Cli) -> Exit {
    match execute(cli) {
        Ok(()) => Exit::Ok,
        Err(error) => {
            say(&format!("ca-daemon: {error:#}"));
            exit_of(&error)
        }
    }
}

fn execute(cli: Cli) -> anyhow::Result<()> {
    let command = cli.command.unwrap_or(Command::Run);
    if matches!(command, Command::Openapi) {
        return commands::openapi::print_document();
    }
    let config = load(&cli.config)?;
    if matches!(command, Command::CheckConfig) {
        return commands::check_config::check(&cli.config, &config);
    }
    service::logging::init(&config.log)?;
    if !config.allow_root {
        service::boot::refuse_root().context("allow_root = false")?;
    }
    service::boot::run(async move {
        match command {
            Command::Run | Command::CheckConfig | Command::Openapi => {
                let text = tokio::fs::read(&cli.config).await?;
                app::run(config, Sha256::digest(text).into()).await
            }
            Command::Migrate => commands::migrate::migrate(&config).await,
            Command::Bootstrap(bootstrap) => bootstrap.run(&config).await,
            Command::Register => register::register(&config).await,
            Command::ResetOfficers(reset) => reset.run(&config).await,
            Command::CertifyServer(certify) => certify.run(&config).await,
            Command::Backup(backup) => backup.run(&config).await,
            Command::Restored(restored) => restored.run(&config).await,
        }
    })?
}

fn load(path: &std::path::Path) -> Result<CaConfig, ConfigFaults> {
    let config: CaConfig = service::config::load(path)?;
    ConfigFaults::check(path, config.faults())?;
    Ok(config)
}

fn exit_of(error: &anyhow::Error) -> Exit {
    let chain = || error.chain();
    if chain().any(|cause| cause.is::<ConfigFaults>() || cause.is::<policy::PolicyFaults>()) {
        return Exit::BadConfig;
    }
    if error
        .chain()
        .any(<dyn std::error::Error>::is::<BootRefusal>)
    {
        return Exit::NotPermitted;
    }
    if chain().any(|cause| cause.is::<open::NotSetUp>() || is_unmigrated(cause)) {
        return Exit::NotSetUp;
    }
    if chain().any(|cause| cause.is::<hsm::HsmError>() || cause.is::<store::StoreError>()) {
        return Exit::Unavailable;
    }
    Exit::Internal
}

fn is_unmigrated(cause: &(dyn std::error::Error + 'static)) -> bool {
    matches!(
        cause.downcast_ref(),
        Some(store::StoreError::NotMigrated { .. } | store::StoreError::SchemaTooNew { .. })
    )
}

#[expect(clippy::print_stderr, reason = "the command line speaks to a person")]
fn say(line: &str) {
    eprintln!("{line}");
}
