//! Responders: their keys and their certificates.

use std::collections::BTreeMap;

use api::{PeerRole, PeerStatus};
use async_trait::async_trait;
use audit::AuditEvent;
use feed::{Base64, Event};

use super::{
    issuers::find_issuer,
    peers::find_peer,
    record::{RegistryRefusal, ResponderCertificate, ResponderKey},
};
use crate::{
    Store, StoreError,
    batch::Batch,
    engine::{Row, Statement, to_word},
    writer::Operation,
};

impl Store {
    /// Registers the key and the issuers of a responder, in place of what it had before.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn register_responder_key(
        &self,
        key: ResponderKey,
        event: AuditEvent,
    ) -> Result<Result<(), RegistryRefusal>, StoreError> {
        self.writes()
            .submit(RegisterResponderKey { key, event })
            .await
    }

    /// The keys of responders that are active, by name.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn responder_keys(&self) -> Result<Vec<ResponderKey>, StoreError> {
        let query = Statement::new(
            "SELECT k.follower, k.issuer, k.spki_der FROM responder_keys k \
             JOIN peers p ON p.name = k.follower WHERE p.status = $1 \
             ORDER BY k.follower, k.issuer",
        );
        let rows = self
            .reads()
            .all(query.bind(to_word(&PeerStatus::Active)?))
            .await?;
        let mut keys: BTreeMap<String, ResponderKey> = BTreeMap::new();
        for row in rows {
            let follower: String = row.get("follower")?;
            let spki_der = row.get("spki_der")?;
            let key = keys
                .entry(follower.clone())
                .or_insert_with(|| ResponderKey {
                    follower,
                    issuers: std::collections::BTreeSet::new(),
                    spki_der,
                });
            key.issuers.insert(row.get("issuer")?);
        }
        Ok(keys.into_values().collect())
    }

    /// Records a responder's certificate and puts it on the feed, in place of the one before;
    /// answers the feed's sequence number.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails or there is no such peer or issuer.
    pub async fn record_responder_certificate(
        &self,
        certificate: ResponderCertificate,
        event: AuditEvent,
    ) -> Result<u64, StoreError> {
        self.writes()
            .submit(RecordResponderCertificate { certificate, event })
            .await
    }

    /// The newest certificate of each responder and issuer.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn responder_certificates(&self) -> Result<Vec<ResponderCertificate>, StoreError> {
        let query =
            Statement::new("SELECT * FROM responder_certificates ORDER BY issuer, follower");
        self.reads()
            .all(query)
            .await?
            .iter()
            .map(ResponderCertificate::from_row)
            .collect()
    }
}

impl ResponderCertificate {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            issuer: row.get("issuer")?,
            follower: row.get("follower")?,
            serial: row.get("serial")?,
            not_after: row.get("not_after")?,
            certificate_der: row.get("certificate_der")?,
        })
    }
}

struct RegisterResponderKey {
    key: ResponderKey,
    event: AuditEvent,
}

#[async_trait]
impl Operation for RegisterResponderKey {
    type Answer = Result<(), RegistryRefusal>;

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Answer, StoreError> {
        let ResponderKey {
            follower,
            issuers,
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
        let delete = Statement::new("DELETE FROM responder_keys WHERE follower = $1");
        batch.execute(delete.bind(follower)).await?;
        for issuer in issuers {
            let insert = Statement::new(
                "INSERT INTO responder_keys (follower, issuer, spki_der, registered_at) \
                 VALUES ($1, $2, $3, $4)",
            );
            let insert = insert.bind(follower).bind(issuer).bind(spki_der.as_slice());
            batch.execute(insert.bind(batch.now())).await?;
        }
        batch.audit(self.event.clone())?;
        Ok(Ok(()))
    }
}

struct RecordResponderCertificate {
    certificate: ResponderCertificate,
    event: AuditEvent,
}

#[async_trait]
impl Operation for RecordResponderCertificate {
    type Answer = u64;

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<u64, StoreError> {
        let ResponderCertificate {
            issuer,
            follower,
            serial,
            not_after,
            certificate_der,
        } = &self.certificate;
        let upsert = Statement::new(
            "INSERT INTO responder_certificates \
             (issuer, follower, serial, not_after, certificate_der) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (issuer, follower) DO UPDATE SET serial = excluded.serial, \
             not_after = excluded.not_after, certificate_der = excluded.certificate_der",
        )
        .bind(issuer)
        .bind(follower)
        .bind(*serial)
        .bind(*not_after)
        .bind(certificate_der.as_slice());
        batch.execute(upsert).await?;
        let event = Event::ResponderCertificate {
            issuer: issuer.clone(),
            follower: follower.clone(),
            certificate_der: Base64(certificate_der.clone()),
        };
        batch
            .announce_topic(format!("responder:{issuer}:{follower}"), &event)
            .await?;
        batch.audit(self.event.clone())?;
        Ok(batch.feed_head())
    }
}
