//! What every daemon on the database must know of an issuer: the policy in force, and whether its key
//! was halted.

use async_trait::async_trait;
use audit::AuditEvent;
use pki::IssuerName;

use super::{issuers::find_issuer, record::RegistryRefusal};
use crate::{
    Store, StoreError,
    batch::Batch,
    engine::{Row, Statement},
    writer::Operation,
};

/// How an issuer stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerStanding {
    /// The issuer.
    pub issuer: IssuerName,
    /// SHA-256 of the policy in force; absent for a CA without one, such as a root.
    pub policy_digest: Option<[u8; 32]>,
    /// Whether its key signs no more.
    pub halted: bool,
    /// Whether it issues no more certificates.
    pub retired: bool,
}

impl Store {
    /// How each issuer stands, by name.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn standings(&self) -> Result<Vec<IssuerStanding>, StoreError> {
        let query = Statement::new(
            "SELECT name, policy_digest, halted_at IS NOT NULL AS halted, \
             retired_at IS NOT NULL AS retired FROM issuers ORDER BY name",
        );
        let rows = self.reads().all(query).await?;
        rows.iter().map(IssuerStanding::from_row).collect()
    }

    /// Halts the key of an issuer for every daemon, until [`Self::resume_issuer`]. A key that is
    /// halted already stays so since then.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn halt_issuer(
        &self,
        issuer: &IssuerName,
        event: AuditEvent,
    ) -> Result<Result<(), RegistryRefusal>, StoreError> {
        self.set_halted(issuer, true, event).await
    }

    /// Lets the key of an issuer sign again.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn resume_issuer(
        &self,
        issuer: &IssuerName,
        event: AuditEvent,
    ) -> Result<Result<(), RegistryRefusal>, StoreError> {
        self.set_halted(issuer, false, event).await
    }

    async fn set_halted(
        &self,
        issuer: &IssuerName,
        halted: bool,
        event: AuditEvent,
    ) -> Result<Result<(), RegistryRefusal>, StoreError> {
        let issuer = issuer.clone();
        self.writes()
            .submit(SetHalted {
                issuer,
                halted,
                event,
            })
            .await
    }
}

impl IssuerStanding {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            issuer: row.get("name")?,
            policy_digest: row.optional("policy_digest")?,
            halted: row.get("halted")?,
            retired: row.get("retired")?,
        })
    }
}

struct SetHalted {
    issuer: IssuerName,
    halted: bool,
    event: AuditEvent,
}

#[async_trait]
impl Operation for SetHalted {
    type Answer = Result<(), RegistryRefusal>;

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Answer, StoreError> {
        if find_issuer(batch, &self.issuer).await?.is_none() {
            return Ok(Err(RegistryRefusal::IssuerNotFound));
        }
        let update = if self.halted {
            Statement::new("UPDATE issuers SET halted_at = COALESCE(halted_at, $1) WHERE name = $2")
                .bind(batch.now())
        } else {
            Statement::new("UPDATE issuers SET halted_at = $1 WHERE name = $2")
                .bind(None::<jiff::Timestamp>)
        };
        batch.execute(update.bind(&self.issuer)).await?;
        batch.audit(self.event.clone())?;
        Ok(Ok(()))
    }
}
