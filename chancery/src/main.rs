//! The command line of RAs, officers and auditors.
//!
//! In scope: `ra`, `officer` and `audit` speak the JSON API of `ca-daemon`; `ceremony` speaks to a
//! token; `policy` and `key` work on files alone. Out of scope: deciding anything that the CA
//! decides; `policy explain` asks the very code that the CA runs.

mod certification_request;
mod cli;
mod client;
mod client_config;
mod commands;
mod failure;
mod files;
mod output;
mod pkcs12;
mod progress;
mod software_key;
mod table;
mod values;

use std::process::ExitCode;

use clap::Parser as _;

use crate::{cli::Cli, failure::Failure, output::Output};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers and leave by the same door, with exit code 0.
            let printed = error.print().is_ok();
            return match error.exit_code() {
                0 if printed => ExitCode::SUCCESS,
                _ => ExitCode::from(failure::USAGE),
            };
        }
    };
    let output = Output::new(cli.json, cli.quiet);
    match run(cli, output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.fail(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}

fn run(cli: Cli, output: Output) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::internal("the runtime does not start").because(&error))?;
    runtime.block_on(commands::run(cli, output))
}
