//! `officer`: what a security officer does in a running CA.

mod backup;
mod certify;
mod crls;
mod issuers;
mod keys;
mod peer_show;
mod peers;
mod pins;
mod policies;
mod receipt;
mod register;
mod revoke;

use jiff::SignedDuration;

use crate::{
    client::Client,
    commands::listing::{self, ListArgs, PageArgs},
    failure::Failure,
    values,
};

/// What a security officer does in a running CA.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// List the registered peers: RAs, officers, responders, publishers, auditors
    Peers(peers::ListArgs),
    /// Show one peer with its pinned certificates
    Peer(peers::ShowArgs),
    /// Register a peer, and certify its TLS key or pin the certificate it has
    Register(register::Args),
    /// Change what a peer may do
    Change(peers::ChangeArgs),
    /// Suspend a peer: from now on it is refused, on open connections too
    Suspend(peers::NameArgs),
    /// Let a suspended peer act again
    Resume(peers::NameArgs),
    /// Retire a peer for good
    Retire(peers::NameArgs),
    /// Certify a further TLS key of a peer, for a change without a gap
    IssueCertificate(certify::PeerArgs),
    /// Pin a further certificate of a peer, issued by another CA
    AddCertificate(pins::AddArgs),
    /// Unpin a certificate of a peer
    RemoveCertificate(pins::RemoveArgs),
    /// Certify a TLS server key
    IssueServerCertificate(certify::ServerArgs),
    /// Register a public key of an OCSP responder
    RegisterResponder(keys::ResponderArgs),
    /// Retire a public key of an OCSP responder
    RetireResponderKey(keys::RetireArgs),
    /// List the registered responder keys
    Responders,
    /// Never certify a public key again
    BlockKey(keys::BlockArgs),
    /// Import the CRL of an offline CA, such as the root
    ImportCrl(crls::ImportArgs),
    /// List the current CRLs and who has published them
    Crls,
    /// Read the policy file of an issuing CA again and put it in force
    ReloadPolicy(policies::Args),
    /// Let a CA's key that was stopped after a bad signature sign again
    ResumeKey(issuers::ResumeArgs),
    /// Let a CA issue no more certificates
    RetireIssuer(issuers::RetireArgs),
    /// Copy the database into the backup directory of ca-daemon
    Backup,
    /// List certificates of every RA
    Certificates(CertificatesArgs),
    /// List certificates of every RA that expire soon
    Expiring(ExpiringArgs),
    /// Revoke a certificate of any RA
    Revoke(revoke::Args),
    /// Fetch the signed receipt of the revocation of any certificate
    Receipt(receipt::Args),
}

/// List certificates of every RA
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  chancery --config officer.toml officer certificates --state revoked --issuer esign-ca")]
pub(crate) struct CertificatesArgs {
    #[command(flatten)]
    list: ListArgs,
}

/// List certificates of every RA that expire soon
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  chancery --config officer.toml officer expiring --within 14d --all")]
pub(crate) struct ExpiringArgs {
    /// How soon
    #[arg(long, default_value = "30d", value_name = "DURATION", value_parser = values::duration)]
    within: SignedDuration,
    #[command(flatten)]
    page: PageArgs,
}

pub(super) async fn run(command: Command, client: &Client) -> Result<(), Failure> {
    match command {
        Command::Peers(args) => peers::list(args, client).await,
        Command::Peer(args) => peers::show(args, client).await,
        Command::Register(args) => register::run(args, client).await,
        Command::Change(args) => peers::change(args, client).await,
        Command::Suspend(args) => peers::suspend(args, client).await,
        Command::Resume(args) => peers::resume(args, client).await,
        Command::Retire(args) => peers::retire(args, client).await,
        Command::IssueCertificate(args) => certify::peer(args, client).await,
        Command::AddCertificate(args) => pins::add(args, client).await,
        Command::RemoveCertificate(args) => pins::remove(args, client).await,
        Command::IssueServerCertificate(args) => certify::server(args, client).await,
        Command::RegisterResponder(args) => keys::register_responder(args, client).await,
        Command::RetireResponderKey(args) => keys::retire_responder_key(args, client).await,
        Command::Responders => keys::responders(client).await,
        Command::BlockKey(args) => keys::block(args, client).await,
        Command::ImportCrl(args) => crls::import(args, client).await,
        Command::Crls => crls::list(client).await,
        Command::ReloadPolicy(args) => policies::reload(args, client).await,
        Command::ResumeKey(args) => issuers::resume(args, client).await,
        Command::RetireIssuer(args) => issuers::retire(args, client).await,
        Command::Backup => backup::make(client).await,
        Command::Certificates(args) => {
            listing::certificates(client, api::routes::OFFICER_CERTIFICATES, &args.list).await
        }
        Command::Expiring(args) => {
            let list = ListArgs::expiring(args.within, args.page);
            listing::certificates(client, api::routes::OFFICER_CERTIFICATES, &list).await
        }
        Command::Revoke(args) => revoke::run(args, client).await,
        Command::Receipt(args) => receipt::run(args, client).await,
    }
}
