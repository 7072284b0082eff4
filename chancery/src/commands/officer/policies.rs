//! `officer reload-policy`: another policy comes into force.

use api::{ActivePolicyBody, routes};
use pki::IssuerName;

use crate::{
    client::{Call, Client, fill},
    commands::show,
    failure::Failure,
    table,
};

/// Read the policy file of an issuing CA again and put it in force
///
/// ca-daemon reads the file that its own configuration names. Check it first with
/// `chancery policy check`, and compare with `chancery policy diff`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  chancery --config officer.toml officer reload-policy --issuer esign-ca")]
pub(crate) struct Args {
    /// Name of the issuing CA
    #[arg(long, value_name = "NAME")]
    issuer: IssuerName,
}

pub(super) async fn reload(args: Args, client: &Client) -> Result<(), Failure> {
    let path = fill(routes::RELOAD_POLICY, &[args.issuer.as_str()]);
    let call = Call::post(path, &serde_json::json!({}))?;
    let policy: ActivePolicyBody = client.ask(call).await?;
    client.output().show(&policy, |policy| {
        table::members(&[
            ("issuer", Some(policy.issuer.to_string())),
            ("version", Some(policy.version.clone())),
            ("SHA-256", Some(policy.policy_sha256.clone())),
            ("in force since", Some(show::time(policy.activated_at))),
        ])
    })
}
