//! The command line.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand};

/// Measures Chancery: throughput, latency, CPU time and memory of the real daemons, each beside the
/// floor that the same machine set in the same run.
///
/// Exit codes: 0 all was measured, 1 something failed. Whether a target was reached is in the table and
/// in the JSON, not in the exit code: machines are noisy.
#[derive(Debug, Parser)]
#[command(name = "bench", version, after_help = HELP)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Measure, print a table and write JSON, CSV and SVG.
    #[command(after_help = SCENARIOS)]
    Run(RunArguments),
    /// Measure two builds in turn and show them side by side.
    Compare(CompareArguments),
    /// Put the figures of several runs of one revision on one machine together: a long run can be taken
    /// in parts.
    Join {
        /// `figures.json` of each run.
        #[arg(required = true)]
        runs: Vec<PathBuf>,
        /// Where JSON, CSV and SVG go.
        #[arg(long)]
        out: PathBuf,
    },
    /// Write the page of figures from a run's JSON; `make performance-page` keeps both in docs.
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
    /// More connections, more databases, longer loads, five million certificates: takes an hour or two,
    /// and 30 GB for temporary files (TMPDIR).
    #[arg(long)]
    pub(crate) long: bool,
    /// How long each load lasts, in seconds; 5 when absent, 20 with --long.
    #[arg(long, value_parser = seconds)]
    pub(crate) load: Option<Duration>,
    /// Connections of the closed loops, such as `32,128`; 1 and 32 when absent, more with --long.
    #[arg(long, value_delimiter = ',')]
    pub(crate) connections: Vec<usize>,
    /// Only the scenarios whose name begins so; may be repeated.
    #[arg(long)]
    pub(crate) only: Vec<String>,
    /// Only the settings whose name begins so, of `sqlite-ec-p256`, `postgres-ec-p256` and
    /// `sqlite-rsa-3072`; the first one when absent, all with --long. May be repeated.
    #[arg(long)]
    pub(crate) setting: Vec<String>,
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
    /// How long each load lasts, in seconds.
    #[arg(long, value_parser = seconds)]
    pub(crate) load: Option<Duration>,
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

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "a number of seconds".to_owned())?;
    match Duration::try_from_secs_f64(seconds) {
        Ok(time) if !time.is_zero() => Ok(time),
        _ => Err("more than 0 seconds".to_owned()),
    }
}

const HELP: &str = "\
Most people want one of these, with nothing else running on the machine:
  make bench                         minutes; table on the terminal, files in target/bench
  make bench-long                    an hour; PostgreSQL and RSA too, five million certificates
  make bench-compare BASE=main~5     this tree and another revision in turns
  make performance-page              docs/performance.md from the last run
  bench join A/figures.json B/figures.json --out target/bench    parts of a long run put together

How to read the table: `value` was measured, `floor` is the best that this machine could do in the same \
run with nothing of ours (raw signatures of the token, a server that only repeats octets), `ratio` is \
what counts. Times are p50 / p99 / p99.9. CPU and peak memory are the daemon's alone.";

const SCENARIOS: &str = "\
Scenarios, in the order of measuring; --only takes the beginning of a name:
  footprint   memory of idle daemons, time to start, size of the programs
  ocsp        answers that many share, answers with a nonce
  issuing     certificates from CSR to answer, closed and open loop
  revoking    revocations until every responder has confirmed
  growing     issuing, start and memory with a full database

  target/dist/bench run --binaries target/dist --out /tmp/bench --only issuing --load 10";
