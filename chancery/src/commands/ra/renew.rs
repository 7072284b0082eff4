//! `ra renew`: a new certificate for the same key.

use std::path::PathBuf;

use api::{RenewRequest, routes};
use pki::SerialNumber;

use super::issue::{self, OutputArgs, RequestArgs};
use crate::{
    client::{Client, fill},
    commands::subject::StatementArgs,
    failure::Failure,
};

/// Ask for a new certificate for the same key, before the old one expires
///
/// The policy says how early (30 days before the expiry, usually). The identity is verified again,
/// so that a statement is needed. The CA knows the key: --csr may be left out.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  chancery --config ra.toml ra renew --serial 0a1b2c --statement alice.json --out alice-2.pem")]
pub(crate) struct Args {
    /// Serial number of the certificate to renew, hexadecimal
    #[arg(long, value_name = "HEX")]
    serial: SerialNumber,
    /// Certification request for the same key, PEM or DER
    #[arg(long, value_name = "FILE")]
    csr: Option<PathBuf>,
    /// Private key in a file, for --p12
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    #[command(flatten)]
    statement: StatementArgs,
    #[command(flatten)]
    request: RequestArgs,
    #[command(flatten)]
    out: OutputArgs,
}

pub(super) async fn run(args: Args, client: &Client) -> Result<(), Failure> {
    let (csr, kept) = issue::for_same_key(args.csr.as_deref(), args.key.as_deref(), &args.out)?;
    let body = RenewRequest {
        csr,
        statement: args.statement.statement()?,
        order_id: args.request.order_id.clone(),
        validity: args.request.validity,
    };
    let path = fill(routes::RENEW, &[&args.serial.to_string()]);
    issue::issue(client, &path, &body, &args.request, &kept, &args.out).await
}
