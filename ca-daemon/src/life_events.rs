//! Start and stop in the audit log, and what a start finds: a crash, another program, another
//! configuration (BR 5.4.1 (3)).

use audit::{Actor, AuditEvent, Detail, EventKind};
use store::{AuditRecord, StoreError};

use crate::authority::Authority;

/// SHA-256 of the configuration file, hexadecimal.
const CONFIGURATION: &str = "configuration_sha256";
/// Version of the program.
const VERSION: &str = "version";

/// Records a start, and before it what is different from the start before.
///
/// # Errors
/// The database failed.
pub async fn record_start(
    authority: &Authority,
    configuration_sha256: &[u8; 32],
) -> Result<(), StoreError> {
    let store = &authority.store;
    let started = event(authority, EventKind::DaemonStarted).with(
        CONFIGURATION,
        Detail::word(hex::encode(configuration_sha256)),
    );
    let mut events = Vec::new();
    if let Some(before) = store.last_audit(EventKind::DaemonStarted).await? {
        let stopped = store.last_audit(EventKind::DaemonStopped).await?;
        // Several daemons may share another database, and each one's start would look like a crash.
        if store.is_exclusive() && !ended_in_order(&before, stopped.as_ref()) {
            events.push(event(authority, EventKind::CrashFound));
        }
        for (detail, kind) in [
            (VERSION, EventKind::SoftwareChanged),
            (CONFIGURATION, EventKind::ConfigurationChanged),
        ] {
            if before.event.details.get(detail) != started.details.get(detail) {
                let mut changed = event(authority, kind);
                changed.details.clone_from(&started.details);
                events.push(changed);
            }
        }
    }
    events.push(started);
    store.record_audit(events).await.map(drop)
}

/// Records an orderly stop.
///
/// # Errors
/// The database failed.
pub async fn record_stop(authority: &Authority) -> Result<(), StoreError> {
    let stopped = event(authority, EventKind::DaemonStopped);
    authority.store.record_audit(vec![stopped]).await.map(drop)
}

fn ended_in_order(started: &AuditRecord, stopped: Option<&AuditRecord>) -> bool {
    stopped.is_some_and(|stopped| stopped.sequence > started.sequence)
}

fn event(authority: &Authority, kind: EventKind) -> AuditEvent {
    AuditEvent::new(authority.clock.now(), kind, Actor::Daemon)
        .with(VERSION, Detail::word(env!("CARGO_PKG_VERSION")))
}
