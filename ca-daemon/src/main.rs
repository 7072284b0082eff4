//! The only process that can use a CA key: RA and officer API, signing, the status feed.

use std::process::ExitCode;

use ca_daemon::cli::{Cli, run};
use clap::Parser;

/// Requests are served in many small pieces of memory, on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    run(Cli::parse()).into()
}
