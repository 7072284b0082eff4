//! `migrate`: create the database or bring its schema up to date.

use std::sync::Arc;

use audit::{Actor, AuditEvent, Detail, EventKind};
use pki::time::SharedClock;
use service::SystemClock;
use store::Store;

use super::{now, print};
use crate::config::CaConfig;

/// Runs the command.
///
/// # Errors
/// The database cannot be opened or migrated.
pub async fn migrate(config: &CaConfig) -> anyhow::Result<()> {
    let clock: SharedClock = Arc::new(SystemClock);
    let version = Store::migrate(&config.database, Arc::clone(&clock)).await?;
    let store = Store::connect(&config.database, clock).await?;
    let event = AuditEvent::new(now(), EventKind::SchemaMigrated, Actor::Operator)
        .with("version", Detail::word(version.to_string()));
    store.record_audit(vec![event]).await?;
    store.close().await;
    print(&format!("schema version {version}"));
    Ok(())
}
