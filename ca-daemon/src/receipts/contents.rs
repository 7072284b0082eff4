//! What a receipt says, from the records.

use api::{AcknowledgedBy, CarriedBy, PublishedBy, RECEIPT_FORMAT, RevocationReceipt};
use jiff::Timestamp;
use pki::{CrlScope, Fingerprint};
use store::{CertificateRecord, FirstList, Reached};

use crate::authority::Authority;
use crate::http::problem::NotDone;
use crate::refusal::{Refusal, RefusalKind};

/// The receipt of a revocation as things are now; `signed_at` is left open.
///
/// # Errors
/// `certificate-not-revoked`, or a failure of the database.
pub(super) async fn of(
    authority: &Authority,
    record: &CertificateRecord,
) -> Result<RevocationReceipt, NotDone> {
    let revocation = record.revocation.as_ref().ok_or_else(|| {
        let refusal = Refusal::new(RefusalKind::Conflict, "certificate-not-revoked");
        NotDone::Refused(refusal.with_detail("the certificate is neither revoked nor on hold"))
    })?;
    let store = &authority.store;
    let issuer = store.issuer(&record.issuer).await?;
    let issuer = issuer.ok_or_else(|| anyhow::anyhow!("no issuer {}", record.issuer))?;
    let (responders, pending_responders) = acknowledged(
        store
            .responders_reached(&record.issuer, revocation.sequence)
            .await?,
    );
    let (crls, pending_crls) = lists(authority, record, revocation.sequence).await?;
    let complete = pending_responders.is_empty()
        && pending_crls.is_empty()
        && crls.iter().all(|crl| crl.pending_publishers.is_empty());
    Ok(RevocationReceipt {
        format: RECEIPT_FORMAT,
        signed_at: Timestamp::UNIX_EPOCH,
        issuer: record.issuer.clone(),
        issuer_certificate_sha256: Fingerprint::of(&issuer.certificate_der).to_string(),
        serial: record.serial,
        certificate_sha256: record
            .certificate_der
            .as_deref()
            .map(|der| Fingerprint::of(der).to_string()),
        state: record.state,
        request_id: revocation.request_id,
        ground: revocation.ground.clone(),
        reason: revocation.reason,
        invalidity_date: revocation.invalidity_date,
        requested_at: revocation.requested_at,
        approved_at: revocation.approved_at,
        effective_at: revocation.effective_at,
        sequence: revocation.sequence,
        complete,
        responders,
        pending_responders,
        crls,
        pending_crls,
    })
}

fn acknowledged(reached: Vec<Reached<Timestamp>>) -> (Vec<AcknowledgedBy>, Vec<String>) {
    let (mut done, mut pending) = (Vec::new(), Vec::new());
    for Reached { follower, first } in reached {
        match first {
            Some(acknowledged_at) => done.push(AcknowledgedBy {
                responder: follower,
                acknowledged_at,
            }),
            None => pending.push(follower),
        }
    }
    (done, pending)
}

/// The first list of each scope, and the scopes that have none yet. A delta is never waited for: a
/// complete list may come before it and leave it nothing to carry.
async fn lists(
    authority: &Authority,
    record: &CertificateRecord,
    sequence: u64,
) -> Result<(Vec<CarriedBy>, Vec<CrlScope>), NotDone> {
    let (mut crls, mut pending) = (Vec::new(), Vec::new());
    if record.issuer == authority.management {
        // Its certificates are known by their fingerprints; it has no CRL.
        return Ok((crls, pending));
    }
    let shard = record.shard.map(CrlScope::Shard);
    for scope in [CrlScope::Full, CrlScope::Delta].into_iter().chain(shard) {
        let first = authority
            .store
            .first_list_with(&record.issuer, scope, sequence);
        match first.await? {
            Some(list) => crls.push(carried(scope, list)),
            None if scope == CrlScope::Delta => {}
            None => pending.push(scope),
        }
    }
    Ok((crls, pending))
}

fn carried(scope: CrlScope, list: FirstList) -> CarriedBy {
    let (mut publishers, mut pending_publishers) = (Vec::new(), Vec::new());
    for Reached { follower, first } in list.publishers {
        match first {
            Some((number, published_at)) => publishers.push(PublishedBy {
                publisher: follower,
                number,
                published_at,
            }),
            None => pending_publishers.push(follower),
        }
    }
    CarriedBy {
        scope,
        number: list.number,
        this_update: list.this_update,
        publishers,
        pending_publishers,
    }
}
