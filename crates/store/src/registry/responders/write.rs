//! The changes: each with its feed entries and its audit event in one transaction.

use api::PeerRole;
use async_trait::async_trait;
use audit::AuditEvent;
use feed::{Base64, Event};
use jiff::Timestamp;
use pki::{IssuerName, SpkiHash};

use crate::{
    StoreError,
    batch::Batch,
    engine::Statement,
    registry::{
        issuers::find_issuer,
        peers::find_peer,
        record::{RegistryRefusal, ResponderCertificate, ResponderKey},
    },
    writer::Operation,
};

pub(super) struct RegisterResponderKey {
    pub(super) key: ResponderKey,
    pub(super) event: AuditEvent,
}

pub(super) struct RetireResponderKey {
    pub(super) follower: String,
    pub(super) spki_hash: SpkiHash,
    pub(super) event: AuditEvent,
}

pub(super) struct RecordResponderCertificate {
    pub(super) certificate: ResponderCertificate,
    pub(super) event: AuditEvent,
}

#[async_trait]
impl Operation for RegisterResponderKey {
    type Answer = Result<(), RegistryRefusal>;

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Answer, StoreError> {
        let ResponderKey {
            follower,
            issuers,
            spki_hash,
            spki_der,
        } = &self.key;
        match find_peer(batch, follower).await? {
            None => return Ok(Err(RegistryRefusal::PeerNotFound)),
            Some(peer) if peer.role != PeerRole::Responder => {
                return Ok(Err(RegistryRefusal::NotAResponder));
            }
            Some(_) => {}
        }
        for issuer in issuers {
            if find_issuer(batch, issuer).await?.is_none() {
                return Ok(Err(RegistryRefusal::IssuerNotFound));
            }
        }
        let before = issuers_of(batch, follower, *spki_hash).await?;
        for (issuer, _) in &before {
            if !issuers.contains(issuer) {
                withdraw(batch, issuer, follower, *spki_hash).await?;
            }
        }
        // The order of registration is that of the first time.
        let since = before.first().map_or(batch.now(), |(_, since)| *since);
        for issuer in issuers {
            let insert = Statement::new(
                "INSERT INTO responder_keys (follower, issuer, spki_hash, spki_der, registered_at) \
                 VALUES ($1, $2, $3, $4, $5) ON CONFLICT (follower, issuer, spki_hash) DO NOTHING",
            );
            let insert = insert.bind(follower).bind(issuer).bind(*spki_hash);
            batch
                .execute(insert.bind(spki_der.as_slice()).bind(since))
                .await?;
        }
        batch.audit(self.event.clone())?;
        Ok(Ok(()))
    }
}

#[async_trait]
impl Operation for RetireResponderKey {
    type Answer = Result<(), RegistryRefusal>;

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Answer, StoreError> {
        let issuers = issuers_of(batch, &self.follower, self.spki_hash).await?;
        if issuers.is_empty() {
            return Ok(Err(RegistryRefusal::ResponderKeyNotFound));
        }
        for (issuer, _) in &issuers {
            withdraw(batch, issuer, &self.follower, self.spki_hash).await?;
        }
        batch.audit(self.event.clone())?;
        Ok(Ok(()))
    }
}

#[async_trait]
impl Operation for RecordResponderCertificate {
    type Answer = u64;

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<u64, StoreError> {
        let ResponderCertificate {
            issuer,
            follower,
            spki_hash,
            serial,
            not_after,
            certificate_der,
        } = &self.certificate;
        // Retired while its certificate was made: then nobody may use that.
        let issuers = issuers_of(batch, follower, *spki_hash).await?;
        if issuers.iter().all(|(registered, _)| registered != issuer) {
            batch.audit(self.event.clone())?;
            return Ok(batch.feed_head());
        }
        let upsert = Statement::new(
            "INSERT INTO responder_certificates \
             (issuer, follower, spki_hash, serial, not_after, certificate_der) \
             VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (issuer, follower, spki_hash) DO UPDATE SET serial = excluded.serial, \
             not_after = excluded.not_after, certificate_der = excluded.certificate_der",
        )
        .bind(issuer)
        .bind(follower)
        .bind(*spki_hash)
        .bind(*serial)
        .bind(*not_after)
        .bind(certificate_der.as_slice());
        batch.execute(upsert).await?;
        let event = Event::ResponderCertificate {
            issuer: issuer.clone(),
            follower: follower.clone(),
            spki_hash: *spki_hash,
            certificate_der: Base64(certificate_der.clone()),
        };
        batch
            .announce_topic(topic(issuer, follower, *spki_hash), &event)
            .await?;
        batch.audit(self.event.clone())?;
        Ok(batch.feed_head())
    }
}

/// The issuers that a key is registered for, and since when.
async fn issuers_of(
    batch: &mut Batch<'_>,
    follower: &str,
    spki_hash: SpkiHash,
) -> Result<Vec<(IssuerName, Timestamp)>, StoreError> {
    let query = Statement::new(
        "SELECT issuer, registered_at FROM responder_keys \
         WHERE follower = $1 AND spki_hash = $2 ORDER BY issuer",
    );
    let rows = batch.all(query.bind(follower).bind(spki_hash)).await?;
    rows.iter()
        .map(|row| Ok((row.get("issuer")?, row.get("registered_at")?)))
        .collect()
}

/// Takes key and certificate for one issuer away, and says so on the feed.
async fn withdraw(
    batch: &mut Batch<'_>,
    issuer: &IssuerName,
    follower: &str,
    spki_hash: SpkiHash,
) -> Result<(), StoreError> {
    for delete in [
        "DELETE FROM responder_keys WHERE issuer = $1 AND follower = $2 AND spki_hash = $3",
        "DELETE FROM responder_certificates WHERE issuer = $1 AND follower = $2 AND spki_hash = $3",
    ] {
        let delete = Statement::new(delete).bind(issuer).bind(follower);
        batch.execute(delete.bind(spki_hash)).await?;
    }
    let event = Event::ResponderKeyRetired {
        issuer: issuer.clone(),
        follower: follower.to_owned(),
        spki_hash,
    };
    batch
        .announce_topic(topic(issuer, follower, spki_hash), &event)
        .await
        .map(drop)
}

/// Each key's last certificate is in the snapshot, or that it was retired.
fn topic(issuer: &IssuerName, follower: &str, spki_hash: SpkiHash) -> String {
    format!("responder:{issuer}:{follower}:{spki_hash}")
}
