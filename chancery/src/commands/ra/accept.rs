//! `ra accept`: the subscriber's explicit acceptance.

use api::{CertificateState, routes};
use pki::SerialNumber;

use crate::{
    client::{Call, Client, fill},
    commands::revocation::{self, Change},
    failure::Failure,
};

/// Say that the subscriber has accepted the certificate
///
/// Delivery is taken as acceptance; this records that it was explicit.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Serial number, hexadecimal
    #[arg(long, value_name = "HEX")]
    serial: SerialNumber,
}

pub(super) async fn run(args: Args, client: &Client) -> Result<(), Failure> {
    let path = fill(routes::ACCEPT, &[&args.serial.to_string()]);
    let call = Call::post(path, &serde_json::json!({}))?;
    let change = Change::by_ra(call, args.serial, CertificateState::Issued);
    revocation::change(client, change).await
}
