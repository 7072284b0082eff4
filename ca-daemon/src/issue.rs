//! Issuing: from a submission to a certificate, in the order that is the product.
//!
//! Step 1 (envelope, RA) is the work of `http::request`; steps 4 to 8 stand in [`certify`]; the
//! answer and its delivery (9, 10) are the work of `http::ra`.

mod certify;
mod facts;
mod recover;
mod submission;

use std::sync::Arc;

use anyhow::anyhow;
use audit::{Actor, AuditEvent, Detail, EventKind, Outcome};
use jiff::Timestamp;
use pki::{Certificate, CertificationRequest, PublicKey};
use policy::{CertificatePlan, Decision, IssuanceRequest, Policy};
use store::{CertificateRecord, HeldRequest, Peer};
use uuid::Uuid;

pub use certify::{Order, by_the_ca, certify};
pub use recover::{abandon_unfinished, lost_after, watch_for_unfinished};
pub use submission::{Content, Submission};

use crate::authority::{Authority, Ca};
use crate::certified;
use crate::http::problem::NotDone;
use crate::refusal::{Refusal, RefusalKind};
use crate::subject::Names;

/// What a submission came to.
#[derive(Debug)]
pub enum Issue {
    /// There is a certificate: this request's, or that of an earlier one with the same key.
    Done(Box<CertificateRecord>, Certificate),
    /// An earlier request with the same idempotency key is still running: its id.
    Running(Uuid),
}

/// Issues the certificate that `ra` asks for, or says why not; refusals are audited here.
///
/// # Errors
/// A refusal with every rule that is broken, or a failure of ours.
pub async fn issue(
    authority: &Arc<Authority>,
    ra: &Peer,
    submission: Submission,
) -> Result<Issue, NotDone> {
    let refused = AuditEvent::new(
        submission.received_at,
        EventKind::RequestRefused,
        Actor::Ra(ra.name.clone()),
    )
    .request(submission.request_id)
    .with("operation", Detail::word(submission.operation.as_str()));

    let outcome = attempt(authority, ra, submission).await;
    if let Err(NotDone::Refused(refusal)) = &outcome {
        let event = refused.outcome(Outcome::refused(refusal.codes()));
        authority.store.record_audit(vec![event]).await?;
    }
    outcome
}

async fn attempt(
    authority: &Arc<Authority>,
    ra: &Peer,
    submission: Submission,
) -> Result<Issue, NotDone> {
    let outcome = match decide(authority, ra, &submission).await {
        Ok(Decided::Heard(issue)) => return Ok(issue),
        Ok(Decided::Order(ca, order)) => {
            // 4 to 8: tracked, so that a client that hangs up does not stop them half way.
            let work = certify(Arc::clone(authority), ca, *order);
            authority.tracked("issue", work).await
        }
        Err(not_done) => Err(not_done),
    };
    match outcome {
        Ok(certified) => Ok(Issue::Done(
            Box::new(certified.record),
            certified.issued.certificate().clone(),
        )),
        // A retry hears what the first try heard, whatever speaks against it by now.
        Err(NotDone::Refused(refusal)) => match heard(authority, ra, &submission).await? {
            Some(issue) => Ok(issue),
            None => Err(NotDone::Refused(refusal)),
        },
        Err(failed) => Err(failed),
    }
}

/// What becomes of a submission.
enum Decided {
    /// An earlier one with the same idempotency key has its answer already.
    Heard(Issue),
    /// A certificate is to be made.
    Order(Arc<Ca>, Box<Order>),
}

async fn decide(
    authority: &Authority,
    ra: &Peer,
    submission: &Submission,
) -> Result<Decided, NotDone> {
    // 2 CSR
    let csr = submission.csr.as_deref().map(parse_csr).transpose()?;
    let predecessor = predecessor(authority, ra, submission).await?;
    let (ca, profile) = ca_and_profile(authority, submission, predecessor.as_ref())?;
    let public_key = key_to_certify(csr.as_ref(), predecessor.as_ref())?;

    // 3 evaluate
    let now = authority.clock.now();
    let policy = ca.policy.load_full();
    let known = facts::read(
        authority,
        &ca,
        ra,
        &facts::Asked {
            submission,
            public_key: &public_key,
            profile: &profile,
            predecessor: predecessor.as_ref(),
        },
    )
    .await?;
    // A request that failed is evaluated afresh, and goes on under the id that holds the key.
    let mut request_id = submission.request_id;
    if let Some(held) = known.held {
        if let Some(issue) = earlier(authority, submission, held).await? {
            return Ok(Decided::Heard(issue));
        }
        request_id = held.request_id;
    }
    let request = IssuanceRequest {
        operation: submission.operation,
        profile: &profile,
        issuer: ca.name(),
        csr: csr.as_ref(),
        public_key: &public_key,
        statement: &submission.statement,
        validity: submission.validity,
    };
    let names = || asked_names(submission, csr.as_ref(), predecessor.as_ref());
    let decided = evaluate(&policy, &request, known, names, now)?;
    let policy = policy.digest();
    let order = Order::for_ra(ra, submission, request_id, decided, public_key, policy);
    Ok(Decided::Order(ca, Box::new(order)))
}

/// Asks the policy; gives the plan and what names its subject.
///
/// Whether a key is certified for another subject is a question about the names in the certificate,
/// however the request spells them and whichever of them it repeats: the plan has them. Where the
/// policy denies, the names as asked tell.
fn evaluate(
    policy: &Policy,
    request: &IssuanceRequest<'_>,
    known: facts::Known,
    asked_names: impl FnOnce() -> Result<[u8; 32], NotDone>,
    now: Timestamp,
) -> Result<(CertificatePlan, [u8; 32]), NotDone> {
    let mut facts = known.facts;
    let is_other = |subject| known.certified_for.is_some_and(|known| known != subject);
    let denied = match policy.evaluate(request, &facts, now) {
        Decision::Permit(plan) => {
            let names = Names::of_certified(Some(&plan.subject), &plan.subject_alt_names);
            let subject = names.hash();
            if !is_other(subject) {
                return Ok((*plan, subject));
            }
            None
        }
        Decision::Deny(violations) if !is_other(asked_names()?) => Some(violations),
        Decision::Deny(_) => None,
    };
    if let Some(violations) = denied {
        return Err(NotDone::Refused(violations.into()));
    }
    facts.key.certified_for_other_subject = true;
    match policy.evaluate(request, &facts, now) {
        Decision::Deny(violations) => Err(NotDone::Refused(violations.into())),
        Decision::Permit(_) => Err(anyhow!("a key for another subject was permitted").into()),
    }
}

/// The answer that an earlier request with the same idempotency key has; a conflict if it came with
/// other content.
async fn heard(
    authority: &Authority,
    ra: &Peer,
    submission: &Submission,
) -> Result<Option<Issue>, NotDone> {
    let key = &submission.idempotency_key;
    match authority.store.held_request(&ra.name, key).await? {
        Some(held) => earlier(authority, submission, held).await,
        None => Ok(None),
    }
}

/// What the request that holds the key came to; nothing if it failed.
async fn earlier(
    authority: &Authority,
    submission: &Submission,
    held: HeldRequest,
) -> Result<Option<Issue>, NotDone> {
    if held.body_digest != submission.body_digest {
        return Err(NotDone::Refused(
            Refusal::new(RefusalKind::Conflict, "idempotency-conflict").with_detail(
                "this Idempotency-Key came with other content before; use a new key for a new request",
            ),
        ));
    }
    match held.state {
        api::RequestState::Issued => done(authority, held.request_id).await.map(Some),
        api::RequestState::Running => Ok(Some(Issue::Running(held.request_id))),
        api::RequestState::Failed => Ok(None),
    }
}

async fn done(authority: &Authority, request_id: Uuid) -> Result<Issue, NotDone> {
    let request = authority.store.request(request_id).await?;
    let request = request.ok_or_else(|| anyhow!("request {request_id} is not recorded"))?;
    let record = authority.store.certificate(request.serial).await?;
    let lost = || anyhow!("certificate {} is lost", request.serial);
    let record = record.ok_or_else(lost)?;
    let der = record.certificate_der.as_deref().ok_or_else(lost)?;
    let certificate = Certificate::parse(der)?;
    Ok(Issue::Done(Box::new(record), certificate))
}

fn parse_csr(text: &str) -> Result<CertificationRequest, NotDone> {
    CertificationRequest::parse_pem_or_der(text.as_bytes()).map_err(|error| {
        NotDone::Refused(
            Refusal::new(RefusalKind::Denied, error.code()).with_detail(format!("csr: {error}")),
        )
    })
}

/// The certificate to be renewed or replaced; it must be this RA's own.
async fn predecessor(
    authority: &Authority,
    ra: &Peer,
    submission: &Submission,
) -> Result<Option<CertificateRecord>, NotDone> {
    let Some(serial) = submission.predecessor else {
        return Ok(None);
    };
    let record = authority.store.certificate(serial).await?;
    record
        .filter(|record| record.ra.as_deref() == Some(&ra.name) && record.certificate_der.is_some())
        .map(Some)
        .ok_or_else(|| NotDone::Refused(Refusal::certificate_not_found()))
}

/// The CA and profile that serve a submission: those named, or those of the predecessor.
fn ca_and_profile(
    authority: &Authority,
    submission: &Submission,
    predecessor: Option<&CertificateRecord>,
) -> Result<(Arc<Ca>, String), NotDone> {
    let profile = match (&submission.profile, predecessor) {
        (Some(profile), _) => profile.clone(),
        (None, Some(predecessor)) => predecessor.profile.clone(),
        (None, None) => String::new(),
    };
    // A retired issuer's certificates are renewed and replaced by the CA that took its place.
    let ca = predecessor
        .and_then(|predecessor| authority.ca(&predecessor.issuer))
        .filter(|ca| !ca.is_retired())
        .map(Arc::clone)
        .or_else(|| authority.ca_for_profile(&profile));
    // The same answer for a profile that does not exist and for one that the RA may not use.
    let ca = ca.ok_or_else(|| {
        NotDone::Refused(
            Refusal::new(RefusalKind::Denied, "profile-not-allowed").with_detail(
                "there is no such profile, or this RA may not use it: see GET /v1/profiles",
            ),
        )
    })?;
    if ca.is_retired() {
        return Err(NotDone::Refused(
            Refusal::new(RefusalKind::Denied, "issuer-retired").with_detail(
                "the CA issues no more certificates, and no other serves this profile",
            ),
        ));
    }
    if ca.is_halted() {
        return Err(NotDone::Refused(Refusal::new(
            RefusalKind::Unavailable,
            "key-stopped",
        )));
    }
    Ok((ca, profile))
}

/// Names the subject as it is asked for: by the statement, the CSR, or on a renewal without both
/// the predecessor.
fn asked_names(
    submission: &Submission,
    csr: Option<&CertificationRequest>,
    predecessor: Option<&CertificateRecord>,
) -> Result<[u8; 32], NotDone> {
    let names = Names::of_request(&submission.statement, csr);
    let der = predecessor.and_then(|record| record.certificate_der.as_deref());
    match der.filter(|_| names.is_empty()) {
        None => Ok(names.hash()),
        Some(der) => {
            let certificate = Certificate::parse(der)?;
            let subject = certified::subject(&certificate)?;
            let alternative = certified::subject_alt_names(&certificate)?;
            Ok(Names::of_certified(Some(&subject), &alternative).hash())
        }
    }
}

/// The CSR's key; on a renewal without CSR the predecessor's.
fn key_to_certify(
    csr: Option<&CertificationRequest>,
    predecessor: Option<&CertificateRecord>,
) -> Result<PublicKey, NotDone> {
    if let Some(csr) = csr {
        return Ok(csr.public_key().clone());
    }
    let der = predecessor.and_then(|record| record.certificate_der.as_deref());
    let der =
        der.ok_or_else(|| NotDone::Refused(Refusal::new(RefusalKind::Malformed, "csr-missing")))?;
    Ok(Certificate::parse(der)?.public_key().clone())
}
