//! `ra receipt`: the signed receipt of a revocation.

use api::routes;

use crate::{
    client::{Client, fill},
    commands::receipt::{self, FetchArgs},
    failure::Failure,
};

/// Fetch the signed receipt of a revocation
///
/// It says when the revocation was asked for, decided and in force, since when each OCSP responder
/// has had it, and which CRL first carried it. While something is pending a later receipt says more.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chancery --config ra.toml ra receipt --serial 0a1b2c --out receipt.json
  chancery receipt verify receipt.json --roots management-ca.pem --certificate alice.pem")]
pub(crate) struct Args {
    #[command(flatten)]
    fetch: FetchArgs,
}

pub(super) async fn run(args: Args, client: &Client) -> Result<(), Failure> {
    let path = fill(routes::RECEIPT, &[&args.fetch.serial.to_string()]);
    receipt::fetch(client, path, &args.fetch).await
}
