//! `ra accept`: the subscriber's explicit acceptance.

use api::routes;
use pki::SerialNumber;

use crate::{
    client::{Call, Client, fill},
    commands::revocation,
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
    revocation::change(client, call, args.serial, "waiting for the CA").await
}
