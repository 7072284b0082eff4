//! The public publisher of CRLs, CA certificates and CPS documents.

use std::process::ExitCode;

use clap::Parser as _;
use crl_publisher::cli::{Cli, run};

/// Requests are served in many small pieces of memory, on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    run(&Cli::parse()).into()
}
