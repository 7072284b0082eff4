//! `completions`: scripts that let a shell complete our arguments.

use clap::CommandFactory as _;
use clap_complete::{Shell, generate};

use crate::{cli::Cli, failure::Failure, output::Output};

/// Print a completion script for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  chancery completions bash > /etc/bash_completion.d/chancery")]
pub(crate) struct Args {
    /// Which shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(args: &Args, output: Output) -> Result<(), Failure> {
    let mut script = Vec::new();
    generate(args.shell, &mut Cli::command(), "chancery", &mut script);
    output.text(&String::from_utf8_lossy(&script))
}
