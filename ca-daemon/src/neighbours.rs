//! What other daemons on the same database did: entries of the feed, acknowledgements, policies put in
//! force, keys halted. None of it is needed where an SQLite database has one owner.

use std::sync::Arc;
use std::time::Duration;

use crate::authority::Authority;
use crate::policies;

/// How soon an entry or an acknowledgement of another daemon is noticed: a revocation that crosses
/// daemons waits twice as long at most.
const HEAR_EVERY: Duration = Duration::from_millis(100);

/// How soon a policy or a halted key is noticed. Nothing wrong happens before: what an old policy
/// decided, or a halted key would sign, is refused by the transaction that records the intent.
const TAKE_UP_EVERY: Duration = Duration::from_secs(1);

/// Wakes followers and revocations that wait for what another daemon recorded, until the daemon
/// stops.
pub async fn hear(authority: Arc<Authority>) {
    let stopping = authority.lifecycle.stopping();
    while !stopping.is_cancelled() {
        if let Err(error) = hear_once(&authority).await {
            tracing::warn!(error = %error, "cannot look at what other daemons recorded");
        }
        tokio::select! {
            () = stopping.cancelled() => {}
            () = tokio::time::sleep(HEAR_EVERY) => {}
        }
    }
}

async fn hear_once(authority: &Authority) -> Result<(), store::StoreError> {
    authority.store.look_at_feed().await?;
    for entry in authority.store.acknowledgements().await? {
        authority
            .acknowledgements
            .advance(&entry.follower, entry.sequence);
    }
    Ok(())
}

/// Takes up policies and halted keys until the daemon stops.
pub async fn take_up(authority: Arc<Authority>) {
    let stopping = authority.lifecycle.stopping();
    while !stopping.is_cancelled() {
        if let Err(error) = policies::take_up(&authority).await {
            let error = format!("{error:#}");
            tracing::error!(error, "cannot take up what is in force");
        }
        tokio::select! {
            () = stopping.cancelled() => {}
            () = tokio::time::sleep(TAKE_UP_EVERY) => {}
        }
    }
}
