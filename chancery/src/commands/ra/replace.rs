//! `ra replace`: a new certificate for a new key.

use api::{ReplaceRequest, routes};
use pki::SerialNumber;

use super::issue::{self, KeyArgs, OutputArgs, RequestArgs};
use crate::{
    client::{Client, fill},
    commands::subject::StatementArgs,
    failure::Failure,
};

/// Ask for a new certificate for a new key
///
/// The old certificate stays in force until it expires or is revoked.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  chancery --config ra.toml ra replace --serial 0a1b2c --statement alice.json \\
      --key-out alice-2.key --out alice-2.pem")]
pub(crate) struct Args {
    /// Serial number of the certificate to replace, hexadecimal
    #[arg(long, value_name = "HEX")]
    serial: SerialNumber,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    statement: StatementArgs,
    #[command(flatten)]
    request: RequestArgs,
    #[command(flatten)]
    out: OutputArgs,
}

pub(super) async fn run(args: Args, client: &Client) -> Result<(), Failure> {
    let statement = args.statement.statement()?;
    let names = args.statement.csr_names()?;
    let (csr, kept) = args.key.request(&names, &args.out)?;
    let body = ReplaceRequest {
        csr,
        statement,
        order_id: args.request.order_id.clone(),
        validity: args.request.validity,
    };
    let path = fill(routes::REPLACE, &[&args.serial.to_string()]);
    issue::issue(client, &path, &body, &args.request, &kept, &args.out).await
}
