//! `officer register`: a new peer.

use std::path::PathBuf;

use api::{PeerBody, RegisterPeerRequest, routes};
use jiff::Timestamp;

use super::peer_show::{self, Role};
use crate::{
    client::{Call, Client},
    commands::subject::Kind,
    failure::Failure,
    files,
};

/// Register a peer, and certify its TLS key or pin the certificate it has
///
/// A peer's role comes from this registration alone, never from its certificate. The peer makes
/// its key with `chancery key new` and sends the CSR; the key stays with it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chancery --config officer.toml officer register --name sign-platform --role ra \\
      --profile esign-individual --profile esign-organization --daily-quota 50000 \\
      --csr sign-platform.csr --out sign-platform.pem
  chancery --config officer.toml officer register --name ocsp-2 --role responder \\
      --csr ocsp-2.csr --out ocsp-2.pem
  chancery --config officer.toml officer register --name auditor-li --role auditor \\
      --certificate li.pem")]
pub(crate) struct Args {
    /// Unique name, kebab-case, 1 to 64 characters
    #[arg(long)]
    name: String,
    /// What it may do
    #[arg(long, value_enum)]
    role: Role,
    /// First moment at which it may act, RFC 3339; now when absent
    #[arg(long, value_name = "TIME")]
    valid_from: Option<Timestamp>,
    /// Last moment at which it may act, RFC 3339; without end when absent
    #[arg(long, value_name = "TIME")]
    valid_to: Option<Timestamp>,
    /// Reference of the agreement with an RA
    #[arg(long, value_name = "REFERENCE")]
    agreement_ref: Option<String>,
    /// Profile that an RA may use; may be given several times
    #[arg(long = "profile", value_name = "PROFILE")]
    profiles: Vec<String>,
    /// Kind of subscriber that an RA may serve; may be given several times; every kind when absent
    #[arg(long = "subject-kind", value_enum, value_name = "KIND")]
    subject_kinds: Vec<Kind>,
    /// Certificates a day that an RA may have issued; without limit when absent
    #[arg(long, value_name = "NUMBER")]
    daily_quota: Option<u64>,
    /// Longest validity in days that an RA may ask for
    #[arg(long, value_name = "DAYS")]
    max_validity_days: Option<u32>,
    /// CSR for its TLS key: the management CA certifies it
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "certificate",
        requires = "out"
    )]
    csr: Option<PathBuf>,
    /// Certificate to pin instead, PEM
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// The certificate that the management CA issued, PEM
    #[arg(long, value_name = "FILE", requires = "csr")]
    out: Option<PathBuf>,
}

pub(super) async fn run(args: Args, client: &Client) -> Result<(), Failure> {
    if let Some(path) = &args.out {
        files::check_directory(path)?;
    }
    let body = RegisterPeerRequest {
        name: args.name,
        role: args.role.into(),
        valid_from: args.valid_from,
        valid_to: args.valid_to,
        agreement_ref: args.agreement_ref,
        profiles: args.profiles,
        subject_kinds: args.subject_kinds.into_iter().map(Into::into).collect(),
        daily_quota: args.daily_quota,
        max_validity_days: args.max_validity_days,
        csr: args.csr.as_deref().map(files::read_csr_pem).transpose()?,
        certificate: args
            .certificate
            .as_deref()
            .map(files::read_certificate_pem)
            .transpose()?,
    };
    let peer: PeerBody = client.ask(Call::post(routes::PEERS, &body)?).await?;
    peer_show::issued(client, &peer, args.out.as_deref())
}
