//! CRLs: which lists a CA keeps, when one is due, and the steps that make it.

mod due;
mod lists;
mod make;

use std::sync::Arc;
use std::time::Duration;

use pki::CrlScope;

use self::lists::Lists;
use crate::authority::{Authority, Ca};
use crate::leadership;

pub use self::make::make;

/// How long to wait after a failure before the next attempt.
const RETRY_AFTER: Duration = Duration::from_secs(10);

/// Longest sleep: a change of status, an injected or a corrected clock is noticed within this time.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Which of a CA's lists somebody makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kinds {
    /// Every one.
    All,
    /// The complete list: one of a million entries takes seconds.
    Complete,
    /// Deltas and shards, which do not wait for it.
    Short,
}

impl Kinds {
    fn include(self, scope: CrlScope) -> bool {
        match self {
            Self::All => true,
            Self::Complete => scope == CrlScope::Full,
            Self::Short => scope != CrlScope::Full,
        }
    }
}

/// Makes lists of one CA, on schedule and soon after a change of status, until the daemon stops.
pub async fn schedule(authority: Arc<Authority>, ca: Arc<Ca>, kinds: Kinds) {
    let stopping = authority.lifecycle.stopping();
    let mut lists = None;
    loop {
        let pause = match turn(&authority, &ca, kinds, &mut lists).await {
            Ok(pause) => pause,
            Err(error) => {
                let error = format!("{error:#}");
                tracing::error!(issuer = %ca.name(), error, "cannot make the CRL");
                metrics::counter!("ca_crl_failures_total", "issuer" => ca.name().to_string())
                    .increment(1);
                lists = None;
                RETRY_AFTER
            }
        };
        tokio::select! {
            () = stopping.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// What is remembered of a CA's lists from one look to the next; nothing at first.
#[derive(Default)]
pub struct Memory(Option<Lists>);

/// Makes all lists of a CA that are due, and returns.
///
/// # Errors
/// Token or database; a list that was not made is still due.
pub async fn make_due(authority: &Authority, ca: &Ca, memory: &mut Memory) -> anyhow::Result<()> {
    while turn(authority, ca, Kinds::All, &mut memory.0).await? == Duration::ZERO {}
    Ok(())
}

/// Makes what is due. What another daemon made while it led is read anew.
async fn turn(
    authority: &Authority,
    ca: &Ca,
    kinds: Kinds,
    known: &mut Option<Lists>,
) -> anyhow::Result<Duration> {
    if !authority.leadership.holds().await {
        *known = None;
        return Ok(leadership::LOOK_EVERY);
    }
    if ca.has_ended() {
        return Ok(LOOK_EVERY);
    }
    let rules = *ca.policy.load().crl();
    let now = authority.clock.now();
    let mut lists = match known.take() {
        Some(lists) => lists,
        None => Lists::load(&authority.store, ca.name(), kinds).await?,
    };
    lists
        .look(&authority.store, &rules, ca.is_retired(), now)
        .await?;
    if lists.are_over() {
        ca.end();
        return Ok(LOOK_EVERY);
    }
    let (mut waits, mut is_news) = (false, false);
    for scope in lists.due(&rules, now) {
        match make(authority, ca, scope, lists.last(scope)).await? {
            Some(made) => {
                lists.made(&authority.store, made).await?;
                is_news = true;
            }
            None => waits = true,
        }
    }
    if is_news {
        authority.store.drop_superseded_octets(ca.name()).await?;
    }
    let next = lists.next_due(&rules);
    *known = Some(lists);
    if waits {
        return Ok(LOOK_EVERY);
    }
    let wait = next.duration_since(authority.clock.now());
    Ok(Duration::try_from(wait).map_or(Duration::ZERO, |wait| wait.min(LOOK_EVERY)))
}
