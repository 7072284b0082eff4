//! `bootstrap`: once, offline, on an empty registry.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use api::{PeerRole, PeerStatus};
use audit::{Actor, AuditEvent, Detail, EventKind};
use clap::Args;
use pki::Certificate;
use store::Peer;
use uuid::Uuid;

use super::{explain, offline_authority, print, register};
use crate::authority::Authority;
use crate::config::CaConfig;
use crate::http::officer::peers::certificates::pin_of;
use crate::management::{Holder, certify_key};
use crate::receipts;

/// Arguments. Make the CSRs with `chancery key new` on the machines that keep the keys.
#[derive(Debug, Args)]
pub struct Bootstrap {
    /// Name of the first officer, kebab-case.
    #[arg(long, value_name = "NAME")]
    officer: String,
    /// The officer's CSR, PEM.
    #[arg(long, value_name = "FILE")]
    officer_csr: PathBuf,
    /// Where to write the officer's certificate.
    #[arg(long, value_name = "FILE")]
    officer_out: PathBuf,
    /// CSR of the TLS server key, with the DNS names and addresses to be certified, PEM.
    #[arg(long, value_name = "FILE")]
    server_csr: PathBuf,
    /// Where to write the server certificate with its chain.
    #[arg(long, value_name = "FILE")]
    server_out: PathBuf,
}

impl Bootstrap {
    /// Runs the command.
    ///
    /// # Errors
    /// The registry is not empty, a CSR is refused, or something cannot be opened.
    pub async fn run(self, config: &CaConfig) -> anyhow::Result<()> {
        let authority = offline_authority(config).await?;
        if !authority.store.peers(None).await?.is_empty() {
            bail!(
                "the registry has peers already: bootstrap runs once; `reset-officers` helps when no officer is left"
            );
        }
        check_writable(&[&self.officer_out, &self.server_out])?;
        register::register_all(&authority, config).await?;
        write_server_certificate(&authority, &self.server_csr, &self.server_out).await?;
        receipts::ensure_certified(&authority, new_request_id(&authority))
            .await
            .map_err(explain)
            .context("receipts")?;
        let officer = register_officer(&authority, &self.officer, &self.officer_csr).await?;
        write(&self.officer_out, &officer.to_pem())?;
        let event = AuditEvent::new(
            authority.clock.now(),
            EventKind::Bootstrapped,
            Actor::Operator,
        )
        .with("officer", Detail::word(&self.officer));
        authority.store.record_audit(vec![event]).await?;
        authority.store.close().await;
        print(&format!("officer {} registered", self.officer));
        Ok(())
    }
}

/// Certifies an officer's key and registers the officer.
///
/// # Errors
/// The CSR is refused or the name is taken.
pub async fn register_officer(
    authority: &Arc<Authority>,
    name: &str,
    csr: &Path,
) -> anyhow::Result<Certificate> {
    name.parse::<pki::IssuerName>()
        .map_err(|_| anyhow!("officer: 1 to 64 of a-z, 0-9 and -"))?;
    let holder = Holder::Peer {
        name: name.to_owned(),
        role: PeerRole::Officer,
    };
    let certificate = certify(authority, &holder, csr).await?;
    let now = authority.clock.now();
    let peer = Peer {
        name: name.to_owned(),
        role: PeerRole::Officer,
        status: PeerStatus::Active,
        valid_from: now,
        valid_to: None,
        agreement_ref: None,
        profiles: [].into(),
        subject_kinds: Vec::new(),
        daily_quota: None,
        max_validity_days: None,
    };
    let event = AuditEvent::new(now, EventKind::PeerRegistered, Actor::Operator)
        .with("peer", Detail::word(name))
        .with("role", "officer")
        .with(
            "fingerprint",
            Detail::word(certificate.fingerprint().to_string()),
        );
    let registered = authority
        .store
        .register_peer(peer, vec![pin_of(&certificate)], event)
        .await?;
    registered.map_err(|refusal| anyhow!("officer {name}: {refusal}"))?;
    Ok(certificate)
}

/// Certifies the TLS server key and writes certificate and chain.
///
/// # Errors
/// The CSR is refused or the file cannot be written.
pub async fn write_server_certificate(
    authority: &Arc<Authority>,
    csr: &Path,
    out: &Path,
) -> anyhow::Result<()> {
    let certificate = certify(authority, &Holder::Server, csr).await?;
    let management = authority
        .management_ca()
        .ok_or_else(|| anyhow!("no management CA"))?;
    let chain = std::iter::once(certificate.to_pem()).chain(management.chain_pem());
    write(out, &chain.collect::<String>())?;
    print(&format!("server certificate written to {}", out.display()));
    Ok(())
}

async fn certify(
    authority: &Arc<Authority>,
    holder: &Holder,
    csr: &Path,
) -> anyhow::Result<Certificate> {
    let text = std::fs::read_to_string(csr)
        .with_context(|| format!("{} cannot be read", csr.display()))?;
    let id = new_request_id(authority);
    let issued = certify_key(authority, id, Actor::Operator, holder, &text).await;
    let issued = issued
        .map_err(explain)
        .with_context(|| csr.display().to_string())?;
    Ok(issued.certificate().clone())
}

fn new_request_id(authority: &Authority) -> Uuid {
    let seconds = u64::try_from(authority.clock.now().as_second()).unwrap_or(0);
    Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds, 0))
}

/// Whether files can be written where they are to be, before anything is registered for good.
///
/// # Errors
/// The first directory that takes no file.
pub fn check_writable(paths: &[&Path]) -> anyhow::Result<()> {
    for path in paths {
        let probe = path.with_extension("probe");
        write(&probe, "")?;
        std::fs::remove_file(&probe)?;
    }
    Ok(())
}

/// Writes a file in whole or not at all.
///
/// # Errors
/// The file cannot be written.
pub fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    service::fs::write_atomic(path, text.as_bytes())
        .with_context(|| format!("{} cannot be written", path.display()))
}
