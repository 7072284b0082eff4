//! Steps 4 to 8: prepare, record the intent, sign, verify, record the certificate.

use std::sync::Arc;

use anyhow::anyhow;
use audit::{Actor, AuditEvent, Detail, EventKind, Outcome};
use hsm::SignErrorKind;
use issuance::{IssuedCertificate, PrepareError, PreparedCertificate};
use jiff::Timestamp;
use pki::{PublicKey, SerialNumber};
use policy::CertificatePlan;
use store::{
    Abandonment, CertificateRecord, Intent, IntentRefusal, NewRequest, Peer, Quota, Replacement,
    StoreError,
};
use uuid::Uuid;

use super::{Submission, facts};
use crate::authority::{Authority, Ca};
use crate::http::problem::NotDone;
use crate::policies;
use crate::refusal::{Refusal, RefusalKind};
use crate::subject::binding_text;

/// How often a request is tried with a new serial number after the token failed.
const ATTEMPTS: u32 = 2;

/// A decided request: what is to be signed, and for whom.
#[derive(Debug)]
pub struct Order {
    /// Identity of the request.
    pub request: NewRequest,
    /// What the policy permitted.
    pub plan: CertificatePlan,
    /// The key to certify.
    pub public_key: PublicKey,
    /// SHA-256 that names the subject.
    pub subject_hash: [u8; 32],
    /// The RA's reference for the subscriber.
    pub subscriber_ref: Option<String>,
    /// What the certificate stands for one to one.
    pub binding: Option<String>,
    /// The certificate that is renewed or replaced.
    pub predecessor: Option<SerialNumber>,
    /// SHA-256 of the policy that decided.
    pub policy_digest: [u8; 32],
    /// What the RA sent, as JSON, for resuming after a crash: personal data.
    pub statement: Option<String>,
    /// The RA's quota.
    pub quota: Option<Quota>,
    /// Who asked.
    pub actor: Actor,
}

impl Order {
    /// The order of an RA's request that the policy permitted.
    pub fn for_ra(
        ra: &Peer,
        submission: &Submission,
        request_id: Uuid,
        (plan, subject_hash): (CertificatePlan, [u8; 32]),
        public_key: PublicKey,
        policy_digest: [u8; 32],
    ) -> Self {
        Self {
            request: NewRequest {
                request_id,
                ra: Some(ra.name.clone()),
                idempotency_key: Some(submission.idempotency_key.clone()),
                operation: submission.operation.as_str().to_owned(),
                body_digest: submission.body_digest,
                order_id: submission.order_id.clone(),
                received_at: submission.received_at,
            },
            plan,
            public_key,
            subject_hash,
            subscriber_ref: submission.statement.subscriber_ref.clone(),
            binding: binding_text(&submission.statement),
            predecessor: submission.predecessor,
            policy_digest,
            statement: serde_json::to_string(&submission.statement).ok(),
            quota: Some(Quota {
                day: facts::day(submission.received_at),
                limit: ra.daily_quota,
            }),
            actor: Actor::Ra(ra.name.clone()),
        }
    }

    fn event(
        &self,
        authority: &Authority,
        ca: &Ca,
        kind: EventKind,
        serial: SerialNumber,
    ) -> AuditEvent {
        AuditEvent::new(authority.clock.now(), kind, self.actor.clone())
            .issuer(ca.name())
            .serial(serial)
            .request(self.request.request_id)
            .with("profile", Detail::word(&self.plan.profile))
            .with("operation", Detail::word(self.request.operation.as_str()))
            .with("policy", Detail::word(hex::encode(self.policy_digest)))
    }
}

/// Identity of a request that nobody sent: for what the CA issues of its own accord, such as the
/// certificates of peers and responders.
pub fn by_the_ca(request_id: Uuid, operation: &'static str, now: Timestamp) -> NewRequest {
    NewRequest {
        request_id,
        ra: None,
        idempotency_key: None,
        operation: operation.to_owned(),
        body_digest: [0; 32],
        order_id: None,
        received_at: now,
    }
}

/// A certificate, and how it is recorded.
#[derive(Debug)]
pub struct Certified {
    /// The certificate.
    pub issued: IssuedCertificate,
    /// Its record.
    pub record: CertificateRecord,
}

/// Issues what was decided. The intent is durable before the token is touched, the certificate
/// before this returns. A serial number whose signing began and did not end is abandoned, and the
/// request goes on with a new one.
///
/// # Errors
/// A refusal that only the records could decide, or a failure of token or database.
pub async fn certify(
    authority: Arc<Authority>,
    ca: Arc<Ca>,
    order: Order,
) -> Result<Certified, NotDone> {
    // A serial number that meets a full queue is given up and stands on the CRL to its end.
    let Ok(_place) = ca.places.try_acquire() else {
        return Err(unavailable());
    };
    let mut given_up: Option<SerialNumber> = None;
    for attempt in 1..=ATTEMPTS {
        // 4 prepare: TBS built from the plan, linted, frozen
        let serial = authority.new_serial();
        let prepared = PreparedCertificate::new(&ca.issuer, serial, &order.public_key, &order.plan)
            .map_err(not_prepared)?;

        // 5 record the intent
        match given_up {
            None => record_intent(&authority, &ca, &order, &prepared).await?,
            Some(previous) => go_on(&authority, &ca, &order, previous, &prepared).await?,
        }

        // 6 sign: one call of the token, outside any transaction
        let (tbs_der, awaiting) = prepared.release();
        let signature = match ca.key.sign(tbs_der).await {
            Ok(signature) => signature,
            Err(error) => {
                tracing::warn!(%serial, attempt, error = %error, "the token did not sign");
                metrics::counter!("ca_sign_failures_total", "issuer" => ca.name().to_string())
                    .increment(1);
                given_up = Some(serial);
                if error.kind() == SignErrorKind::QueueFull {
                    break;
                }
                continue;
            }
        };

        // 7 verify what came back
        let issued = match awaiting.complete(&signature) {
            Ok(issued) => issued,
            Err(error) => {
                stop_key(&authority, &ca, &order, serial).await?;
                return Err(anyhow!(error)
                    .context(format!("key of {} is stopped", ca.name()))
                    .into());
            }
        };

        // 8 record the certificate
        let event = order.event(&authority, &ca, EventKind::Issued, serial);
        let record = match authority.store.record_issued(&issued, event).await {
            Ok(record) => record,
            Err(StoreError::IntentMismatch { .. }) => {
                return Err(discard(&authority, &ca, &order, serial).await);
            }
            Err(error) => return Err(error.into()),
        };
        metrics::counter!("ca_certificates_issued_total", "issuer" => ca.name().to_string(), "profile" => order.plan.profile.clone()).increment(1);
        return Ok(Certified { issued, record });
    }
    if let Some(serial) = given_up {
        abandon(&authority, &ca, &order, serial, "hsm-unavailable").await?;
    }
    Err(unavailable())
}

/// The token cannot sign now.
fn unavailable() -> NotDone {
    NotDone::Refused(Refusal::new(RefusalKind::Unavailable, "hsm-unavailable"))
}

async fn record_intent(
    authority: &Authority,
    ca: &Ca,
    order: &Order,
    prepared: &PreparedCertificate,
) -> Result<(), NotDone> {
    let intent = Intent {
        request: order.request.clone(),
        serial: prepared.serial(),
        issuer: ca.name().clone(),
        profile: order.plan.profile.clone(),
        not_before: order.plan.not_before,
        not_after: order.plan.not_after,
        shard: order.plan.shard(prepared.serial()),
        spki_hash: order.public_key.hash(),
        subject_hash: order.subject_hash,
        subscriber_ref: order.subscriber_ref.clone(),
        binding: order.binding.clone(),
        predecessor: order.predecessor,
        tbs_der: prepared.tbs_der().to_vec(),
        policy_digest: order.policy_digest,
        statement: order.statement.clone(),
        quota: order.quota,
        event: order.event(authority, ca, EventKind::Signing, prepared.serial()),
    };
    let recorded = authority.store.record_intent(intent).await?;
    if let Err(
        IntentRefusal::PolicyChanged | IntentRefusal::KeyStopped | IntentRefusal::IssuerRetired,
    ) = &recorded
    {
        // Another daemon's doing: the retry is evaluated with what holds now.
        policies::take_up(authority).await?;
    }
    recorded.map_err(|refusal| not_recorded(&refusal))
}

/// Abandons the serial number before and records the new one, in one transaction.
async fn go_on(
    authority: &Authority,
    ca: &Ca,
    order: &Order,
    previous: SerialNumber,
    prepared: &PreparedCertificate,
) -> Result<(), NotDone> {
    let replacement = Replacement {
        serial: prepared.serial(),
        not_before: order.plan.not_before,
        not_after: order.plan.not_after,
        shard: order.plan.shard(prepared.serial()),
        tbs_der: prepared.tbs_der().to_vec(),
        event: order.event(authority, ca, EventKind::Signing, prepared.serial()),
    };
    let event = order
        .event(authority, ca, EventKind::Abandoned, previous)
        .outcome(Outcome::failed("hsm-unavailable"));
    let abandonment = Abandonment {
        serial: previous,
        replacement: Some(replacement),
        event,
    };
    // Without the new intent nothing may be signed: somebody else gave the request up.
    match authority.store.record_abandoned(abandonment).await? {
        Some(_) => Ok(()),
        None => Err(interrupted()),
    }
}

/// A signature under a serial number that was given up meanwhile, by another daemon or because the
/// key turned out to be compromised: nobody ever sees it.
async fn discard(authority: &Authority, ca: &Ca, order: &Order, serial: SerialNumber) -> NotDone {
    tracing::warn!(issuer = %ca.name(), %serial, "a late signature is discarded");
    let event = order
        .event(authority, ca, EventKind::Abandoned, serial)
        .outcome(Outcome::failed("late-result-discarded"));
    match authority.store.record_audit(vec![event]).await {
        Ok(_) => interrupted(),
        Err(error) => error.into(),
    }
}

/// The request was given up while it was signed; a retry is evaluated afresh.
fn interrupted() -> NotDone {
    NotDone::Refused(Refusal::new(
        RefusalKind::Unavailable,
        "signing-interrupted",
    ))
}

async fn abandon(
    authority: &Authority,
    ca: &Ca,
    order: &Order,
    serial: SerialNumber,
    code: &'static str,
) -> Result<(), NotDone> {
    let event = order
        .event(authority, ca, EventKind::Abandoned, serial)
        .outcome(Outcome::failed(code));
    authority
        .store
        .record_abandoned(Abandonment {
            serial,
            replacement: None,
            event,
        })
        .await?;
    Ok(())
}

/// A signature that does not verify: the key signs no more, and the serial number counts as revoked.
async fn stop_key(
    authority: &Authority,
    ca: &Ca,
    order: &Order,
    serial: SerialNumber,
) -> Result<(), NotDone> {
    let event = order
        .event(authority, ca, EventKind::KeyStopped, serial)
        .outcome(Outcome::failed("bad-signature"));
    let halted = authority.halt(ca, event).await;
    tracing::error!(issuer = %ca.name(), %serial, "the token returned a signature that does not verify; its key is stopped");
    abandon(authority, ca, order, serial, "bad-signature").await?;
    halted
}

fn not_prepared(error: PrepareError) -> NotDone {
    let PrepareError::Lint { findings } = error else {
        return NotDone::Failed(error.into());
    };
    let violations = findings.0.into_iter().map(|finding| api::Violation {
        code: format!("lint-{}", finding.rule.replace('_', "-")),
        field: "certificate".to_owned(),
        citation: finding.citation.to_owned(),
        detail: finding.detail,
    });
    let refusal = Refusal::from(violations.collect::<Vec<_>>());
    NotDone::Refused(Refusal {
        code: "lint-findings".into(),
        ..refusal
    })
}

fn not_recorded(refusal: &IntentRefusal) -> NotDone {
    let kind = match refusal {
        IntentRefusal::IdempotencyTaken { .. } | IntentRefusal::SerialTaken => {
            RefusalKind::Conflict
        }
        IntentRefusal::PolicyChanged | IntentRefusal::KeyStopped => RefusalKind::Unavailable,
        IntentRefusal::IssuerRetired
        | IntentRefusal::KeyBlocked
        | IntentRefusal::KeyOfCa
        | IntentRefusal::KeyCertifiedForOtherSubject
        | IntentRefusal::BindingTaken
        | IntentRefusal::QuotaExceeded => RefusalKind::Denied,
    };
    NotDone::Refused(Refusal::new(kind, refusal.code()).with_detail(refusal.to_string()))
}
