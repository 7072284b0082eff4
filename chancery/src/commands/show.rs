//! Certificates, requests and peers as text for people.

use std::path::Path;

use api::{
    CertificateBody, CertificateState, CertificateSummary, IssuedBody, Page, RequestBody,
    RequestState, RevocationBody,
};
use jiff::Timestamp;
use pki::Certificate;

use crate::table;

/// A certificate that was just issued.
pub(crate) fn issued(issued: &IssuedBody, out: &Path) -> String {
    let summary = &issued.certificate.summary;
    table::members(&[
        ("certificate", Some(out.display().to_string())),
        ("serial", Some(summary.serial.to_string())),
        ("issuer", Some(summary.issuer.to_string())),
        ("profile", Some(summary.profile.clone())),
        ("valid", Some(period(summary.not_before, summary.not_after))),
        (
            "renewable from",
            issued.certificate.renewable_from.map(time),
        ),
        ("request", Some(issued.request_id.to_string())),
        ("order", issued.order_id.clone()),
    ])
}

/// A certificate with its status.
pub(crate) fn certificate(certificate: &CertificateBody) -> String {
    let mut text = status(&certificate.summary);
    let rest = table::members(&[
        ("renewable from", certificate.renewable_from.map(time)),
        ("key id", certificate.subject_key_identifier.clone()),
        ("policies", some_list(&certificate.policy_oids)),
        (
            "decided by",
            Some(format!("policy sha256 {}", certificate.policy_sha256)),
        ),
    ]);
    text.push('\n');
    text.push_str(&rest);
    text
}

/// The status of a certificate.
pub(crate) fn status(summary: &CertificateSummary) -> String {
    let mut members = vec![
        ("serial", Some(summary.serial.to_string())),
        ("issuer", Some(summary.issuer.to_string())),
        ("profile", Some(summary.profile.clone())),
        ("state", Some(state(summary.state).to_owned())),
        ("valid", Some(period(summary.not_before, summary.not_after))),
        ("accepted", summary.accepted_at.map(time)),
        (
            "predecessor",
            summary.predecessor.map(|serial| serial.to_string()),
        ),
    ];
    if let Some(revocation) = &summary.revocation {
        members.extend(revocation_members(revocation));
    }
    table::members(&members)
}

fn revocation_members(revocation: &RevocationBody) -> [(&'static str, Option<String>); 6] {
    [
        ("reason", Some(revocation.reason.as_str().to_owned())),
        ("ground", Some(revocation.ground.clone())),
        ("requested", Some(time(revocation.requested_at))),
        ("effective", Some(time(revocation.effective_at))),
        ("invalid since", revocation.invalidity_date.map(time)),
        (
            "not yet known to",
            some_list(&revocation.pending_responders),
        ),
    ]
}

/// A request.
pub(crate) fn request(request: &RequestBody) -> String {
    let state = match request.state {
        RequestState::Running => "running",
        RequestState::Issued => "issued",
        RequestState::Failed => "failed: ask again with a new idempotency key",
    };
    let mut text = table::members(&[
        ("request", Some(request.request_id.to_string())),
        ("order", request.order_id.clone()),
        ("operation", Some(request.operation.clone())),
        ("state", Some(state.to_owned())),
        ("received", Some(time(request.received_at))),
    ]);
    if let Some(body) = &request.certificate {
        text.push_str("\n\n");
        text.push_str(&certificate(body));
    }
    text
}

/// A page of a list of certificates.
pub(crate) fn summaries(page: &Page<CertificateSummary>) -> String {
    let rows: Vec<_> = page
        .items
        .iter()
        .map(|summary| {
            [
                summary.serial.to_string(),
                summary.issuer.to_string(),
                summary.profile.clone(),
                state(summary.state).to_owned(),
                time(summary.not_after),
            ]
        })
        .collect();
    let table = table::columns(["SERIAL", "ISSUER", "PROFILE", "STATE", "NOT AFTER"], &rows);
    with_next(table, page.next.as_deref())
}

/// A CA certificate that a ceremony made or checked.
pub(crate) fn ca(certificate: &Certificate, file: &Path) -> String {
    let path_len = certificate.path_len().map(|length| length.to_string());
    table::members(&[
        ("certificate", Some(file.display().to_string())),
        ("subject", Some(certificate.subject_display())),
        ("serial", Some(certificate.serial().to_string())),
        (
            "valid",
            Some(period(certificate.not_before(), certificate.not_after())),
        ),
        ("path length", path_len),
        ("SHA-256", Some(certificate.fingerprint().to_string())),
    ])
}

/// The same for scripts.
pub(crate) fn ca_json(certificate: &Certificate) -> serde_json::Value {
    serde_json::json!({
        "subject": certificate.subject_display(),
        "serial": certificate.serial(),
        "not_before": certificate.not_before(),
        "not_after": certificate.not_after(),
        "path_len": certificate.path_len(),
        "sha256": certificate.fingerprint().to_string(),
        "certificate": certificate.to_pem(),
    })
}

/// Says how to see the next page.
pub(crate) fn with_next(table: String, next: Option<&str>) -> String {
    match next {
        Some(cursor) => format!("{table}\nmore: --after {cursor}, or --all"),
        None => table,
    }
}

/// A list in one cell; nothing where it is empty.
pub(crate) fn some_list<T: ToString>(items: &[T]) -> Option<String> {
    let items: Vec<_> = items.iter().map(ToString::to_string).collect();
    (!items.is_empty()).then(|| items.join(", "))
}

/// A time to the second.
pub(crate) fn time(time: Timestamp) -> String {
    format!("{time:.0}")
}

/// The first and last moment of validity.
pub(crate) fn period(from: Timestamp, to: Timestamp) -> String {
    format!("{} to {}", time(from), time(to))
}

fn state(state: CertificateState) -> &'static str {
    match state {
        CertificateState::Signing => "signing",
        CertificateState::Issued => "issued",
        CertificateState::OnHold => "on-hold",
        CertificateState::Revoked => "revoked",
        CertificateState::Abandoned => "abandoned",
    }
}
