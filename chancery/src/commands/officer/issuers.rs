//! `officer resume-key` and `retire-issuer`: a CA's key signs again, or certifies nobody any more.

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

/// Let a CA issue no more certificates, for good: before another takes its place, or at its end
///
/// Its CRLs, its OCSP answers and the certificates of its responders go on until all its certificates
/// have expired. Renewals and replacements go to the CA that then serves the same profile.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  chancery --config officer.toml officer retire-issuer --issuer esign-ca")]
pub(crate) struct RetireArgs {
    /// Name of the CA
    #[arg(long, value_name = "NAME")]
    issuer: IssuerName,
}

pub(super) async fn retire(args: RetireArgs, client: &Client) -> Result<(), Failure> {
    let path = fill(routes::RETIRE_ISSUER, &[args.issuer.as_str()]);
    let _: serde_json::Value = client
        .ask(Call::post(path, &serde_json::json!({}))?)
        .await?;
    client
        .output()
        .show(&args.issuer, |issuer| format!("{issuer} is retired"))
}
