//! `policy`: the CPS as a file.

mod check;
mod diff;
mod explain;
pub(crate) mod file;
mod render;
mod schema;

use crate::{failure::Failure, output::Output};

/// The CPS as a file.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Check policy files, and report all that is wrong with them
    Check(check::Args),
    /// Say whether a request would be granted, and by which sections of the CPS
    Explain(Box<explain::Args>),
    /// Print the CPS as it is published, in Markdown or HTML
    Render(render::Args),
    /// Print the JSON schema of policy files, for editors
    Schema,
    /// Compare two policy files, rule by rule
    Diff(diff::Args),
}

pub(super) fn run(command: Command, output: Output) -> Result<(), Failure> {
    match command {
        Command::Check(args) => check::run(&args, output),
        Command::Explain(args) => explain::run(&args, output),
        Command::Render(args) => render::run(&args, output),
        Command::Schema => schema::run(output),
        Command::Diff(args) => diff::run(&args, output),
    }
}
