//! `ra enroll`: a first certificate.

use api::{EnrollRequest, routes};

use super::issue::{self, KeyArgs, OutputArgs, RequestArgs};
use crate::{client::Client, commands::subject::StatementArgs, failure::Failure};

/// Ask for a first certificate
///
/// Without --csr the private key is made here (P-256 unless --key-algorithm says otherwise) and
/// written with mode 0600 before the CA is asked. Names, evidence and consent come from
/// --statement; for a plain server or device, --cn, --dns and --ip will do.
///
/// A lost connection is tried again with the same idempotency key: it never gives a second
/// certificate.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chancery --config ra.toml ra enroll --profile tls-server --cn www.example.com \\
      --dns www.example.com --key-out www.key --out www.pem --full-chain www-chain.pem
  chancery --config ra.toml ra enroll --profile esign-individual --csr alice.csr \\
      --statement alice.json --order-id 2026-0042 --out alice.pem
  chancery --config ra.toml ra enroll --profile tls-client --cn alice --out alice.pem \\
      --p12 alice.p12 --p12-password-file alice.password")]
pub(crate) struct Args {
    /// Profile of the policy; `chancery ra profiles` lists them
    #[arg(long)]
    profile: String,
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
    let body = EnrollRequest {
        profile: args.profile,
        csr,
        statement,
        order_id: args.request.order_id.clone(),
        validity: args.request.validity,
    };
    issue::issue(
        client,
        routes::CERTIFICATES,
        &body,
        &args.request,
        &kept,
        &args.out,
    )
    .await
}
