//! Issuing: from a submission to a certificate, in the order that is the product.
//!
//! Step 1 (envelope, RA) is the work of `http::request`; steps 4 to 8 stand in [`certify`]; the
//! answer and its delivery (9, 10) are the work of `http::ra`.

mod certify;
mod facts;
mod recover;
mod submission;

use std::sync::Arc;

use audit::{Actor, AuditEvent, Detail, EventKind, Outcome};
use jiff::Timestamp;
use pki::{Certificate, CertificationRequest, PublicKey};
use policy::{CertificatePlan, Decision, IssuanceRequest, Policy};
use store::{CertificateRecord, Peer, RequestRecord};
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
    Done {
        /// The request.
        request: RequestRecord,
        /// The certificate.
        certificate: Box<CertificateRecord>,
    },
    /// An earlier request with the same idempotency key is still running.
    Running(RequestRecord),
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
    mut submission: Submission,
) -> Result<Issue, NotDone> {
    // A retry hears what the first try heard; where that one failed, it goes on under its id.
    match earlier(authority, ra, &submission).await? {
        Earlier::None => {}
        Earlier::Heard(issue) => return Ok(issue),
        Earlier::Failed(request_id) => submission.request_id = request_id,
    }

    // 2 CSR
    let csr = submission.csr.as_deref().map(parse_csr).transpose()?;
    let predecessor = predecessor(authority, ra, &submission).await?;
    let (ca, profile) = ca_and_profile(authority, &submission, predecessor.as_ref())?;
    let public_key = key_to_certify(csr.as_ref(), predecessor.as_ref())?;

    // 3 evaluate
    let now = authority.clock.now();
    let policy = ca.policy.load_full();
    let request = IssuanceRequest {
        operation: submission.operation,
        profile: &profile,
        issuer: ca.name(),
        csr: csr.as_ref(),
        public_key: &public_key,
        statement: &submission.statement,
        validity: submission.validity,
    };
    let asked = facts::Asked {
        submission: &submission,
        public_key: &public_key,
        profile: &profile,
        subject_hash: subject_hash(&submission, csr.as_ref(), predecessor.as_ref())?,
    };
    let decided = decide(authority, (&ca, &policy), ra, (&request, asked), now).await?;
    let (plan, subject_hash) = decided;

    // 4 to 8: tracked, so that a client that hangs up does not stop them half way.
    let order = Order::for_ra(
        ra,
        &submission,
        plan,
        public_key,
        policy.digest(),
        subject_hash,
    );
    let request_id = submission.request_id;
    let work = certify(Arc::clone(authority), ca, order);
    match authority.tracked("issue", work).await {
        Ok(_issued) => done(authority, request_id).await,
        Err(NotDone::Refused(refusal)) if refusal.code == "request-running" => {
            // The same key came in twice at once; the other one won.
            match earlier(authority, ra, &submission).await? {
                Earlier::Heard(issue) => Ok(issue),
                Earlier::None | Earlier::Failed(_) => Err(NotDone::Refused(refusal)),
            }
        }
        Err(not_done) => Err(not_done),
    }
}

/// Asks the policy; gives the plan and what names its subject.
///
/// Whether a key is certified for another subject is a question about the names in the certificate,
/// however the request spells them and whichever of them it repeats: so they are decided first.
async fn decide(
    authority: &Authority,
    (ca, policy): (&Ca, &Policy),
    ra: &Peer,
    (request, mut asked): (&IssuanceRequest<'_>, facts::Asked<'_>),
    now: Timestamp,
) -> Result<(CertificatePlan, [u8; 32]), NotDone> {
    let mut facts = facts::read(authority, ca, ra, &asked).await?;
    let as_asked = std::mem::take(&mut facts.key.certified_for_other_subject);
    if let Decision::Permit(plan) = policy.evaluate(request, &facts, now) {
        asked.subject_hash =
            Names::of_certified(Some(&plan.subject), &plan.subject_alt_names).hash();
        facts = facts::read(authority, ca, ra, &asked).await?;
    } else {
        facts.key.certified_for_other_subject = as_asked;
    }
    match policy.evaluate(request, &facts, now) {
        Decision::Permit(plan) => Ok((*plan, asked.subject_hash)),
        Decision::Deny(violations) => Err(NotDone::Refused(violations.into())),
    }
}

/// What an earlier request with the same idempotency key came to.
enum Earlier {
    /// There is none.
    None,
    /// It has an answer already.
    Heard(Issue),
    /// It failed: a retry is evaluated afresh and goes on under the id that holds the key.
    Failed(Uuid),
}

async fn earlier(
    authority: &Authority,
    ra: &Peer,
    submission: &Submission,
) -> Result<Earlier, NotDone> {
    let found = authority
        .store
        .request_by_idempotency(&ra.name, &submission.idempotency_key)
        .await?;
    let Some(request) = found else {
        return Ok(Earlier::None);
    };
    if request.body_digest != submission.body_digest {
        return Err(NotDone::Refused(
            Refusal::new(RefusalKind::Conflict, "idempotency-conflict").with_detail(
                "this Idempotency-Key came with other content before; use a new key for a new request",
            ),
        ));
    }
    match request.state {
        api::RequestState::Issued => done(authority, request.request_id)
            .await
            .map(Earlier::Heard),
        api::RequestState::Running => Ok(Earlier::Heard(Issue::Running(request))),
        api::RequestState::Failed => Ok(Earlier::Failed(request.request_id)),
    }
}

async fn done(authority: &Authority, request_id: Uuid) -> Result<Issue, NotDone> {
    let request = authority.store.request(request_id).await?;
    let request = request.ok_or_else(|| anyhow::anyhow!("request {request_id} is not recorded"))?;
    let certificate = authority.store.certificate(request.serial).await?;
    let certificate =
        certificate.ok_or_else(|| anyhow::anyhow!("certificate {} is lost", request.serial))?;
    Ok(Issue::Done {
        request,
        certificate: Box::new(certificate),
    })
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
fn subject_hash(
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
