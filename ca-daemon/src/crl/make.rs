//! The steps that make a list.

use anyhow::anyhow;
use audit::{Actor, AuditEvent, Detail, EventKind, Outcome};
use bytes::Bytes;
use issuance::{
    AwaitingCrl, CrlCoverage, CrlEntry, CrlError, CrlWriter, DistributionPoint, IssuedCrl,
    OnlyContains,
};
use pki::{CrlNumber, CrlScope};
use policy::Policy;
use store::{CrlRecord, CurrentCrl, Entries, Listed, RevokedEntry};

use super::due::{Times, later};
use crate::authority::{Authority, Ca};
use crate::http::problem::NotDone;

/// Makes, signs and records the list of a scope. `None` if there is none to make: a delta needs a
/// complete list that every publisher shows.
///
/// # Errors
/// Token, database or a signature that does not verify; a number that was taken is never used again.
pub async fn make(
    authority: &Authority,
    ca: &Ca,
    scope: CrlScope,
    last: Option<&CurrentCrl>,
) -> anyhow::Result<Option<CurrentCrl>> {
    let policy = ca.policy.load_full();
    let now = authority.clock.now();
    if ca.is_halted() {
        return Err(anyhow!("the key of {} is stopped", ca.name()));
    }
    let Some(times) = Times::of(scope, policy.crl()) else {
        return Ok(None);
    };
    let base = match scope {
        CrlScope::Full | CrlScope::Shard(_) => None,
        CrlScope::Delta => match authority.store.delta_base(ca.name()).await? {
            None => return Ok(None),
            base => base,
        },
    };

    // One after another up to the moment of the entries, so that a delta with a higher number than a
    // complete list lacks nothing that is on it.
    let turn = ca.numbering.lock().await;

    // 1 number, taken durably and for good; the row is locked by the write itself
    let event = |kind| {
        AuditEvent::new(now, kind, Actor::Daemon)
            .issuer(ca.name())
            .with("scope", Detail::word(scope.to_string()))
    };
    let floor = last.map_or(CrlNumber::new(1), |last| last.number.next());
    let number = authority
        .store
        .reserve_crl_number(ca.name(), scope, floor, event(EventKind::CrlSigning))
        .await?;

    // 2 entries as of one moment, 3 prepare: thisUpdate never lies before that of the last list
    let this_update = last.map_or(now, |last| now.max(last.this_update));
    let next_update = later(this_update, times.next_update);
    let coverage = Some(coverage(ca, &policy, scope, base.as_ref()));
    let mut writer = CrlWriter::new(&ca.issuer, number, this_update, next_update, coverage)?;
    writer.reserve(room(last));
    let listed = base
        .as_ref()
        .map_or(Listed::on(scope), |base| Listed::ChangedSince(base.as_of));
    let mut entries = authority.store.listed(ca.name(), listed).await?;
    let as_of = entries.as_of();
    drop(turn);
    let (writer, count) = fill(writer, &mut entries).await?;
    entries.end().await?;
    let (tbs_der, awaiting) = tokio::task::spawn_blocking(move || freeze(writer)).await??;

    // 4 sign, 5 verify
    let signature = ca.key.sign(tbs_der).await?;
    let completed = tokio::task::spawn_blocking(move || awaiting.complete(&signature)).await?;
    let issued = match completed {
        Ok(issued) => issued,
        Err(error) => {
            let stopped = event(EventKind::KeyStopped).outcome(Outcome::failed("bad-signature"));
            if let Err(NotDone::Failed(error)) = authority.halt(ca, stopped).await {
                return Err(error);
            }
            return Err(error.into());
        }
    };

    // 6 record: on the feed with the commit
    let made = CurrentCrl {
        issuer: ca.name().clone(),
        scope,
        number,
        base: base.map(|base| base.number),
        this_update: issued.this_update(),
        next_update: issued.next_update(),
        as_of,
        size: u64::try_from(issued.der().len())?,
        published_by: Vec::new(),
    };
    let issued_event = event(EventKind::CrlIssued)
        .with("number", number.get())
        .with("entries", count);
    authority
        .store
        .record_crl(record(&made, &issued), issued_event)
        .await?
        .map_err(|refusal| anyhow!(refusal))?;
    tracing::info!(issuer = %ca.name(), %scope, %number, entries = count, "CRL issued");
    metrics::counter!("ca_crls_issued_total", "issuer" => ca.name().to_string()).increment(1);
    Ok(Some(made))
}

/// Room for the entries of the last list and some more: a buffer of a million that grows is copied.
fn room(last: Option<&CurrentCrl>) -> usize {
    let size = last.map_or(0, |last| last.size + last.size / 16);
    usize::try_from(size).unwrap_or_default()
}

/// What the list says of its own extent (RFC 5280 sections 5.2.4 to 5.2.6).
fn coverage(ca: &Ca, policy: &Policy, scope: CrlScope, base: Option<&CurrentCrl>) -> CrlCoverage {
    let url = |scope| policy.crl_url(ca.name(), scope);
    let has_delta = scope == CrlScope::Full && policy.crl().delta.is_some();
    CrlCoverage {
        distribution_point: scope.shard().map(|_| DistributionPoint {
            uri: Some(url(scope)),
            only_contains: OnlyContains::UserCertificates,
        }),
        delta_base: base.map(|base| base.number),
        freshest_crl: has_delta.then(|| url(CrlScope::Delta)),
    }
}

/// Writes all entries; gives how many there were.
async fn fill(mut writer: CrlWriter, entries: &mut Entries) -> anyhow::Result<(CrlWriter, u64)> {
    let mut count = 0;
    let mut page = entries.next_page().await?;
    while !page.is_empty() {
        // The database reads the next page while this one is written.
        let written = async {
            count += u64::try_from(page.len())?;
            let mut page = page.drain(..);
            page.try_for_each(|entry| writer.push(&listed(entry)))?;
            anyhow::Ok(())
        };
        let (next, written) = tokio::join!(biased; entries.next_page(), written);
        written?;
        page = next?;
    }
    Ok((writer, count))
}

fn freeze(writer: CrlWriter) -> Result<(Bytes, AwaitingCrl), CrlError> {
    Ok(writer.finish()?.release())
}

fn listed(entry: RevokedEntry) -> CrlEntry {
    CrlEntry {
        serial: entry.serial,
        revoked_at: entry.revoked_at,
        reason: entry.reason,
        invalidity_date: entry.invalidity_date,
    }
}

fn record(made: &CurrentCrl, issued: &IssuedCrl) -> CrlRecord {
    CrlRecord {
        issuer: made.issuer.clone(),
        scope: made.scope,
        number: made.number,
        base: made.base,
        this_update: made.this_update,
        next_update: made.next_update,
        crl_der: issued.der().clone(),
        as_of: made.as_of,
    }
}
