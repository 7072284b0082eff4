//! The public publisher of CRLs, CA certificates and CPS documents.

use std::process::ExitCode;

use clap::Parser as _;
use crl_publisher::cli::{Cli, run};

fn main() -> ExitCode {
    run(&Cli::parse()).into()
}
