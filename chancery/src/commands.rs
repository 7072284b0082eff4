//! The commands, a file each.

pub(crate) mod audit;
pub(crate) mod ceremony;
pub(crate) mod completions;
pub(crate) mod key;
pub(crate) mod man;
pub(crate) mod officer;
pub(crate) mod policy;
pub(crate) mod ra;
pub(crate) mod receipt;

mod check_config;
mod delivery;
mod listing;
mod revocation;
mod show;
mod subject;

use crate::{
    cli::{Cli, Command},
    client::Client,
    client_config::ClientConfig,
    failure::Failure,
    output::Output,
};

/// Runs the command that was given.
pub(crate) async fn run(cli: Cli, output: Output) -> Result<(), Failure> {
    let connect = || Client::open(ClientConfig::load(cli.config.as_deref())?, output);
    match cli.command {
        Command::Ra(command) => ra::run(command, &connect()?).await,
        Command::Officer(command) => officer::run(command, &connect()?).await,
        Command::Audit(command) => audit::run(command, &connect()?).await,
        Command::Ceremony(command) => ceremony::run(command, output).await,
        Command::Policy(command) => policy::run(command, output),
        Command::Key(command) => key::run(command, output),
        Command::Receipt(command) => receipt::run(command, output),
        Command::CheckConfig => check_config::run(cli.config.as_deref(), output),
        Command::Completions(args) => completions::run(&args, output),
        Command::Man(args) => man::run(&args, output),
    }
}
