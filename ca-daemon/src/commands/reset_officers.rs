//! `reset-officers`: as offline and as loud as bootstrap.

use std::path::PathBuf;

use anyhow::anyhow;
use api::{PeerRole, PeerStatus};
use audit::{Actor, AuditEvent, Detail, EventKind};
use clap::Args;
use store::PeerChange;

use super::bootstrap::{check_writable, register_officer, write};
use super::{offline_authority, print};
use crate::config::CaConfig;
use crate::policies;

/// Arguments.
#[derive(Debug, Args)]
pub struct ResetOfficers {
    /// Name of the new officer; a name that was never used.
    #[arg(long, value_name = "NAME")]
    officer: String,
    /// The officer's CSR, PEM.
    #[arg(long, value_name = "FILE")]
    officer_csr: PathBuf,
    /// Where to write the officer's certificate.
    #[arg(long, value_name = "FILE")]
    officer_out: PathBuf,
}

impl ResetOfficers {
    /// Runs the command.
    ///
    /// # Errors
    /// The CSR is refused, the name is taken, or something cannot be opened.
    pub async fn run(self, config: &CaConfig) -> anyhow::Result<()> {
        let authority = offline_authority(config).await?;
        policies::take_up(&authority).await?;
        check_writable(&[&self.officer_out])?;
        // The new officer first: a failure half way must not leave the CA without any.
        let certificate = register_officer(&authority, &self.officer, &self.officer_csr).await?;
        write(&self.officer_out, &certificate.to_pem())?;
        let now = authority.clock.now();
        for peer in authority.store.peers(Some(PeerRole::Officer)).await? {
            if peer.name == self.officer || peer.status == PeerStatus::Retired {
                continue;
            }
            let event = AuditEvent::new(now, EventKind::PeerChanged, Actor::Operator)
                .with("peer", Detail::word(&peer.name))
                .with("status", "retired");
            let change = PeerChange {
                status: Some(PeerStatus::Retired),
                ..PeerChange::default()
            };
            let changed = authority
                .store
                .change_peer(&peer.name, change, event)
                .await?;
            changed.map_err(|refusal| anyhow!("officer {}: {refusal}", peer.name))?;
            print(&format!("officer {} retired", peer.name));
        }
        let event = AuditEvent::new(now, EventKind::OfficersReset, Actor::Operator)
            .with("officer", Detail::word(&self.officer));
        authority.store.record_audit(vec![event]).await?;
        authority.store.close().await;
        print(&format!("officer {} registered", self.officer));
        Ok(())
    }
}
