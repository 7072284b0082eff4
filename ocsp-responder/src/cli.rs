//! Command line and exit codes.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use hsm::{CkaId, HsmError};
use service::{Exit, config::ConfigFaults};
use store::StoreError;

use crate::{config::Config, key};

/// Answers OCSP requests from a copy of the CA's status feed.
///
/// Exit codes: 0 done, 64 configuration, 69 token or copy not available, 70 internal,
/// 77 not permitted.
#[derive(Debug, Parser)]
#[command(name = "ocsp-responder", version)]
pub struct Cli {
    /// The configuration file
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        default_value = "/etc/chancery/ocsp-responder.toml"
    )]
    pub config: PathBuf,
    /// What to do; `run` if nothing is said
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Answer requests until told to stop
    #[default]
    Run,
    /// Check the configuration file and report all its faults
    CheckConfig,
    /// Print the public keys of the OCSP keys, for an officer to register
    Key {
        /// Only the key with this `CKA_ID`, hexadecimal; it need not be in the configuration yet
        #[arg(long, value_name = "HEX")]
        id: Option<CkaId>,
    },
}

/// Runs a command and says on standard error what went wrong.
pub fn run(cli: &Cli) -> Exit {
    match execute(cli) {
        Ok(()) => Exit::Ok,
        Err(error) => {
            complain(&format!("ocsp-responder: {error:#}"));
            exit_of(&error)
        }
    }
}

fn execute(cli: &Cli) -> anyhow::Result<()> {
    let config: Config = service::config::load(&cli.config)?;
    ConfigFaults::check(&cli.config, config.faults())?;
    match cli.command.clone().unwrap_or_default() {
        Command::CheckConfig => {
            say(&format!("{}: no faults\n", cli.config.display()));
            Ok(())
        }
        Command::Key { id } => {
            let pem = key::public_keys_pem(&config, id.as_ref());
            say(&service::boot::run(pem)??);
            Ok(())
        }
        Command::Run => {
            service::logging::init(&config.log)?;
            if !config.allow_root {
                service::boot::refuse_root().context("allow_root = false")?;
            }
            service::boot::run(crate::run::run(config, cli.config.clone()))?
        }
    }
}

fn exit_of(error: &anyhow::Error) -> Exit {
    if is::<ConfigFaults>(error) {
        Exit::BadConfig
    } else if is::<service::boot::BootRefusal>(error) {
        Exit::NotPermitted
    } else if is::<HsmError>(error) || is::<StoreError>(error) {
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
