//! Refused access, audited once per source and minute with a count, so that nobody can force a
//! disk sync by knocking.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use audit::{Actor, AuditEvent, EventKind, Outcome};
use store::Peer;
use tokio::sync::Mutex;

use crate::app::App;
use crate::http::request::actor_of;

/// Sources that are told apart in a minute; the rest are counted together.
const MAX_SOURCES: usize = 1024;

const FLUSH_EVERY: Duration = Duration::from_mins(1);

type Key = (String, String);

/// Refusals since the last flush, by source and code. The first of a kind is recorded at once.
#[derive(Debug, Default)]
pub struct AccessRefusals {
    counts: Mutex<HashMap<Key, (Actor, u64)>>,
}

impl AccessRefusals {
    /// Notes a refusal of a known peer or of a stranger.
    pub async fn note(&self, app: &App, peer: Option<Peer>, source: Option<IpAddr>, code: &str) {
        let actor = match peer {
            Some(peer) => actor_of(&peer),
            None => Actor::Stranger {
                source: source.map_or_else(|| "unknown".to_owned(), |source| source.to_string()),
            },
        };
        let (actor, first) = self.count(actor, code).await;
        if first {
            record(app, actor, code, 1).await;
        }
    }

    async fn count(&self, actor: Actor, code: &str) -> (Actor, bool) {
        let mut counts = self.counts.lock().await;
        let key = (actor.to_string(), code.to_owned());
        let full = counts.len() >= MAX_SOURCES && !counts.contains_key(&key);
        let (key, actor) = if full {
            let others = Actor::Stranger {
                source: "others".to_owned(),
            };
            ((others.to_string(), code.to_owned()), others)
        } else {
            (key, actor)
        };
        let (_, count) = counts.entry(key).or_insert_with(|| (actor.clone(), 0));
        *count += 1;
        (actor, *count == 1)
    }

    /// Records how many more there were of each kind.
    pub async fn flush(&self, app: &App) {
        let counts = std::mem::take(&mut *self.counts.lock().await);
        for ((_, code), (actor, count)) in counts {
            if count > 1 {
                record(app, actor, &code, count - 1).await;
            }
        }
    }
}

/// Flushes until the daemon stops.
pub async fn flush_every_minute(app: Arc<App>) {
    let stopping = app.authority.lifecycle.stopping();
    loop {
        tokio::select! {
            () = stopping.cancelled() => return,
            () = tokio::time::sleep(FLUSH_EVERY) => {}
        }
        app.access_refusals.flush(&app).await;
    }
}

async fn record(app: &App, actor: Actor, code: &str, count: u64) {
    let event = AuditEvent::new(app.authority.clock.now(), EventKind::AccessRefused, actor)
        .outcome(Outcome::refused([code]))
        .with("count", count);
    if let Err(error) = app.authority.store.record_audit(vec![event]).await {
        tracing::error!(error = %error, "cannot record refused access");
    }
}
