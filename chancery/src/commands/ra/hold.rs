//! `ra hold` and `ra release`: a revocation that can end.

use api::{CertificateState, HoldRequest, ReleaseRequest, routes};
use pki::SerialNumber;

use crate::{
    client::{Call, Client, fill},
    commands::revocation::{self, Change, EvidenceArgs},
    failure::Failure,
};

/// Put a certificate on hold, where the profile allows it
///
/// It counts as revoked until it is released.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  chancery --config ra.toml ra hold --serial 0a1b2c")]
pub(crate) struct HoldArgs {
    /// Serial number, hexadecimal
    #[arg(long, value_name = "HEX")]
    serial: SerialNumber,
    #[command(flatten)]
    evidence: EvidenceArgs,
}

/// End a hold
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  chancery --config ra.toml ra release --serial 0a1b2c")]
pub(crate) struct ReleaseArgs {
    /// Serial number, hexadecimal
    #[arg(long, value_name = "HEX")]
    serial: SerialNumber,
    #[command(flatten)]
    evidence: EvidenceArgs,
}

pub(super) async fn hold(args: HoldArgs, client: &Client) -> Result<(), Failure> {
    let body = HoldRequest {
        evidence: args.evidence.evidence()?,
    };
    let call = Call::post(fill(routes::HOLD, &[&args.serial.to_string()]), &body)?;
    let change = Change::by_ra(call, args.serial, CertificateState::OnHold);
    revocation::change(client, change).await
}

pub(super) async fn release(args: ReleaseArgs, client: &Client) -> Result<(), Failure> {
    let body = ReleaseRequest {
        evidence: args.evidence.evidence()?,
    };
    let call = Call::post(fill(routes::RELEASE, &[&args.serial.to_string()]), &body)?;
    let change = Change::by_ra(call, args.serial, CertificateState::Issued);
    revocation::change(client, change).await
}
