//! `officer issue-certificate` and `issue-server-certificate`: certificates of the management CA.

use std::path::PathBuf;

use api::{CertifyPeerRequest, CertifyServerRequest, PeerBody, PinCertificateRequest, routes};

use super::peer_show;
use crate::{
    client::{Call, Client, fill},
    commands::delivery,
    failure::Failure,
    files,
};

/// Certify a further TLS key of a peer, for a change without a gap
///
/// The peer's other certificates stay pinned until they are removed: renew first, change over,
/// then `chancery officer remove-certificate`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  chancery --config officer.toml officer issue-certificate --name sign-platform \\
      --csr sign-platform-2.csr --out sign-platform-2.pem")]
pub(crate) struct PeerArgs {
    /// Name of the peer
    #[arg(long)]
    name: String,
    /// CSR for the TLS key, PEM or DER
    #[arg(long, value_name = "FILE")]
    csr: PathBuf,
    /// The certificate, PEM
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Certify a TLS server key
///
/// The CSR carries the DNS names and addresses as subject alternative names.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  chancery key new --key-out tls.key --csr-out tls.csr --cn ca.example.com --dns ca.example.com
  chancery --config officer.toml officer issue-server-certificate --csr tls.csr --out tls.pem")]
pub(crate) struct ServerArgs {
    /// CSR for the TLS key, PEM or DER
    #[arg(long, value_name = "FILE")]
    csr: PathBuf,
    /// The certificate, PEM
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub(super) async fn peer(args: PeerArgs, client: &Client) -> Result<(), Failure> {
    files::check_directory(&args.out)?;
    let body = CertifyPeerRequest {
        csr: files::read_csr_pem(&args.csr)?,
    };
    let call = Call::post(fill(routes::PEER_CERTIFICATES, &[&args.name]), &body)?;
    let peer: PeerBody = client.ask(call).await?;
    peer_show::issued(client, &peer, Some(&args.out))
}

pub(super) async fn server(args: ServerArgs, client: &Client) -> Result<(), Failure> {
    files::check_directory(&args.out)?;
    let body = CertifyServerRequest {
        csr: files::read_csr_pem(&args.csr)?,
    };
    let call = Call::post(routes::SERVER_CERTIFICATES, &body)?;
    let issued: PinCertificateRequest = client.ask(call).await?;
    files::write(&args.out, delivery::ended(&issued.certificate).as_bytes())?;
    client.output().show(&issued, |_| {
        format!("certificate written to {}", args.out.display())
    })
}
