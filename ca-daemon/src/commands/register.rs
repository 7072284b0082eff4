//! `register`: CAs that are new in the configuration, and policies that changed on disk.

use std::path::Path;

use anyhow::anyhow;
use audit::{Actor, AuditEvent, Detail, EventKind};
use feed::IssuerKind as FeedKind;
use pki::{Certificate, IssuerName};
use policy::IssuerKind;
use store::IssuerRecord;

use super::{offline_authority, print};
use crate::authority::{Authority, Ca};
use crate::config::CaConfig;
use crate::{open, policies};

/// Runs the command.
///
/// # Errors
/// A CA is registered with another certificate, or something cannot be opened.
pub async fn register(config: &CaConfig) -> anyhow::Result<()> {
    let authority = offline_authority(config).await?;
    register_all(&authority, config).await?;
    authority.store.close().await;
    Ok(())
}

/// Registers what is not registered yet. Offline CAs come first: they are the parents.
///
/// # Errors
/// As [`register`].
pub async fn register_all(authority: &Authority, config: &CaConfig) -> anyhow::Result<()> {
    for (name, offline) in &config.offline_cas {
        register_offline(authority, name, &offline.certificate).await?;
    }
    for ca in authority.issuers.values() {
        register_ca(authority, ca, config).await?;
        activate_policy(authority, ca).await?;
    }
    Ok(())
}

async fn register_offline(
    authority: &Authority,
    name: &IssuerName,
    path: &Path,
) -> anyhow::Result<()> {
    let certificate = open::certificate(path)?;
    record(authority, name, FeedKind::Root, None, &certificate).await
}

async fn register_ca(authority: &Authority, ca: &Ca, config: &CaConfig) -> anyhow::Result<()> {
    let kind = match ca.policy.load().issuer_kind() {
        IssuerKind::Issuing => FeedKind::Issuing,
        IssuerKind::Management => FeedKind::Management,
    };
    let mut parent = None;
    for (name, offline) in &config.offline_cas {
        let above = open::certificate(&offline.certificate)?;
        if ca.issuer.certificate().verify_issued_by(&above).is_ok() {
            parent = Some(name.clone());
        }
    }
    record(authority, ca.name(), kind, parent, ca.issuer.certificate()).await
}

async fn record(
    authority: &Authority,
    name: &IssuerName,
    kind: FeedKind,
    parent: Option<IssuerName>,
    certificate: &Certificate,
) -> anyhow::Result<()> {
    if let Some(known) = authority.store.issuer(name).await?
        && known.certificate_der == certificate.der()
    {
        return Ok(());
    }
    let record = IssuerRecord {
        name: name.clone(),
        kind,
        parent,
        certificate_der: certificate.der().to_vec(),
        spki_hash: certificate.public_key().hash(),
        not_after: certificate.not_after(),
    };
    let event = AuditEvent::new(
        authority.clock.now(),
        EventKind::IssuerRegistered,
        Actor::Operator,
    )
    .issuer(name)
    .with(
        "fingerprint",
        Detail::word(certificate.fingerprint().to_string()),
    );
    authority
        .store
        .register_issuer(record, event)
        .await?
        .map_err(|refusal| anyhow!("{name}: {refusal}"))?;
    print(&format!(
        "registered {name} ({})",
        certificate.subject_display()
    ));
    Ok(())
}

async fn activate_policy(authority: &Authority, ca: &Ca) -> anyhow::Result<()> {
    let policy = ca.policy.load_full();
    let active = authority.store.policy_of(ca.name()).await?;
    if active.is_some_and(|active| active.digest == policy.digest()) {
        return Ok(());
    }
    let now = authority.clock.now();
    let (record, documents) = policies::records(ca.name(), &policy, now);
    let event = policies::activated(ca.name(), &policy, Actor::Operator, now);
    authority
        .store
        .activate_policy(record, documents, policies::terms(&policy), event)
        .await?
        .map_err(|refusal| anyhow!("policy of {}: {refusal}", ca.name()))?;
    print(&format!(
        "policy of {}: version {} in force",
        ca.name(),
        policy.version()
    ));
    Ok(())
}
