//! `ra list`: certificates of this RA.

use api::routes;

use crate::{
    client::Client,
    commands::listing::{self, ListArgs},
    failure::Failure,
};

/// List certificates
///
/// All filters that are given must hold. One page is shown; --all fetches every page.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chancery --config ra.toml ra list --state issued --expires-within 30d
  chancery --config ra.toml ra list --profile tls-server --limit 20
  chancery --config ra.toml --json ra list --all")]
pub(crate) struct Args {
    #[command(flatten)]
    list: ListArgs,
}

pub(super) async fn run(args: Args, client: &Client) -> Result<(), Failure> {
    listing::certificates(client, routes::CERTIFICATES, &args.list).await
}
