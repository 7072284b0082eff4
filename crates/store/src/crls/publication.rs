//! Lists that are there, and who shows them.

use async_trait::async_trait;
use audit::AuditEvent;
use pki::{CrlNumber, CrlScope, IssuerName};

use super::record::{CrlRecord, CurrentCrl};
use crate::{
    Store, StoreError,
    batch::Batch,
    engine::{Row, Statement},
    writer::Operation,
};

impl Store {
    /// The last list.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn latest_crl(
        &self,
        issuer: &IssuerName,
        scope: CrlScope,
    ) -> Result<Option<CrlRecord>, StoreError> {
        let query = Statement::new(
            "SELECT * FROM crls WHERE issuer = $1 AND scope = $2 ORDER BY number DESC LIMIT 1",
        );
        let row = self.reads().first(query.bind(issuer).bind(scope)).await?;
        row.as_ref().map(CrlRecord::from_row).transpose()
    }

    /// The last list of each issuer and scope, without bytes.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn current_crls(&self) -> Result<Vec<CurrentCrl>, StoreError> {
        // The numbers table has one row per issuer and scope; a number may be reserved only.
        let query = Statement::new(
            "SELECT c.issuer, c.scope, c.number, c.this_update, c.next_update \
             FROM crl_numbers n JOIN crls c ON c.issuer = n.issuer AND c.scope = n.scope \
             AND c.number = (SELECT MAX(last.number) FROM crls last \
                             WHERE last.issuer = n.issuer AND last.scope = n.scope) \
             ORDER BY c.issuer, c.scope",
        );
        let mut current = Vec::new();
        for row in self.reads().all(query).await? {
            let mut crl = CurrentCrl::from_row(&row)?;
            crl.published_by = self.publishers(&crl).await?;
            current.push(crl);
        }
        Ok(current)
    }

    async fn publishers(&self, crl: &CurrentCrl) -> Result<Vec<String>, StoreError> {
        let query = Statement::new(
            "SELECT follower FROM crl_acknowledgements \
             WHERE issuer = $1 AND scope = $2 AND number = $3 ORDER BY follower",
        );
        let query = query.bind(&crl.issuer).bind(crl.scope).bind(crl.number);
        self.reads()
            .all(query)
            .await?
            .iter()
            .map(|row| row.get("follower"))
            .collect()
    }

    /// Records that a publisher shows a list; `false`, and no event, if that was known
    /// or there is no such list.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails or there is no such peer.
    pub async fn acknowledge_crl(
        &self,
        follower: &str,
        issuer: &IssuerName,
        scope: CrlScope,
        number: CrlNumber,
        event: AuditEvent,
    ) -> Result<bool, StoreError> {
        let operation = AcknowledgeCrl {
            follower: follower.to_owned(),
            issuer: issuer.clone(),
            scope,
            number,
            event,
        };
        self.writes().submit(operation).await
    }
}

impl CrlRecord {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            issuer: row.get("issuer")?,
            scope: row.get("scope")?,
            number: row.get("number")?,
            base: row.optional("base")?,
            this_update: row.get("this_update")?,
            next_update: row.get("next_update")?,
            crl_der: row.get("crl_der")?,
            as_of: row.get("as_of")?,
        })
    }
}

impl CurrentCrl {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            issuer: row.get("issuer")?,
            scope: row.get("scope")?,
            number: row.get("number")?,
            this_update: row.get("this_update")?,
            next_update: row.get("next_update")?,
            published_by: Vec::new(),
        })
    }
}

struct AcknowledgeCrl {
    follower: String,
    issuer: IssuerName,
    scope: CrlScope,
    number: CrlNumber,
    event: AuditEvent,
}

#[async_trait]
impl Operation for AcknowledgeCrl {
    type Answer = bool;

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<bool, StoreError> {
        // What was never made cannot be shown, whatever a follower says.
        let made = Statement::new(
            "SELECT number FROM crls WHERE issuer = $1 AND scope = $2 AND number = $3",
        );
        let made = made.bind(&self.issuer).bind(self.scope).bind(self.number);
        if batch.first(made).await?.is_none() {
            return Ok(false);
        }
        let insert = Statement::new(
            "INSERT INTO crl_acknowledgements (issuer, scope, number, follower, at) \
             VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (issuer, scope, number, follower) DO NOTHING",
        )
        .bind(&self.issuer)
        .bind(self.scope)
        .bind(self.number)
        .bind(&self.follower)
        .bind(batch.now());
        let new = batch.execute(insert).await? > 0;
        if new {
            batch.audit(self.event.clone())?;
        }
        Ok(new)
    }
}
