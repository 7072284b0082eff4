//! The command line.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};

/// Measures Chancery: throughput, latency, CPU time and memory of the real daemons, each beside the
/// floor that the same machine set in the same run.
///
/// Exit codes: 0 all was measured, 1 something failed. Whether a target was reached is in the table and
/// in the JSON, not in the exit code: machines are noisy.
#[derive(Debug, Parser)]
#[command(name = "bench", version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Measure, print a table and write JSON, CSV and SVG.
    Run(RunArguments),
    /// Measure two builds in turn and show them side by side.
    Compare(CompareArguments),
    /// Write the page of figures from a run's JSON.
    Page {
        /// `figures.json` of a run.
        figures: PathBuf,
        /// The page, Markdown.
        #[arg(long)]
        out: PathBuf,
    },
    /// Sign with the token as fast as it can; prints signatures a second. For `run` itself.
    #[command(hide = true)]
    TokenFloor(TokenArguments),
    /// Answer every request with the same octets. For `run` itself.
    #[command(hide = true)]
    HttpFloor {
        /// Where to listen.
        #[arg(long)]
        listen: SocketAddr,
        /// The answer's body.
        #[arg(long)]
        answer: PathBuf,
    },
}

/// A run.
#[derive(Debug, Clone, Args)]
pub(crate) struct RunArguments {
    /// Where the programs are.
    #[arg(long)]
    pub(crate) binaries: PathBuf,
    /// Where JSON, CSV and SVG go.
    #[arg(long)]
    pub(crate) out: PathBuf,
    /// What the figures are of, such as `git describe` says.
    #[arg(long, default_value = "unknown")]
    pub(crate) revision: String,
    /// More connections, more databases, longer loads.
    #[arg(long)]
    pub(crate) long: bool,
    /// Only the scenarios whose name begins so; may be repeated.
    #[arg(long)]
    pub(crate) only: Vec<String>,
}

/// Two builds.
#[derive(Debug, Clone, Args)]
pub(crate) struct CompareArguments {
    /// Programs of the first build.
    #[arg(long)]
    pub(crate) base: PathBuf,
    /// Programs of the second.
    #[arg(long)]
    pub(crate) head: PathBuf,
    /// How often each is measured; they take turns.
    #[arg(long, default_value_t = 3)]
    pub(crate) rounds: u32,
    /// Where the JSON of all runs goes.
    #[arg(long)]
    pub(crate) out: PathBuf,
    /// Only the scenarios whose name begins so; may be repeated.
    #[arg(long)]
    pub(crate) only: Vec<String>,
}

/// A key on a token.
#[derive(Debug, Clone, Args)]
pub(crate) struct TokenArguments {
    /// The PKCS#11 module.
    #[arg(long)]
    pub(crate) module: PathBuf,
    /// The token's label.
    #[arg(long)]
    pub(crate) label: String,
    /// A file with the PIN.
    #[arg(long)]
    pub(crate) pin_file: PathBuf,
    /// `CKA_ID` of the key, hexadecimal.
    #[arg(long)]
    pub(crate) id: String,
    /// Sessions, each on a thread of its own.
    #[arg(long)]
    pub(crate) sessions: usize,
    /// How long to sign, milliseconds.
    #[arg(long)]
    pub(crate) milliseconds: u64,
}
