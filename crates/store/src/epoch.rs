//! Which feed this database holds. A copy of it holds none until it is given one of its own: what
//! followers know of the numbers after the copy is not what these numbers are going to mean.

use async_trait::async_trait;
use audit::AuditEvent;
use feed::Epoch;

use crate::{
    Store, StoreError,
    batch::Batch,
    engine::{Connection, Options, Statement, sqlite_options},
    writer::Operation,
};

/// How far the feed is, and which one it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedPosition {
    /// Which feed.
    pub epoch: Epoch,
    /// The last sequence number; 0 when the feed is empty.
    pub head: u64,
}

impl Store {
    /// Epoch and head of the feed, from one moment; `None` for a copy that was not taken into use by
    /// [`Self::begin_epoch`].
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn feed_position(&self) -> Result<Option<FeedPosition>, StoreError> {
        let query = Statement::new(
            "SELECT epoch, (SELECT COALESCE(MAX(seq), 0) FROM feed) AS head FROM feed_epoch",
        );
        let row = self.reads().first(query).await?;
        row.map(|row| {
            Ok(FeedPosition {
                epoch: row.get("epoch")?,
                head: row.get("head")?,
            })
        })
        .transpose()
    }

    /// Makes another feed of this database, for one that was put back from a copy: all followers
    /// start over, nothing counts as acknowledged, and the CRL numbers of all issuers whose lists are
    /// signed here go up by `margin`, above those that were taken after the copy (RFC 5280 section
    /// 5.2.3).
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn begin_epoch(
        &self,
        epoch: Epoch,
        margin: u64,
        event: AuditEvent,
    ) -> Result<(), StoreError> {
        self.writes()
            .submit(BeginEpoch {
                epoch,
                margin,
                event,
            })
            .await
    }
}

struct BeginEpoch {
    epoch: Epoch,
    margin: u64,
    event: AuditEvent,
}

#[async_trait]
impl Operation for BeginEpoch {
    type Answer = ();

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        let upsert = Statement::new(
            "INSERT INTO feed_epoch (one, epoch) VALUES (1, $1) \
             ON CONFLICT (one) DO UPDATE SET epoch = excluded.epoch",
        );
        batch.execute(upsert.bind(&self.epoch)).await?;
        for forgotten in ["acknowledgements", "crl_acknowledgements"] {
            let delete = Statement::assembled(format!("DELETE FROM {forgotten}"));
            batch.execute(delete).await?;
        }
        // The numbers of imported lists are their signer's.
        let ahead = Statement::new(
            "UPDATE crl_numbers SET last = last + $1 \
             WHERE issuer IN (SELECT name FROM issuers WHERE kind <> 'root')",
        );
        batch.execute(ahead.bind(self.margin)).await?;
        batch.audit(self.event.clone())
    }
}

/// The epoch of the feed in a transaction.
pub(crate) async fn epoch(batch: &mut Batch<'_>) -> Result<Option<Epoch>, StoreError> {
    let row = batch
        .first(Statement::new("SELECT epoch FROM feed_epoch"))
        .await?;
    row.map(|row| row.get("epoch")).transpose()
}

/// Takes the epoch out of a copy of an SQLite database, so that it is not taken for the original.
pub(crate) async fn mark_as_copy(path: &std::path::Path) -> Result<(), StoreError> {
    let options: Options = sqlite_options(path);
    let mut copy = Connection::open(&options).await?;
    copy.execute(Statement::new("DELETE FROM feed_epoch"))
        .await?;
    Ok(copy.close().await?)
}
