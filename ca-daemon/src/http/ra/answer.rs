//! Bodies of answers, made from records.

use api::{CertificateBody, CertificateSummary, IssuedBody, RevocationBody};
use audit::{AuditEvent, EventKind, Outcome};
use pki::Certificate;
use store::CertificateRecord;

use crate::app::App;
use crate::certified::policy_oids;
use crate::http::problem::NotDone;
use crate::http::request::Authorized;

/// The answer to a request that issued.
///
/// # Errors
/// The certificate's policies cannot be read.
pub(crate) fn issued_body(
    app: &App,
    record: &CertificateRecord,
    certificate: &Certificate,
) -> Result<IssuedBody, NotDone> {
    let chain = app
        .authority
        .ca(&record.issuer)
        .map(|ca| ca.chain_pem())
        .unwrap_or_default();
    Ok(IssuedBody {
        request_id: record.request_id,
        order_id: record.order_id.clone(),
        certificate: body_of(app, record, Some(certificate), Vec::new())?,
        chain,
    })
}

/// A certificate with its status; `pending` names responders that have not confirmed it.
///
/// # Errors
/// The record holds a certificate that does not parse.
pub(crate) fn certificate_body(
    app: &App,
    record: &CertificateRecord,
    pending: Vec<String>,
) -> Result<CertificateBody, NotDone> {
    let certificate = record
        .certificate_der
        .as_deref()
        .map(Certificate::parse)
        .transpose()?;
    body_of(app, record, certificate.as_ref(), pending)
}

fn body_of(
    app: &App,
    record: &CertificateRecord,
    certificate: Option<&Certificate>,
    pending: Vec<String>,
) -> Result<CertificateBody, NotDone> {
    let ca = app.authority.ca(&record.issuer);
    let policy = ca.map(|ca| ca.policy.load_full());
    let profile = policy
        .as_ref()
        .and_then(|policy| policy.profile(&record.profile));
    let mut summary = summary(record);
    if let Some(revocation) = &mut summary.revocation {
        revocation.pending_responders = pending;
    }
    Ok(CertificateBody {
        summary,
        certificate: certificate.map(Certificate::to_pem),
        subject_key_identifier: certificate
            .and_then(Certificate::subject_key_id)
            .map(hex::encode),
        policy_oids: certificate
            .map(policy_oids)
            .transpose()?
            .unwrap_or_default(),
        policy_sha256: hex::encode(record.policy_digest),
        renewable_from: profile.map(|profile| profile.renewable_from(record.not_after)),
    })
}

/// A certificate in a list.
pub(crate) fn summary(record: &CertificateRecord) -> CertificateSummary {
    let revocation = record.revocation.as_ref().map(|revocation| RevocationBody {
        reason: revocation.reason,
        ground: revocation.ground.clone(),
        requested_at: revocation.requested_at,
        effective_at: revocation.effective_at,
        invalidity_date: revocation.invalidity_date,
        pending_responders: Vec::new(),
    });
    CertificateSummary {
        serial: record.serial,
        issuer: record.issuer.clone(),
        profile: record.profile.clone(),
        state: record.state,
        not_before: record.not_before,
        not_after: record.not_after,
        revocation,
        accepted_at: record.acceptance.map(|(at, _)| at),
        acceptance: record.acceptance.map(|(_, basis)| basis),
        predecessor: record.predecessor,
    }
}

/// Audits the refusal of a request that could not even be read, and hands it back.
pub(crate) async fn audited<R>(
    app: &App,
    authorized: &Authorized<R>,
    not_done: NotDone,
) -> NotDone {
    let NotDone::Refused(refusal) = &not_done else {
        return not_done;
    };
    let now = app.authority.clock.now();
    let event = AuditEvent::new(now, EventKind::RequestRefused, authorized.actor())
        .request(authorized.request_id)
        .outcome(Outcome::refused(refusal.codes()));
    match app.authority.store.record_audit(vec![event]).await {
        Ok(_) => not_done,
        Err(error) => error.into(),
    }
}
