//! The numbers of lists: taken one after another, for good.

use async_trait::async_trait;
use audit::AuditEvent;
use pki::{CrlNumber, CrlScope, IssuerName};

use crate::{Store, StoreError, batch::Batch, engine::Statement, writer::Operation};

impl Store {
    /// Takes the next CRL number, at least `floor`. It is never handed out again: a list that then
    /// fails leaves a gap, which RFC 5280 section 5.2.3 allows.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails or there is no such issuer.
    pub async fn reserve_crl_number(
        &self,
        issuer: &IssuerName,
        scope: CrlScope,
        floor: CrlNumber,
        event: AuditEvent,
    ) -> Result<CrlNumber, StoreError> {
        let issuer = issuer.clone();
        self.writes()
            .submit(ReserveNumber {
                issuer,
                scope,
                floor,
                event,
            })
            .await
    }
}

struct ReserveNumber {
    issuer: IssuerName,
    scope: CrlScope,
    floor: CrlNumber,
    event: AuditEvent,
}

#[async_trait]
impl Operation for ReserveNumber {
    type Answer = CrlNumber;

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<CrlNumber, StoreError> {
        let number = match last_number(batch, &self.issuer, self.scope.numbering()).await? {
            Some(last) => last.next().max(self.floor),
            None => self.floor.max(CrlNumber::new(1)),
        };
        save_number(batch, &self.issuer, self.scope.numbering(), number).await?;
        batch.audit(self.event.clone().with("number", number))?;
        Ok(number)
    }
}

/// The last number that was taken.
pub(super) async fn last_number(
    batch: &mut Batch<'_>,
    issuer: &IssuerName,
    scope: CrlScope,
) -> Result<Option<CrlNumber>, StoreError> {
    let query = Statement::new("SELECT last FROM crl_numbers WHERE issuer = $1 AND scope = $2");
    let row = batch.first(query.bind(issuer).bind(scope)).await?;
    row.map(|row| row.get("last")).transpose()
}

/// Remembers the last number.
pub(super) async fn save_number(
    batch: &mut Batch<'_>,
    issuer: &IssuerName,
    scope: CrlScope,
    last: CrlNumber,
) -> Result<(), StoreError> {
    let upsert = Statement::new(
        "INSERT INTO crl_numbers (issuer, scope, last) VALUES ($1, $2, $3) \
         ON CONFLICT (issuer, scope) DO UPDATE SET last = excluded.last",
    );
    batch
        .execute(upsert.bind(issuer).bind(scope).bind(last))
        .await
        .map(drop)
}
