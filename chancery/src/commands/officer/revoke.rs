//! `officer revoke`: the CA's own revocations.

use api::{CertificateState, routes};

use crate::{
    client::{Call, Client, fill},
    commands::revocation::{self, Change, RevocationArgs},
    failure::Failure,
};

/// Revoke a certificate of any RA
///
/// On grounds that the CA may use, such as `ca.agreement_breach`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  chancery --config officer.toml officer revoke --serial 0a1b2c --ground ca.agreement_breach")]
pub(crate) struct Args {
    #[command(flatten)]
    revocation: RevocationArgs,
}

pub(super) async fn run(args: Args, client: &Client) -> Result<(), Failure> {
    let serial = args.revocation.serial;
    let path = fill(routes::OFFICER_REVOKE, &[&serial.to_string()]);
    let call = Call::post(path, &args.revocation.body()?)?;
    let change = Change {
        call,
        serial,
        state: CertificateState::Revoked,
        lookup: fill(routes::OFFICER_CERTIFICATE, &[&serial.to_string()]),
    };
    revocation::change(client, change).await
}
