//! Keys that must never be certified.

use async_trait::async_trait;
use audit::AuditEvent;
use pki::SpkiHash;

use crate::{Store, StoreError, batch::Batch, engine::Statement, writer::Operation};

impl Store {
    /// Blocks a key; `false`, and no event, if it was blocked before. The reason must hold no
    /// personal data.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn block_key(
        &self,
        spki_hash: SpkiHash,
        reason: &str,
        event: AuditEvent,
    ) -> Result<bool, StoreError> {
        self.writes()
            .submit(BlockKey {
                spki_hash,
                reason: reason.to_owned(),
                event,
            })
            .await
    }
}

struct BlockKey {
    spki_hash: SpkiHash,
    reason: String,
    event: AuditEvent,
}

#[async_trait]
impl Operation for BlockKey {
    type Answer = bool;

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<bool, StoreError> {
        let insert = Statement::new(
            "INSERT INTO blocked_keys (spki_hash, reason, blocked_at) VALUES ($1, $2, $3) \
             ON CONFLICT (spki_hash) DO NOTHING",
        );
        let insert = insert
            .bind(self.spki_hash)
            .bind(&self.reason)
            .bind(batch.now());
        let new = batch.execute(insert).await? > 0;
        if new {
            batch.audit(self.event.clone())?;
        }
        Ok(new)
    }
}
