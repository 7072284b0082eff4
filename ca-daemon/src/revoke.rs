//! Revocation, hold and release: decided by the policy, in force by the commit, answered when every
//! responder has it.

mod compromise;

use std::sync::Arc;
use std::time::Duration;

use api::Evidence;
use audit::{Actor, AuditEvent, Detail, EventKind, Outcome};
use jiff::Timestamp;
use pki::{RevocationReason, SerialNumber, SpkiHash};
use policy::{
    CertificateStatus, Initiator, RevocationAction, RevocationDecision, RevocationFacts,
    RevocationPlan, RevocationRequest,
};
use store::{CertificateRecord, Revocation, RevocationRefusal, StatusChange, StatusChanged};
use tokio::time::Instant;
use uuid::Uuid;

use self::compromise::{block_key, revoke_key};
use crate::authority::{Authority, Ca};
use crate::http::problem::NotDone;
use crate::refusal::{Refusal, RefusalKind};

/// How soon an acknowledgement that another daemon recorded in the same database is noticed.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What is asked to happen to a certificate.
#[derive(Debug)]
pub struct StatusSubmission {
    /// Our id of the request.
    pub request_id: Uuid,
    /// When it came in.
    pub received_at: Timestamp,
    /// Who asks, for the audit event.
    pub actor: Actor,
    /// The RA whose certificates may be touched; `None` for an officer, who may touch all.
    pub ra: Option<String>,
    /// The certificate.
    pub serial: SerialNumber,
    /// What is asked for.
    pub request: StatusRequest,
    /// How the requester's identity was verified (MIIT rule, article 30).
    pub evidence: Vec<Evidence>,
}

/// A change of status, as asked for.
#[derive(Debug)]
pub enum StatusRequest {
    /// Revoke for good.
    Revoke {
        /// Id of a ground of the policy.
        ground: String,
        /// When the key was compromised, if known.
        compromised_at: Option<Timestamp>,
    },
    /// Suspend.
    Hold,
    /// End a suspension.
    Release,
}

impl StatusRequest {
    fn action(&self) -> RevocationAction<'_> {
        match self {
            Self::Revoke {
                ground,
                compromised_at,
            } => RevocationAction::Revoke {
                ground,
                compromised_at: *compromised_at,
            },
            Self::Hold => RevocationAction::Hold,
            Self::Release => RevocationAction::Release,
        }
    }
}

/// A change of status that is in force.
#[derive(Debug)]
pub struct StatusAnswer {
    /// The certificate with its new status.
    pub certificate: CertificateRecord,
    /// Responders that have not confirmed it within the policy's bound; empty for a 200.
    pub pending: Vec<String>,
}

/// Changes a certificate's status; refusals are audited here.
///
/// # Errors
/// A refusal with every rule that is broken, or a failure of ours.
pub async fn change_status(
    authority: &Arc<Authority>,
    submission: StatusSubmission,
) -> Result<StatusAnswer, NotDone> {
    let refused = AuditEvent::new(
        submission.received_at,
        EventKind::RevocationRefused,
        submission.actor.clone(),
    )
    .request(submission.request_id)
    .serial(submission.serial);

    let outcome = attempt(authority, submission).await;
    if let Err(NotDone::Refused(refusal)) = &outcome {
        let event = refused.outcome(Outcome::refused(refusal.codes()));
        authority.store.record_audit(vec![event]).await?;
    }
    outcome
}

async fn attempt(
    authority: &Arc<Authority>,
    submission: StatusSubmission,
) -> Result<StatusAnswer, NotDone> {
    // 1 the certificate, and whose it is
    let record = own_certificate(authority, submission.ra.as_deref(), submission.serial).await?;
    let ca = authority.ca(&record.issuer).ok_or_else(|| {
        anyhow::anyhow!(
            "certificate {} has an issuer that is not configured",
            record.serial
        )
    })?;

    // A retry of a revocation that is in force hears who still lacks it.
    if let Some(sequence) = already_done(&record, &submission.request) {
        let others = finish_compromise(authority, &record, &submission).await?;
        let pending = wait_for_responders(authority, ca, sequence.max(others)).await?;
        return Ok(StatusAnswer {
            certificate: record,
            pending,
        });
    }

    // 2 evaluate
    let decided_at = authority.clock.now();
    let plan = evaluate(ca, &record, &submission, decided_at)?;

    // 3 record: in force with the commit, whether or not the client still listens
    let change = change(&submission, &record, &plan, decided_at);
    let work = record_change(
        Arc::clone(authority),
        change,
        plan.block_key.then_some(record.spki_hash),
    );
    let changed = authority.tracked("change of status", work).await?;
    metrics::counter!("ca_status_changes_total", "issuer" => record.issuer.to_string(), "ground" => plan.ground.clone()).increment(1);

    // 4 wait until no responder can answer otherwise
    let pending = wait_for_responders(authority, ca, changed.sequence).await?;
    let certificate = authority.store.certificate(record.serial).await?;
    let certificate =
        certificate.ok_or_else(|| anyhow::anyhow!("certificate {} is lost", record.serial))?;
    Ok(StatusAnswer {
        certificate,
        pending,
    })
}

/// A certificate that the RA may see: its own; an officer sees all.
///
/// # Errors
/// `certificate-not-found`, also for another RA's.
pub async fn own_certificate(
    authority: &Authority,
    ra: Option<&str>,
    serial: SerialNumber,
) -> Result<CertificateRecord, NotDone> {
    let record = authority.store.certificate(serial).await?;
    record
        .filter(|record| ra.is_none() || record.ra.as_deref() == ra)
        .ok_or_else(|| NotDone::Refused(Refusal::certificate_not_found()))
}

fn already_done(record: &CertificateRecord, request: &StatusRequest) -> Option<u64> {
    let revocation = record.revocation.as_ref()?;
    match request {
        StatusRequest::Revoke { ground, .. }
            if revocation.reason != RevocationReason::CertificateHold
                && revocation.ground == *ground =>
        {
            Some(revocation.sequence)
        }
        StatusRequest::Revoke { .. } | StatusRequest::Hold | StatusRequest::Release => None,
    }
}

fn evaluate(
    ca: &Ca,
    record: &CertificateRecord,
    submission: &StatusSubmission,
    now: Timestamp,
) -> Result<RevocationPlan, NotDone> {
    let status = match &record.revocation {
        None => CertificateStatus::Good,
        Some(held) if held.reason == RevocationReason::CertificateHold => CertificateStatus::Hold,
        Some(_) => CertificateStatus::Revoked,
    };
    let request = RevocationRequest {
        action: submission.request.action(),
        evidence: &submission.evidence,
        initiator: if submission.ra.is_some() {
            Initiator::Ra
        } else {
            Initiator::Officer
        },
    };
    let facts = RevocationFacts {
        profile: record.profile.clone(),
        status,
        not_before: record.not_before,
        not_after: record.not_after,
    };
    match ca.policy.load().evaluate_revocation(&request, &facts, now) {
        RevocationDecision::Permit(plan) => Ok(plan),
        RevocationDecision::Deny(violations) => Err(NotDone::Refused(violations.into())),
    }
}

fn change(
    submission: &StatusSubmission,
    record: &CertificateRecord,
    plan: &RevocationPlan,
    decided_at: Timestamp,
) -> Revocation {
    let (kind, change) = match submission.request {
        StatusRequest::Revoke { .. } => (
            EventKind::Revoked,
            StatusChange::Revoke {
                reason: plan.reason,
                invalidity_date: plan.invalidity_date,
            },
        ),
        StatusRequest::Hold => (EventKind::Held, StatusChange::Hold),
        StatusRequest::Release => (EventKind::Released, StatusChange::Release),
    };
    let event = AuditEvent::new(decided_at, kind, submission.actor.clone())
        .issuer(&record.issuer)
        .serial(record.serial)
        .request(submission.request_id)
        .with("ground", Detail::word(&plan.ground))
        .with("reason", Detail::word(plan.reason.as_str()));
    Revocation {
        serial: record.serial,
        change,
        ground: plan.ground.clone(),
        requested_at: submission.received_at,
        approved_at: decided_at,
        event,
    }
}

async fn record_change(
    authority: Arc<Authority>,
    revocation: Revocation,
    compromised: Option<SpkiHash>,
) -> Result<StatusChanged, NotDone> {
    if let Some(key) = compromised {
        block_key(&authority, key, &revocation).await?;
    }
    let changed = authority
        .store
        .record_revocation(revocation.clone())
        .await?;
    let changed = changed.map_err(not_changed)?;
    match compromised {
        Some(key) => revoke_key(&authority, key, &revocation, changed).await,
        None => Ok(changed),
    }
}

/// What a crash may have left undone of a compromise that is in force. Answers the sequence number
/// that followers must have to have all of it.
async fn finish_compromise(
    authority: &Authority,
    record: &CertificateRecord,
    submission: &StatusSubmission,
) -> Result<u64, NotDone> {
    let Some(done) = &record.revocation else {
        return Ok(0);
    };
    if done.reason != RevocationReason::KeyCompromise {
        return Ok(done.sequence);
    }
    let plan = RevocationPlan {
        reason: done.reason,
        ground: done.ground.clone(),
        invalidity_date: done.invalidity_date,
        block_key: true,
        approvals: 1,
    };
    let revocation = change(submission, record, &plan, authority.clock.now());
    let unchanged = StatusChanged {
        sequence: done.sequence,
        effective_at: done.effective_at,
    };
    block_key(authority, record.spki_hash, &revocation).await?;
    let last = revoke_key(authority, record.spki_hash, &revocation, unchanged).await?;
    // A first try that was cut off may have revoked others after this certificate.
    let key = &record.spki_hash;
    let recorded = authority.store.last_change_of_key(key).await?;
    Ok(last.sequence.max(recorded))
}

fn not_changed(refusal: RevocationRefusal) -> NotDone {
    let kind = match refusal {
        RevocationRefusal::NotFound => RefusalKind::NotFound,
        RevocationRefusal::NotIssued
        | RevocationRefusal::AlreadyRevoked
        | RevocationRefusal::AlreadyOnHold
        | RevocationRefusal::NotOnHold => RefusalKind::Conflict,
    };
    NotDone::Refused(Refusal::new(kind, refusal.code()).with_detail(refusal.to_string()))
}

/// Waits for the responders of an issuer within the policy's bound; answers those that are late.
async fn wait_for_responders(
    authority: &Authority,
    ca: &Ca,
    sequence: u64,
) -> Result<Vec<String>, NotDone> {
    let responders = authority.store.responders(ca.name()).await?;
    let bound = ca.policy.load().acknowledgement_bound();
    let bound = Duration::try_from(bound).unwrap_or(Duration::ZERO);
    let begun = Instant::now();
    let mut pending;
    loop {
        let left = bound.saturating_sub(begun.elapsed());
        let board = &authority.acknowledgements;
        pending = board.all(&responders, sequence, left.min(LOOK_EVERY)).await;
        if !pending.is_empty() {
            pending = authority.pending(&responders, sequence).await;
        }
        if pending.is_empty() || left.is_zero() {
            break;
        }
    }
    if !pending.is_empty() {
        tracing::warn!(
            sequence,
            pending = pending.join(" "),
            "responders have not confirmed a change of status"
        );
    }
    Ok(pending)
}
