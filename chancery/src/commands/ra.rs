//! `ra`: what a registration authority asks of the CA.

mod accept;
mod chain;
mod enroll;
mod hold;
mod issue;
mod list;
mod profiles;
mod receipt;
mod renew;
mod replace;
mod revoke;
mod status;

use crate::{client::Client, failure::Failure};

/// What a registration authority asks of the CA.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Ask for a first certificate
    Enroll(enroll::Args),
    /// Ask for a new certificate for the same key, before the old one expires
    Renew(renew::Args),
    /// Ask for a new certificate for a new key
    Replace(replace::Args),
    /// Revoke a certificate for good
    Revoke(revoke::Args),
    /// Fetch the signed receipt of a revocation
    Receipt(receipt::Args),
    /// Put a certificate on hold, where the profile allows it
    Hold(hold::HoldArgs),
    /// End a hold
    Release(hold::ReleaseArgs),
    /// Say that the subscriber has accepted the certificate
    Accept(accept::Args),
    /// Look up a certificate or a request
    Status(status::Args),
    /// List certificates
    List(list::Args),
    /// List the profiles that this RA may use
    Profiles,
    /// Fetch the CA certificates above an issuing CA
    Chain(chain::Args),
}

pub(super) async fn run(command: Command, client: &Client) -> Result<(), Failure> {
    match command {
        Command::Enroll(args) => enroll::run(args, client).await,
        Command::Renew(args) => renew::run(args, client).await,
        Command::Replace(args) => replace::run(args, client).await,
        Command::Revoke(args) => revoke::run(args, client).await,
        Command::Receipt(args) => receipt::run(args, client).await,
        Command::Hold(args) => hold::hold(args, client).await,
        Command::Release(args) => hold::release(args, client).await,
        Command::Accept(args) => accept::run(args, client).await,
        Command::Status(args) => status::run(args, client).await,
        Command::List(args) => list::run(args, client).await,
        Command::Profiles => profiles::run(client).await,
        Command::Chain(args) => chain::run(args, client).await,
    }
}
