//! Who may talk to ca-daemon.

use api::{PeerRole, PeerStatus};
use async_trait::async_trait;
use audit::AuditEvent;
use pki::Fingerprint;

use super::{
    known_peers::Remembered,
    record::{Peer, PeerChange, PinnedCertificate, RegistryRefusal},
};
use crate::{
    Store, StoreError,
    batch::Batch,
    engine::{Row, Statement, to_json, to_word},
    writer::Operation,
};

impl Store {
    /// Registers a peer with the certificates by which it is known.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn register_peer(
        &self,
        peer: Peer,
        pins: Vec<PinnedCertificate>,
        event: AuditEvent,
    ) -> Result<Result<(), RegistryRefusal>, StoreError> {
        self.writes()
            .submit(RegisterPeer { peer, pins, event })
            .await
    }

    /// Changes a peer; answers it as it is now.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn change_peer(
        &self,
        name: &str,
        change: PeerChange,
        event: AuditEvent,
    ) -> Result<Result<Peer, RegistryRefusal>, StoreError> {
        self.writes()
            .submit(ChangePeer {
                name: name.to_owned(),
                change,
                event,
            })
            .await
    }

    /// Pins a certificate for a peer, beside those it has.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn add_fingerprint(
        &self,
        peer: &str,
        pin: PinnedCertificate,
        event: AuditEvent,
    ) -> Result<Result<(), RegistryRefusal>, StoreError> {
        self.writes()
            .submit(AddFingerprint {
                peer: peer.to_owned(),
                pin,
                event,
            })
            .await
    }

    /// Unpins a certificate for ever.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn retire_fingerprint(
        &self,
        peer: &str,
        fingerprint: Fingerprint,
        event: AuditEvent,
    ) -> Result<Result<(), RegistryRefusal>, StoreError> {
        self.writes()
            .submit(RetireFingerprint {
                peer: peer.to_owned(),
                fingerprint,
                event,
            })
            .await
    }

    /// Looks up a peer.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn peer(&self, name: &str) -> Result<Option<Peer>, StoreError> {
        let row = self.reads().first(peer_by_name(name)).await?;
        row.as_ref().map(Peer::from_row).transpose()
    }

    /// Looks up a peer by a certificate that is or was pinned for it.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn peer_by_fingerprint(
        &self,
        fingerprint: &Fingerprint,
    ) -> Result<Option<(Peer, PinnedCertificate)>, StoreError> {
        let changes = match self.known_peers().recall(fingerprint) {
            Remembered::Known(known) => return Ok(Some(*known)),
            Remembered::Unknown(changes) => changes,
        };
        let query = Statement::new(
            "SELECT p.*, c.fingerprint, c.not_after, c.retired_at FROM peer_certificates c \
             JOIN peers p ON p.name = c.peer WHERE c.fingerprint = $1",
        );
        let Some(row) = self.reads().first(query.bind(*fingerprint)).await? else {
            return Ok(None);
        };
        let found = (Peer::from_row(&row)?, PinnedCertificate::from_row(&row)?);
        self.known_peers().remember(changes, *fingerprint, &found);
        Ok(Some(found))
    }

    /// All peers, or those of one role, by name.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn peers(&self, role: Option<PeerRole>) -> Result<Vec<Peer>, StoreError> {
        let query = match role {
            None => Statement::new("SELECT * FROM peers ORDER BY name"),
            Some(role) => Statement::new("SELECT * FROM peers WHERE role = $1 ORDER BY name")
                .bind(to_word(&role)?),
        };
        self.reads()
            .all(query)
            .await?
            .iter()
            .map(Peer::from_row)
            .collect()
    }

    /// The certificates that are or were pinned for a peer, newest end first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn pins(&self, peer: &str) -> Result<Vec<PinnedCertificate>, StoreError> {
        let query = Statement::new(
            "SELECT fingerprint, not_after, retired_at FROM peer_certificates WHERE peer = $1 \
             ORDER BY not_after DESC, fingerprint",
        );
        let rows = self.reads().all(query.bind(peer)).await?;
        rows.iter().map(PinnedCertificate::from_row).collect()
    }
}

impl Peer {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            name: row.get("name")?,
            role: row.word("role")?,
            status: row.word("status")?,
            valid_from: row.get("valid_from")?,
            valid_to: row.optional("valid_to")?,
            agreement_ref: row.optional("agreement_ref")?,
            profiles: row.json("profiles")?,
            subject_kinds: row.json("subject_kinds")?,
            daily_quota: row.optional("daily_quota")?,
            max_validity_days: row.optional("max_validity_days")?,
        })
    }

    fn with(self, change: &PeerChange) -> Self {
        let change = change.clone();
        Self {
            status: change.status.unwrap_or(self.status),
            valid_to: change.valid_to.or(self.valid_to),
            profiles: change.profiles.unwrap_or(self.profiles),
            subject_kinds: change.subject_kinds.unwrap_or(self.subject_kinds),
            daily_quota: change.daily_quota.or(self.daily_quota),
            max_validity_days: change.max_validity_days.or(self.max_validity_days),
            ..self
        }
    }

    /// Writes the columns that can change, and on registration all others with them.
    async fn save(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        let upsert = Statement::new(
            "INSERT INTO peers (name, role, status, valid_from, valid_to, agreement_ref, \
             profiles, subject_kinds, daily_quota, max_validity_days, registered_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
             ON CONFLICT (name) DO UPDATE SET status = excluded.status, \
             valid_to = excluded.valid_to, profiles = excluded.profiles, \
             subject_kinds = excluded.subject_kinds, daily_quota = excluded.daily_quota, \
             max_validity_days = excluded.max_validity_days",
        )
        .bind(&self.name)
        .bind(to_word(&self.role)?)
        .bind(to_word(&self.status)?)
        .bind(self.valid_from)
        .bind(self.valid_to)
        .bind(self.agreement_ref.as_deref())
        .bind(to_json(&self.profiles)?)
        .bind(to_json(&self.subject_kinds)?)
        .bind(self.daily_quota)
        .bind(self.max_validity_days)
        .bind(batch.now());
        batch.execute(upsert).await.map(drop)
    }
}

fn peer_by_name(name: &str) -> Statement {
    Statement::new("SELECT * FROM peers WHERE name = $1").bind(name)
}

/// Looks a peer up inside the transaction.
pub(super) async fn find_peer(
    batch: &mut Batch<'_>,
    name: &str,
) -> Result<Option<Peer>, StoreError> {
    let row = batch.first(peer_by_name(name)).await?;
    row.as_ref().map(Peer::from_row).transpose()
}

impl PinnedCertificate {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            fingerprint: row.get("fingerprint")?,
            not_after: row.get("not_after")?,
            retired_at: row.optional("retired_at")?,
        })
    }

    async fn owner(&self, batch: &mut Batch<'_>) -> Result<Option<String>, StoreError> {
        pin_of(batch, self.fingerprint)
            .await
            .map(|pin| pin.map(|(peer, _)| peer))
    }

    async fn insert(&self, batch: &mut Batch<'_>, peer: &str) -> Result<(), StoreError> {
        let insert = Statement::new(
            "INSERT INTO peer_certificates (fingerprint, peer, not_after, added_at, retired_at) \
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(self.fingerprint)
        .bind(peer)
        .bind(self.not_after)
        .bind(batch.now())
        .bind(self.retired_at);
        batch.execute(insert).await.map(drop)
    }
}

/// The peer for which a certificate is or was pinned, and whether it still is.
async fn pin_of(
    batch: &mut Batch<'_>,
    fingerprint: Fingerprint,
) -> Result<Option<(String, bool)>, StoreError> {
    let query =
        Statement::new("SELECT peer, retired_at FROM peer_certificates WHERE fingerprint = $1");
    let row = batch.first(query.bind(fingerprint)).await?;
    row.map(|row| {
        let retired_at: Option<jiff::Timestamp> = row.optional("retired_at")?;
        Ok((row.get("peer")?, retired_at.is_none()))
    })
    .transpose()
}

struct RegisterPeer {
    peer: Peer,
    pins: Vec<PinnedCertificate>,
    event: AuditEvent,
}

#[async_trait]
impl Operation for RegisterPeer {
    type Answer = Result<(), RegistryRefusal>;
    const CHANGES_PEERS: bool = true;

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Answer, StoreError> {
        if find_peer(batch, &self.peer.name).await?.is_some() {
            return Ok(Err(RegistryRefusal::NameTaken));
        }
        for pin in &self.pins {
            if pin.owner(batch).await?.is_some() {
                return Ok(Err(RegistryRefusal::FingerprintTaken));
            }
        }
        self.peer.save(batch).await?;
        for pin in &self.pins {
            pin.insert(batch, &self.peer.name).await?;
        }
        batch.audit(self.event.clone())?;
        Ok(Ok(()))
    }
}

struct ChangePeer {
    name: String,
    change: PeerChange,
    event: AuditEvent,
}

#[async_trait]
impl Operation for ChangePeer {
    type Answer = Result<Peer, RegistryRefusal>;
    const CHANGES_PEERS: bool = true;

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Answer, StoreError> {
        let peer = match find_peer(batch, &self.name).await? {
            None => return Ok(Err(RegistryRefusal::PeerNotFound)),
            Some(peer) if peer.status == PeerStatus::Retired => {
                return Ok(Err(RegistryRefusal::PeerRetired));
            }
            Some(peer) => peer.with(&self.change),
        };
        peer.save(batch).await?;
        batch.audit(self.event.clone())?;
        Ok(Ok(peer))
    }
}

struct AddFingerprint {
    peer: String,
    pin: PinnedCertificate,
    event: AuditEvent,
}

#[async_trait]
impl Operation for AddFingerprint {
    type Answer = Result<(), RegistryRefusal>;
    const CHANGES_PEERS: bool = true;

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Answer, StoreError> {
        match find_peer(batch, &self.peer).await? {
            None => return Ok(Err(RegistryRefusal::PeerNotFound)),
            Some(peer) if peer.status == PeerStatus::Retired => {
                return Ok(Err(RegistryRefusal::PeerRetired));
            }
            Some(_) => {}
        }
        if self.pin.owner(batch).await?.is_some() {
            return Ok(Err(RegistryRefusal::FingerprintTaken));
        }
        self.pin.insert(batch, &self.peer).await?;
        batch.audit(self.event.clone())?;
        Ok(Ok(()))
    }
}

struct RetireFingerprint {
    peer: String,
    fingerprint: Fingerprint,
    event: AuditEvent,
}

#[async_trait]
impl Operation for RetireFingerprint {
    type Answer = Result<(), RegistryRefusal>;
    const CHANGES_PEERS: bool = true;

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Answer, StoreError> {
        match pin_of(batch, self.fingerprint).await? {
            Some((peer, true)) if peer == self.peer => {}
            _ => return Ok(Err(RegistryRefusal::FingerprintNotFound)),
        }
        let update =
            Statement::new("UPDATE peer_certificates SET retired_at = $1 WHERE fingerprint = $2");
        batch
            .execute(update.bind(batch.now()).bind(self.fingerprint))
            .await?;
        batch.audit(self.event.clone())?;
        Ok(Ok(()))
    }
}
