//! Serial numbers whose signing began and did not end: after a crash, or when a task was lost.
//!
//! They are never signed again (ECDSA would make a second certificate). Each counts as possibly
//! issued: it is revoked until its notAfter, and the RA's retry goes on with a new serial number.

use std::sync::Arc;
use std::time::Duration;

use audit::{Actor, AuditEvent, EventKind, Outcome};
use jiff::SignedDuration;
use store::{Abandonment, StoreError, Unfinished};

use crate::authority::Authority;

/// No call of a token lasts as long as this: what is older was lost.
const LOST_AFTER: SignedDuration = SignedDuration::from_mins(5);

/// How often to look for what was lost while running.
const LOOK_EVERY: Duration = Duration::from_mins(1);

/// How old a serial number must be at start for its signing to be lost: any age where no other
/// daemon can be at work on it.
pub fn lost_after(authority: &Authority) -> SignedDuration {
    if authority.store.is_exclusive() {
        SignedDuration::ZERO
    } else {
        LOST_AFTER
    }
}

/// Abandons every serial number whose signing began more than `age` ago and did not end; answers
/// how many.
///
/// # Errors
/// The database failed.
pub async fn abandon_unfinished(
    authority: &Authority,
    age: SignedDuration,
) -> Result<usize, StoreError> {
    let now = authority.clock.now();
    let before = now.saturating_sub(age).unwrap_or(now);
    let mut abandoned = 0;
    for unfinished in authority.store.unfinished().await? {
        if unfinished.certificate.recorded_at > before {
            continue;
        }
        let abandonment = abandonment(authority, &unfinished);
        if authority
            .store
            .record_abandoned(abandonment)
            .await?
            .is_some()
        {
            abandoned += 1;
            tracing::warn!(serial = %unfinished.certificate.serial, "serial number abandoned");
        }
    }
    Ok(abandoned)
}

/// Looks for lost serial numbers until the daemon stops.
///
/// # Errors
/// Never: a database that fails is asked again.
pub async fn watch_for_unfinished(authority: Arc<Authority>) {
    let stopping = authority.lifecycle.stopping();
    loop {
        tokio::select! {
            () = stopping.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        if let Err(error) = abandon_unfinished(&authority, LOST_AFTER).await {
            tracing::error!(error = %error, "cannot look for unfinished serial numbers");
        }
    }
}

fn abandonment(authority: &Authority, unfinished: &Unfinished) -> Abandonment {
    let certificate = &unfinished.certificate;
    let event = AuditEvent::new(authority.clock.now(), EventKind::Abandoned, Actor::Daemon)
        .issuer(&certificate.issuer)
        .serial(certificate.serial)
        .request(certificate.request_id)
        .outcome(Outcome::failed("signing-interrupted"));
    Abandonment {
        serial: certificate.serial,
        replacement: None,
        event,
    }
}
