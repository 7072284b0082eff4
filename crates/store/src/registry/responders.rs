//! Responders: their keys and their certificates. A responder may hold several keys, such as one
//! of each algorithm, or an old and a new one while it changes from one to the other.

mod write;

use std::collections::{BTreeMap, BTreeSet};

use api::PeerStatus;
use audit::AuditEvent;
use pki::SpkiHash;

use self::write::{RecordResponderCertificate, RegisterResponderKey, RetireResponderKey};
use super::record::{RegistryRefusal, ResponderCertificate, ResponderKey};
use crate::{
    Store, StoreError,
    engine::{Row, Statement, to_word},
};

impl Store {
    /// Registers a key of a responder beside those it has. A key that it has already answers from
    /// now on for these issuers, in place of those before.
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

    /// Retires a key of a responder: it is certified no longer, and the feed says that it must not
    /// answer.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn retire_responder_key(
        &self,
        follower: &str,
        spki_hash: SpkiHash,
        event: AuditEvent,
    ) -> Result<Result<(), RegistryRefusal>, StoreError> {
        let retire = RetireResponderKey {
            follower: follower.to_owned(),
            spki_hash,
            event,
        };
        self.writes().submit(retire).await
    }

    /// The keys of responders that are active, by name and in the order of their registration.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn responder_keys(&self) -> Result<Vec<ResponderKey>, StoreError> {
        let query = Statement::new(
            "SELECT k.follower, k.issuer, k.spki_hash, k.spki_der, k.registered_at \
             FROM responder_keys k JOIN peers p ON p.name = k.follower WHERE p.status = $1",
        );
        let rows = self
            .reads()
            .all(query.bind(to_word(&PeerStatus::Active)?))
            .await?;
        let mut keys: BTreeMap<_, ResponderKey> = BTreeMap::new();
        for row in rows {
            let follower: String = row.get("follower")?;
            let registered_at: jiff::Timestamp = row.get("registered_at")?;
            let spki_hash: SpkiHash = row.get("spki_hash")?;
            let spki_der = row.get("spki_der")?;
            let key = keys
                .entry((follower.clone(), registered_at, spki_hash))
                .or_insert_with(|| ResponderKey {
                    follower,
                    issuers: BTreeSet::new(),
                    spki_hash,
                    spki_der,
                });
            key.issuers.insert(row.get("issuer")?);
        }
        Ok(keys.into_values().collect())
    }

    /// Records a certificate of a responder's key and puts it on the feed, in place of the one
    /// before, unless the key is not registered any more; answers the feed's sequence number.
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

    /// The newest certificate of each responder, key and issuer.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn responder_certificates(&self) -> Result<Vec<ResponderCertificate>, StoreError> {
        let query = Statement::new(
            "SELECT * FROM responder_certificates ORDER BY issuer, follower, spki_hash",
        );
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
            spki_hash: row.get("spki_hash")?,
            serial: row.get("serial")?,
            not_after: row.get("not_after")?,
            certificate_der: row.get("certificate_der")?,
        })
    }
}
