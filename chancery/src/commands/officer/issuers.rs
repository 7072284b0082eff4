//! `officer resume-key`: a CA's key that was stopped signs again.

use api::routes;
use pki::IssuerName;

use crate::{
    client::{Call, Client, fill},
    failure::Failure,
};

/// Let a CA's key that was stopped after a bad signature sign again
///
/// ca-daemon has the key sign a probe first and verifies it. Find out before why the token gave a bad
/// signature.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  chancery --config officer.toml officer resume-key --issuer esign-ca")]
pub(crate) struct ResumeArgs {
    /// Name of the CA
    #[arg(long, value_name = "NAME")]
    issuer: IssuerName,
}

pub(super) async fn resume(args: ResumeArgs, client: &Client) -> Result<(), Failure> {
    let path = fill(routes::RESUME_KEY, &[args.issuer.as_str()]);
    // Whatever the CA says about it, a 2xx means that it signs.
    let _: serde_json::Value = client
        .ask(Call::post(path, &serde_json::json!({}))?)
        .await?;
    client
        .output()
        .show(&args.issuer, |issuer| format!("{issuer} signs again"))
}
