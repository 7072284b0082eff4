//! CAs whose certificates are registered.

use async_trait::async_trait;
use audit::AuditEvent;
use feed::{Base64, Event, IssuerKind};
use pki::IssuerName;

use super::record::{IssuerRecord, RegistryRefusal};
use crate::{
    Store, StoreError,
    batch::Batch,
    engine::{Row, Statement, to_word},
    writer::Operation,
};

impl Store {
    /// Registers a CA's certificate, the one above it first; answers the feed's sequence number.
    /// Registering the same certificate again changes nothing.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn register_issuer(
        &self,
        issuer: IssuerRecord,
        event: AuditEvent,
    ) -> Result<Result<u64, RegistryRefusal>, StoreError> {
        self.writes().submit(RegisterIssuer { issuer, event }).await
    }

    /// Looks up an issuer.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn issuer(&self, name: &IssuerName) -> Result<Option<IssuerRecord>, StoreError> {
        let row = self.reads().first(issuer_by_name(name)).await?;
        row.as_ref().map(IssuerRecord::from_row).transpose()
    }

    /// All issuers, by name.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn issuers(&self) -> Result<Vec<IssuerRecord>, StoreError> {
        let query = Statement::new("SELECT * FROM issuers ORDER BY name");
        self.reads()
            .all(query)
            .await?
            .iter()
            .map(IssuerRecord::from_row)
            .collect()
    }
}

impl IssuerRecord {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            name: row.get("name")?,
            kind: row.word("kind")?,
            parent: row.optional("parent")?,
            certificate_der: row.get("certificate_der")?,
            spki_hash: row.get("spki_hash")?,
            not_after: row.get("not_after")?,
        })
    }

    async fn insert(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        let insert = Statement::new(
            "INSERT INTO issuers (name, kind, parent, certificate_der, spki_hash, not_after, \
             registered_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(&self.name)
        .bind(to_word(&self.kind)?)
        .bind(self.parent.as_ref())
        .bind(self.certificate_der.as_slice())
        .bind(self.spki_hash)
        .bind(self.not_after)
        .bind(batch.now());
        batch.execute(insert).await.map(drop)
    }
}

fn issuer_by_name(name: &IssuerName) -> Statement {
    Statement::new("SELECT * FROM issuers WHERE name = $1").bind(name)
}

/// Looks an issuer up inside the transaction.
pub(crate) async fn find_issuer(
    batch: &mut Batch<'_>,
    name: &IssuerName,
) -> Result<Option<IssuerRecord>, StoreError> {
    let row = batch.first(issuer_by_name(name)).await?;
    row.as_ref().map(IssuerRecord::from_row).transpose()
}

struct RegisterIssuer {
    issuer: IssuerRecord,
    event: AuditEvent,
}

#[async_trait]
impl Operation for RegisterIssuer {
    type Answer = Result<u64, RegistryRefusal>;

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Answer, StoreError> {
        let issuer = &self.issuer;
        match find_issuer(batch, &issuer.name).await? {
            Some(registered) if registered == *issuer => return Ok(Ok(batch.feed_head())),
            Some(_) => return Ok(Err(RegistryRefusal::IssuerTaken)),
            None => {}
        }
        if let Some(parent) = &issuer.parent
            && find_issuer(batch, parent).await?.is_none()
        {
            return Ok(Err(RegistryRefusal::IssuerNotFound));
        }
        issuer.insert(batch).await?;
        if issuer.kind != IssuerKind::Management {
            let event = Event::Issuer {
                issuer: issuer.name.clone(),
                certificate_der: Base64(issuer.certificate_der.clone()),
                kind: issuer.kind,
            };
            batch
                .announce_topic(format!("issuer:{}", issuer.name), &event)
                .await?;
        }
        batch.audit(self.event.clone())?;
        Ok(Ok(batch.feed_head()))
    }
}
