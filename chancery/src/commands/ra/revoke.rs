//! `ra revoke`: the end of a certificate.

use api::{CertificateState, routes};

use crate::{
    client::{Call, Client, fill},
    commands::revocation::{self, Change, RevocationArgs},
    failure::Failure,
};

/// Revoke a certificate for good
///
/// Succeeds when every OCSP responder knows of the revocation: from then on none says good.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chancery --config ra.toml ra revoke --serial 0a1b2c --ground sub.request
  chancery --config ra.toml ra revoke --serial 0a1b2c --ground sub.key_lost_or_leaked \\
      --compromised-at 2026-11-20T08:00:00Z --evidence call-back.json

The grounds are those of the policy, section 4.9.1 of the CPS.")]
pub(crate) struct Args {
    #[command(flatten)]
    revocation: RevocationArgs,
}

pub(super) async fn run(args: Args, client: &Client) -> Result<(), Failure> {
    let serial = args.revocation.serial;
    let path = fill(routes::REVOKE, &[&serial.to_string()]);
    let call = Call::post(path, &args.revocation.body()?)?;
    let change = Change::by_ra(call, serial, CertificateState::Revoked);
    revocation::change(client, change).await?;
    client.output().note(&format!(
        "its signed receipt: chancery --config … ra receipt --serial {serial} --out receipt.json"
    ));
    Ok(())
}
