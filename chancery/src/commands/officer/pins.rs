//! `officer add-certificate` and `remove-certificate`: which certificates are a peer.

use std::path::PathBuf;

use api::{PeerBody, PinCertificateRequest, routes};
use pki::Fingerprint;

use super::peer_show;
use crate::{
    client::{Call, Client, fill},
    failure::Failure,
    files,
};

/// Pin a further certificate of a peer, issued by another CA
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  chancery --config officer.toml officer add-certificate --name auditor-li --certificate li.pem")]
pub(crate) struct AddArgs {
    /// Name of the peer
    #[arg(long)]
    name: String,
    /// Certificate, PEM
    #[arg(long, value_name = "FILE")]
    certificate: PathBuf,
}

/// Unpin a certificate of a peer
///
/// It is refused from now on, on open connections too.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chancery --config officer.toml officer remove-certificate --name sign-platform \\
      --certificate sign-platform-1.pem
  chancery --config officer.toml officer remove-certificate --name sign-platform \\
      --fingerprint 5a3c…")]
pub(crate) struct RemoveArgs {
    /// Name of the peer
    #[arg(long)]
    name: String,
    #[command(flatten)]
    pin: Pin,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Pin {
    /// SHA-256 of the certificate, hexadecimal, with or without colons
    #[arg(long, value_name = "HEX")]
    fingerprint: Option<Fingerprint>,
    /// The certificate itself, PEM
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
}

pub(super) async fn add(args: AddArgs, client: &Client) -> Result<(), Failure> {
    let body = PinCertificateRequest {
        certificate: files::read_certificate_pem(&args.certificate)?,
    };
    let call = Call::post(fill(routes::PEER_PINS, &[&args.name]), &body)?;
    let peer: PeerBody = client.ask(call).await?;
    client.output().show(&peer, peer_show::one)
}

pub(super) async fn remove(args: RemoveArgs, client: &Client) -> Result<(), Failure> {
    let fingerprint = match (args.pin.fingerprint, &args.pin.certificate) {
        (Some(fingerprint), _) => fingerprint,
        (None, Some(path)) => files::read_certificate(path)?.fingerprint(),
        (None, None) => return Err(Failure::usage("name --fingerprint or --certificate")),
    };
    let path = fill(routes::PEER_PIN, &[&args.name, &fingerprint.to_string()]);
    // The answer is the peer or nothing: 204 is a good answer to DELETE.
    let peer: Option<PeerBody> = client.ask(Call::delete(path)).await?;
    client.output().show(&peer, |peer| match peer {
        Some(peer) => peer_show::one(peer),
        None => format!("{fingerprint} is no longer pinned"),
    })
}
