//! Issuers that issue no more: what they signed is still answered for.

use async_trait::async_trait;
use audit::AuditEvent;
use feed::{Event, IssuerKind, Terms};
use pki::IssuerName;

use super::{issuers::find_issuer, record::RegistryRefusal};
use crate::{Store, StoreError, batch::Batch, engine::Statement, writer::Operation};

impl Store {
    /// Retires an issuer for good: no intent of it is recorded any more, and its terms on the feed
    /// say so. Retiring it again changes nothing.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn retire_issuer(
        &self,
        issuer: &IssuerName,
        terms: Terms,
        event: AuditEvent,
    ) -> Result<Result<(), RegistryRefusal>, StoreError> {
        let issuer = issuer.clone();
        let operation = Retire {
            issuer,
            terms,
            event,
        };
        self.writes().submit(operation).await
    }
}

struct Retire {
    issuer: IssuerName,
    terms: Terms,
    event: AuditEvent,
}

#[async_trait]
impl Operation for Retire {
    type Answer = Result<(), RegistryRefusal>;

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Answer, StoreError> {
        let Some(issuer) = find_issuer(batch, &self.issuer).await? else {
            return Ok(Err(RegistryRefusal::IssuerNotFound));
        };
        let update = Statement::new(
            "UPDATE issuers SET retired_at = $1 WHERE name = $2 AND retired_at IS NULL",
        );
        let update = update.bind(batch.now()).bind(&self.issuer);
        if batch.execute(update).await? == 0 {
            return Ok(Ok(()));
        }
        if issuer.kind != IssuerKind::Management {
            announce_terms(batch, &self.issuer, &self.terms).await?;
        }
        batch.audit(self.event.clone())?;
        Ok(Ok(()))
    }
}

/// Puts the terms of an issuer on the feed; a retired one does not issue, whatever they say.
pub(super) async fn announce_terms(
    batch: &mut Batch<'_>,
    issuer: &IssuerName,
    terms: &Terms,
) -> Result<(), StoreError> {
    let terms = Terms {
        issuing: terms.issuing && !is_retired(batch, issuer).await?,
        ..terms.clone()
    };
    let event = Event::Terms {
        issuer: issuer.clone(),
        terms,
    };
    let topic = format!("terms:{issuer}");
    batch.announce_topic(topic, &event).await.map(drop)
}

/// Whether an issuer issues no more, inside the transaction.
pub(crate) async fn is_retired(
    batch: &mut Batch<'_>,
    issuer: &IssuerName,
) -> Result<bool, StoreError> {
    let query =
        Statement::new("SELECT name FROM issuers WHERE name = $1 AND retired_at IS NOT NULL");
    Ok(batch.first(query.bind(issuer)).await?.is_some())
}
