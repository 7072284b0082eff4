//! The only process that can use a CA key: RA and officer API, signing, the status feed.

use std::process::ExitCode;

use ca_daemon::cli::{Cli, run};
use clap::Parser;

fn main() -> ExitCode {
    run(Cli::parse()).into()
}
