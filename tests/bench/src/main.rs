//! Benchmarks: starts the real daemons as a user would, drives them, and sets what it measures in
//! proportion to what the machine could do at best, taken in the same run.
//!
//! In scope: the load generator, the floors, the scenarios, tables and plots. Out of scope: deciding
//! whether a change is good; `compare` shows the figures of two revisions side by side.

mod cli;
mod compare;
mod connection;
mod csr;
mod figure;
mod filled;
mod floor;
mod load;
mod machine;
mod process;
mod report;
mod scenario;

use std::process::ExitCode;

use clap::Parser as _;

use self::cli::{Cli, Command};

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            report::complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        Command::Run(arguments) => scenario::run(&arguments),
        Command::Compare(arguments) => compare::run(&arguments),
        Command::Join { runs, out } => report::join(&runs, &out),
        Command::Page { figures, out } => report::page(&figures, &out),
        Command::TokenFloor(arguments) => floor::token::measure(&arguments),
        Command::HttpFloor { listen, answer } => floor::http::serve(listen, &answer),
    }
}
