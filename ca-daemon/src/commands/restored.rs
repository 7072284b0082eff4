//! `restored`: a database that was put back from a backup is taken into use.

use std::sync::Arc;

use anyhow::bail;
use audit::{Actor, AuditEvent, Detail, EventKind};
use clap::Args;
use feed::Epoch;
use pki::time::SharedClock;
use service::SystemClock;
use store::Store;

use super::{now, print};
use crate::config::CaConfig;

/// Arguments.
#[derive(Debug, Args)]
pub struct Restored {
    /// By how much the CRL numbers go up, so that publishers take the next lists: more than the lists
    /// that were made after the backup, of the busiest CA.
    #[arg(long, value_name = "NUMBERS", default_value_t = 100_000)]
    crl_margin: u64,
}

impl Restored {
    /// Runs the command.
    ///
    /// # Errors
    /// A daemon runs on the database, or the database failed.
    pub async fn run(self, config: &CaConfig) -> anyhow::Result<()> {
        let clock: SharedClock = Arc::new(SystemClock);
        let store = Store::connect(&config.database, clock).await?;
        // Whoever leads would go on with acknowledgements that count for nothing from now on.
        let lead = store.leader_lock();
        if !lead.hold().await? {
            bail!("a ca-daemon runs on this database: stop it first, and all others");
        }
        let before = store.feed_position().await?;
        let epoch = Epoch::from_bytes(rand::random());
        let event = AuditEvent::new(now(), EventKind::DatabaseRestored, Actor::Operator)
            .with("epoch", Detail::word(epoch.as_str()))
            .with("crl_margin", self.crl_margin);
        store
            .begin_epoch(epoch.clone(), self.crl_margin, event)
            .await?;
        lead.release().await;
        store.close().await;
        let before = before.map_or_else(
            || "none, it is a copy".to_owned(),
            |before| before.epoch.to_string(),
        );
        print(&format!("epoch of the feed: {epoch} (before: {before})"));
        print(&format!("CRL numbers: {} ahead", self.crl_margin));
        print("followers start over with the next answer");
        Ok(())
    }
}
