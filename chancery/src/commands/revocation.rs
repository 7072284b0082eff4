//! Sending a change of status and waiting until every OCSP responder knows of it.

use std::path::PathBuf;

use api::{CertificateSummary, Evidence, routes};
use jiff::Timestamp;
use pki::SerialNumber;
use serde_json::Value;

use crate::{
    client::{Answer, Call, Client, fill},
    commands::show,
    failure::Failure,
    files,
};

/// What a revocation says beside the serial number.
#[derive(Debug, clap::Args)]
pub(crate) struct RevocationArgs {
    /// Serial number, hexadecimal
    #[arg(long, value_name = "HEX")]
    pub(crate) serial: SerialNumber,
    /// Ground of the policy, such as `sub.key_lost_or_leaked`
    #[arg(long, value_name = "ID")]
    pub(crate) ground: String,
    /// When the key was compromised, RFC 3339; becomes the invalidity date
    #[arg(long, value_name = "TIME")]
    pub(crate) compromised_at: Option<Timestamp>,
    #[command(flatten)]
    pub(crate) evidence: EvidenceArgs,
}

impl RevocationArgs {
    /// The body of the request.
    pub(crate) fn body(&self) -> Result<api::RevokeRequest, Failure> {
        Ok(api::RevokeRequest {
            ground: self.ground.clone(),
            compromised_at: self.compromised_at,
            evidence: self.evidence.evidence()?,
        })
    }
}

/// How the requester's identity was verified.
#[derive(Debug, clap::Args)]
pub(crate) struct EvidenceArgs {
    /// How the requester's identity was verified: a list of evidence as in a statement, JSON
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
}

impl EvidenceArgs {
    /// Reads the list; empty when there is no file.
    pub(crate) fn evidence(&self) -> Result<Vec<Evidence>, Failure> {
        match &self.evidence {
            Some(path) => files::read_document(path, "the evidence"),
            None => Ok(Vec::new()),
        }
    }
}

/// Sends the change; a 202 names responders that do not know yet, and is asked again until none
/// is left.
pub(crate) async fn change(
    client: &Client,
    call: Call<'_>,
    serial: SerialNumber,
    what: &str,
) -> Result<(), Failure> {
    let changed = match client.send(&call).await? {
        Answer::Done(body) => body,
        Answer::Pending(body) => {
            let path = body.get("poll").and_then(Value::as_str).map_or_else(
                || fill(routes::CERTIFICATE, &[&serial.to_string()]),
                str::to_owned,
            );
            client
                .poll(&path, what, |body| {
                    summary(body).map(|summary| is_settled(&summary))
                })
                .await?
        }
    };
    let summary = summary(&changed)?;
    client.output().show(&changed, |_| show::status(&summary))
}

/// The answer is the certificate, or something that holds it as `certificate`.
fn summary(body: &Value) -> Result<CertificateSummary, Failure> {
    let nested = body.get("certificate").filter(|member| member.is_object());
    serde_json::from_value(nested.unwrap_or(body).clone())
        .map_err(|error| Failure::internal("the CA's answer is not a certificate").because(&error))
}

fn is_settled(summary: &CertificateSummary) -> bool {
    summary
        .revocation
        .as_ref()
        .is_none_or(|revocation| revocation.pending_responders.is_empty())
}
