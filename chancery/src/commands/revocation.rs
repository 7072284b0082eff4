//! Sending a change of status and waiting until every OCSP responder knows of it.

use std::path::PathBuf;

use api::{CertificateState, CertificateSummary, Evidence, routes};
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

/// A change of status of one certificate.
pub(crate) struct Change<'a> {
    pub(crate) call: Call<'a>,
    pub(crate) serial: SerialNumber,
    /// The state that the change leads to.
    pub(crate) state: CertificateState,
    /// Where the certificate can be looked up.
    pub(crate) lookup: String,
}

impl<'a> Change<'a> {
    /// A change by an RA.
    pub(crate) fn by_ra(call: Call<'a>, serial: SerialNumber, state: CertificateState) -> Self {
        let lookup = fill(routes::CERTIFICATE, &[&serial.to_string()]);
        Self {
            call,
            serial,
            state,
            lookup,
        }
    }
}

/// Sends the change; a 202 names responders that do not know yet, and the certificate is looked up
/// until none is left. After a lost connection, too, the certificate says whether it was done.
pub(crate) async fn change(client: &Client, change: Change<'_>) -> Result<(), Failure> {
    let sent = client.send::<Value>(&change.call).await;
    let (body, waits) = match sent {
        Ok(Answer::Done(body)) => (body, false),
        Ok(Answer::Pending(body)) => (body, true),
        Err(failure) if failure.is_unreachable() => {
            match client.ask::<Value>(Call::read(&change.lookup)).await {
                Ok(body) if summary(&body)?.state == change.state => (body, true),
                Ok(_) | Err(_) => return Err(failure),
            }
        }
        Err(failure) => return Err(failure),
    };
    let body = if waits {
        let settled = |body: &Value| summary(body).map(|summary| is_settled(&summary));
        client
            .poll(&change.lookup, "waiting for the OCSP responders", settled)
            .await?
    } else {
        body
    };
    let summary = summary(&body)?;
    client.output().show(&body, |_| show::status(&summary))?;
    if is_settled(&summary) {
        return Ok(());
    }
    Err(
        Failure::pending("revoked, but not every OCSP responder knows it yet")
            .at(format!("serial {}", change.serial))
            .remedy("see that the responders run; the revocation itself is done"),
    )
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
