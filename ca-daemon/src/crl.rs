//! CRLs: when one is due, and the steps that make it.

use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use audit::{Actor, AuditEvent, Detail, EventKind, Outcome};
use issuance::{CrlEntry, PreparedCrl};
use jiff::{SignedDuration, Timestamp};
use pki::{CrlNumber, CrlScope};
use policy::CrlRules;
use store::{CrlRecord, RevokedSet};

use crate::authority::{Authority, Ca};
use crate::http::problem::NotDone;
use crate::leadership;

/// How long to wait after a failure before the next attempt.
const RETRY_AFTER: Duration = Duration::from_secs(10);

/// Longest sleep: an injected or corrected clock is noticed within this time.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Makes the lists of one CA, on schedule and soon after a change of status, until the daemon stops.
pub async fn schedule(authority: Arc<Authority>, ca: Arc<Ca>) {
    let stopping = authority.lifecycle.stopping();
    loop {
        let pause = match make_if_due(&authority, &ca).await {
            Ok(pause) => pause,
            Err(error) => {
                let error = format!("{error:#}");
                tracing::error!(issuer = %ca.name(), error, "cannot make the CRL");
                metrics::counter!("ca_crl_failures_total", "issuer" => ca.name().to_string())
                    .increment(1);
                RETRY_AFTER
            }
        };
        tokio::select! {
            () = stopping.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

async fn make_if_due(authority: &Authority, ca: &Ca) -> anyhow::Result<Duration> {
    let rules = *ca.policy.load().crl();
    let last = authority
        .store
        .latest_crl(ca.name(), CrlScope::Full)
        .await?;
    let changed = match &last {
        Some(last) => {
            authority
                .store
                .status_changed_after(ca.name(), last.as_of)
                .await?
        }
        None => None,
    };
    let due = due_at(last.as_ref(), changed, &rules);
    let now = authority.clock.now();
    if now < due {
        let wait = Duration::try_from(due.duration_since(now)).unwrap_or(LOOK_EVERY);
        return Ok(wait.min(LOOK_EVERY));
    }
    if !authority.leadership.holds().await {
        return Ok(leadership::LOOK_EVERY);
    }
    make(authority, ca, last.as_ref()).await?;
    Ok(Duration::ZERO)
}

/// The first list is due at once; later ones at the interval, soon after a change of status, and
/// in any case an overlap before the last one ends (C-31, C-39).
fn due_at(last: Option<&CrlRecord>, changed: Option<Timestamp>, rules: &CrlRules) -> Timestamp {
    let Some(last) = last else {
        return Timestamp::MIN;
    };
    let by_interval = later(last.this_update, rules.interval);
    let by_end = last.next_update.saturating_sub(rules.overlap);
    let scheduled = by_interval.min(by_end.unwrap_or(Timestamp::MIN));
    match changed {
        Some(changed) => scheduled.min(later(changed, rules.after_revocation)),
        None => scheduled,
    }
}

/// The operator `+` panics beyond the year 9999.
fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}

/// Makes, signs and records the complete list of a CA.
///
/// # Errors
/// Token, database or a signature that does not verify; a number that was taken is never used again.
pub async fn make(
    authority: &Authority,
    ca: &Ca,
    last: Option<&CrlRecord>,
) -> anyhow::Result<CrlNumber> {
    let rules = *ca.policy.load().crl();
    let now = authority.clock.now();
    if ca.is_halted() {
        return Err(anyhow!("the key of {} is stopped", ca.name()));
    }

    // 1 number, taken durably and for good; the row is locked by the write itself
    let event = |kind| AuditEvent::new(now, kind, Actor::Daemon).issuer(ca.name());
    let floor = last.map_or(CrlNumber::new(1), |last| last.number.next());
    let signing =
        event(EventKind::CrlSigning).with("scope", Detail::word(&CrlScope::Full.to_string()));
    let number = authority
        .store
        .reserve_crl_number(ca.name(), CrlScope::Full, floor, signing)
        .await?;

    // 2 entries as of one moment
    let RevokedSet { as_of, entries } = authority.store.revoked_set(ca.name()).await?;
    let entry_count = entries.len();

    // 3 prepare: thisUpdate never lies before that of the last list
    let this_update = last.map_or(now, |last| now.max(last.this_update));
    let next_update = later(this_update, rules.next_update);
    let entries = entries.into_iter().map(|entry| CrlEntry {
        serial: entry.serial,
        revoked_at: entry.revoked_at,
        reason: entry.reason,
        invalidity_date: entry.invalidity_date,
    });
    let prepared = PreparedCrl::new(&ca.issuer, number, this_update, next_update, entries, None)?;

    // 4 sign, 5 verify
    let (tbs_der, awaiting) = prepared.release();
    let signature = ca.key.sign(tbs_der).await?;
    let issued = match awaiting.complete(&signature) {
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
    let record = CrlRecord {
        issuer: ca.name().clone(),
        scope: CrlScope::Full,
        base: None,
        number,
        this_update: issued.this_update(),
        next_update: issued.next_update(),
        crl_der: issued.der().to_vec(),
        as_of,
    };
    let issued_event = event(EventKind::CrlIssued)
        .with("scope", Detail::word(&CrlScope::Full.to_string()))
        .with("number", number.get())
        .with("entries", u64::try_from(entry_count).unwrap_or(u64::MAX));
    authority
        .store
        .record_crl(record, issued_event)
        .await?
        .map_err(|refusal| anyhow!(refusal))?;
    tracing::info!(issuer = %ca.name(), %number, entries = entry_count, "CRL issued");
    metrics::counter!("ca_crls_issued_total", "issuer" => ca.name().to_string()).increment(1);
    Ok(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn rules() -> CrlRules {
        CrlRules {
            next_update: SignedDuration::from_hours(48),
            interval: SignedDuration::from_hours(12),
            after_revocation: SignedDuration::from_mins(5),
            overlap: SignedDuration::from_hours(6),
            shards: 0,
            delta: None,
        }
    }

    fn last() -> CrlRecord {
        CrlRecord {
            issuer: "esign-ca".parse().unwrap(),
            scope: CrlScope::Full,
            base: None,
            number: CrlNumber::new(4),
            this_update: at("2026-03-01T00:00:00Z"),
            next_update: at("2026-03-03T00:00:00Z"),
            crl_der: Vec::new(),
            as_of: 9,
        }
    }

    #[test]
    fn the_first_list_is_due_at_once() {
        assert_eq!(due_at(None, None, &rules()), Timestamp::MIN);
    }

    #[test]
    fn a_quiet_ca_makes_one_list_per_interval() {
        assert_eq!(
            due_at(Some(&last()), None, &rules()),
            at("2026-03-01T12:00:00Z")
        );
    }

    #[test]
    fn a_revocation_brings_the_next_list_forward() {
        let changed = Some(at("2026-03-01T02:00:00Z"));
        assert_eq!(
            due_at(Some(&last()), changed, &rules()),
            at("2026-03-01T02:05:00Z")
        );
    }

    #[test]
    fn the_overlap_wins_over_a_long_interval() {
        let rules = CrlRules {
            interval: SignedDuration::from_hours(47),
            ..rules()
        };
        assert_eq!(
            due_at(Some(&last()), None, &rules),
            at("2026-03-02T18:00:00Z")
        );
    }
}
