//! The public OCSP responder.

use std::process::ExitCode;

use clap::Parser as _;
use ocsp_responder::cli::{Cli, run};

fn main() -> ExitCode {
    run(&Cli::parse()).into()
}
