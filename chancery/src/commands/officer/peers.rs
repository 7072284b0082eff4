//! `officer peers`, `peer`, `change`, `suspend`, `resume`, `retire`: the registry.

use api::{ChangePeerRequest, PeerBody, PeerStatus, routes};
use jiff::Timestamp;

use super::peer_show::{self, Role};
use crate::{
    client::{Call, Client, fill},
    commands::subject::Kind,
    failure::Failure,
};

/// List the registered peers: RAs, officers, responders, publishers, auditors
#[derive(Debug, clap::Args)]
pub(crate) struct ListArgs {
    /// Only peers of this role
    #[arg(long, value_enum)]
    role: Option<Role>,
}

/// Show one peer with its pinned certificates
#[derive(Debug, clap::Args)]
pub(crate) struct ShowArgs {
    /// Name of the peer
    #[arg(long)]
    name: String,
}

/// Names one peer.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chancery --config officer.toml officer suspend --name sign-platform
  chancery --config officer.toml officer resume --name sign-platform
  chancery --config officer.toml officer retire --name sign-platform")]
pub(crate) struct NameArgs {
    /// Name of the peer
    #[arg(long)]
    name: String,
}

/// Change what a peer may do
///
/// What is not given stays as it is.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chancery --config officer.toml officer change --name sign-platform --daily-quota 100000
  chancery --config officer.toml officer change --name sign-platform \\
      --profile esign-individual --profile esign-organization")]
pub(crate) struct ChangeArgs {
    /// Name of the peer
    #[arg(long)]
    name: String,
    #[command(flatten)]
    changes: Changes,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = true)]
struct Changes {
    /// Last moment at which it may act, RFC 3339
    #[arg(long, value_name = "TIME")]
    valid_to: Option<Timestamp>,
    /// The profiles that an RA may use, instead of those before; may be given several times
    #[arg(long = "profile", value_name = "PROFILE")]
    profiles: Vec<String>,
    /// The kinds of subscriber that an RA may serve, instead of those before; may be given several times
    #[arg(long = "subject-kind", value_enum, value_name = "KIND")]
    subject_kinds: Vec<Kind>,
    /// Certificates a day that an RA may have issued
    #[arg(long, value_name = "NUMBER")]
    daily_quota: Option<u64>,
    /// Longest validity in days that an RA may ask for
    #[arg(long, value_name = "DAYS")]
    max_validity_days: Option<u32>,
}

pub(super) async fn list(args: ListArgs, client: &Client) -> Result<(), Failure> {
    let mut peers: Vec<PeerBody> = client.ask(Call::read(routes::PEERS)).await?;
    if let Some(role) = args.role {
        peers.retain(|peer| peer.role == role.into());
    }
    client.output().show(&peers, |peers| peer_show::list(peers))
}

pub(super) async fn show(args: ShowArgs, client: &Client) -> Result<(), Failure> {
    let peer: PeerBody = client
        .ask(Call::read(fill(routes::PEER, &[&args.name])))
        .await?;
    client.output().show(&peer, peer_show::one)
}

pub(super) async fn change(args: ChangeArgs, client: &Client) -> Result<(), Failure> {
    let Changes {
        valid_to,
        profiles,
        subject_kinds,
        daily_quota,
        max_validity_days,
    } = args.changes;
    let subject_kinds: Vec<_> = subject_kinds.into_iter().map(Into::into).collect();
    let body = ChangePeerRequest {
        status: None,
        valid_to,
        profiles: (!profiles.is_empty()).then_some(profiles),
        subject_kinds: (!subject_kinds.is_empty()).then_some(subject_kinds),
        daily_quota,
        max_validity_days,
    };
    patch(&args.name, &body, client).await
}

pub(super) async fn suspend(args: NameArgs, client: &Client) -> Result<(), Failure> {
    stand(&args.name, PeerStatus::Suspended, client).await
}

pub(super) async fn resume(args: NameArgs, client: &Client) -> Result<(), Failure> {
    stand(&args.name, PeerStatus::Active, client).await
}

pub(super) async fn retire(args: NameArgs, client: &Client) -> Result<(), Failure> {
    stand(&args.name, PeerStatus::Retired, client).await
}

async fn stand(name: &str, status: PeerStatus, client: &Client) -> Result<(), Failure> {
    let body = ChangePeerRequest {
        status: Some(status),
        ..ChangePeerRequest::default()
    };
    patch(name, &body, client).await
}

async fn patch(name: &str, body: &ChangePeerRequest, client: &Client) -> Result<(), Failure> {
    let call = Call::patch(fill(routes::PEER, &[name]), body)?;
    let peer: PeerBody = client.ask(call).await?;
    client.output().show(&peer, peer_show::one)
}
