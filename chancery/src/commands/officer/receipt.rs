//! `officer receipt`: the signed receipt of any revocation.

use api::routes;

use crate::{
    client::{Client, fill},
    commands::receipt::{self, FetchArgs},
    failure::Failure,
};

/// Fetch the signed receipt of the revocation of any certificate
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  chancery --config officer.toml officer receipt --serial 0a1b2c --out receipt.json")]
pub(crate) struct Args {
    #[command(flatten)]
    fetch: FetchArgs,
}

pub(super) async fn run(args: Args, client: &Client) -> Result<(), Failure> {
    let path = fill(routes::OFFICER_RECEIPT, &[&args.fetch.serial.to_string()]);
    receipt::fetch(client, path, &args.fetch).await
}
