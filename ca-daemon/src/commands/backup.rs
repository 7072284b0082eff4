//! `backup`: a consistent copy of an SQLite database. See docs/operations.md for the token beside it.

use std::path::PathBuf;
use std::sync::Arc;

use audit::{Actor, AuditEvent, EventKind};
use clap::Args;
use pki::time::SharedClock;
use service::SystemClock;
use store::Store;

use super::{now, print};
use crate::config::CaConfig;

/// Arguments.
#[derive(Debug, Args)]
pub struct Backup {
    /// File to write; must not exist.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl Backup {
    /// Runs the command.
    ///
    /// # Errors
    /// The file exists or cannot be written, or the database is PostgreSQL (use `pg_dump`).
    pub async fn run(self, config: &CaConfig) -> anyhow::Result<()> {
        let clock: SharedClock = Arc::new(SystemClock);
        let store = Store::connect(&config.database, clock).await?;
        let event = AuditEvent::new(now(), EventKind::BackupTaken, Actor::Operator);
        store.record_audit(vec![event]).await?;
        store.backup(&self.out).await?;
        store.close().await;
        print(&format!("written to {}", self.out.display()));
        Ok(())
    }
}
