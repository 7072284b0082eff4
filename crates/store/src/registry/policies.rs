//! Policies in force, and the documents that are published with them.

use async_trait::async_trait;
use audit::AuditEvent;
use feed::{Base64, Event, IssuerKind, Terms};
use pki::IssuerName;

use super::{
    issuers::find_issuer,
    record::{DocumentRecord, PolicyRecord, RegistryRefusal},
    retirement::announce_terms,
};
use crate::{
    Store, StoreError,
    batch::Batch,
    engine::{Row, Statement},
    writer::Operation,
};

impl Store {
    /// Puts a policy in force for its issuer, in place of the one before, and its documents and what
    /// it promises relying parties on the feed; answers the feed's sequence number.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn activate_policy(
        &self,
        policy: PolicyRecord,
        documents: Vec<DocumentRecord>,
        terms: Terms,
        event: AuditEvent,
    ) -> Result<Result<u64, RegistryRefusal>, StoreError> {
        self.writes()
            .submit(ActivatePolicy {
                policy,
                documents,
                terms,
                event,
            })
            .await
    }

    /// The policy in force for an issuer.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn policy_of(&self, issuer: &IssuerName) -> Result<Option<PolicyRecord>, StoreError> {
        let query = Statement::new(
            "SELECT p.* FROM issuers i JOIN policies p \
             ON p.issuer = i.name AND p.digest = i.policy_digest WHERE i.name = $1",
        );
        let row = self.reads().first(query.bind(issuer)).await?;
        row.as_ref().map(PolicyRecord::from_row).transpose()
    }

    /// Whether a policy is or was in force for an issuer.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn was_in_force(
        &self,
        issuer: &IssuerName,
        digest: &[u8; 32],
    ) -> Result<bool, StoreError> {
        let query = Statement::new("SELECT digest FROM policies WHERE issuer = $1 AND digest = $2");
        let row = self.reads().first(query.bind(issuer).bind(*digest)).await?;
        Ok(row.is_some())
    }

    /// A policy that is or was in force, by the digest that certificates carry.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn policy_by_digest(
        &self,
        digest: &[u8; 32],
    ) -> Result<Option<PolicyRecord>, StoreError> {
        let query = Statement::new("SELECT * FROM policies WHERE digest = $1 ORDER BY issuer");
        let row = self.reads().first(query.bind(*digest)).await?;
        row.as_ref().map(PolicyRecord::from_row).transpose()
    }
}

impl PolicyRecord {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            issuer: row.get("issuer")?,
            digest: row.get("digest")?,
            version: row.get("version")?,
            text: row.get("text")?,
            activated_at: row.get("activated_at")?,
        })
    }
}

struct ActivatePolicy {
    policy: PolicyRecord,
    documents: Vec<DocumentRecord>,
    terms: Terms,
    event: AuditEvent,
}

#[async_trait]
impl Operation for ActivatePolicy {
    type Answer = Result<u64, RegistryRefusal>;

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Answer, StoreError> {
        let Some(issuer) = find_issuer(batch, &self.policy.issuer).await? else {
            return Ok(Err(RegistryRefusal::IssuerNotFound));
        };
        self.save(batch).await?;
        if issuer.kind != IssuerKind::Management {
            announce_terms(batch, &issuer.name, &self.terms).await?;
            for document in &self.documents {
                let event = Event::Document {
                    name: document.name.clone(),
                    media_type: document.media_type.clone(),
                    body: Base64(document.body.clone()),
                    issuer: issuer.name.clone(),
                };
                batch
                    .announce_topic(format!("document:{}", document.name), &event)
                    .await?;
            }
        }
        batch.audit(self.event.clone())?;
        Ok(Ok(batch.feed_head()))
    }
}

impl ActivatePolicy {
    async fn save(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        let policy = &self.policy;
        let upsert = Statement::new(
            "INSERT INTO policies (issuer, digest, version, text, activated_at) \
             VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (issuer, digest) DO UPDATE SET activated_at = excluded.activated_at",
        )
        .bind(&policy.issuer)
        .bind(policy.digest)
        .bind(&policy.version)
        .bind(&policy.text)
        .bind(policy.activated_at);
        batch.execute(upsert).await?;
        let update = Statement::new("UPDATE issuers SET policy_digest = $1 WHERE name = $2");
        batch
            .execute(update.bind(policy.digest).bind(&policy.issuer))
            .await
            .map(drop)
    }
}
