//! What the last lists do not show yet.

use jiff::Timestamp;
use pki::{CrlScope, IssuerName};

use crate::{
    Store, StoreError,
    engine::{Row, Statement},
};

/// Changes of status among the certificates of one shard, or of those that are in none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShardChanges {
    /// The shard; none for certificates that only the complete list shows.
    pub shard: Option<u16>,
    /// When the first of the changes took effect.
    pub first: Timestamp,
    /// The last of their sequence numbers.
    pub last: u64,
}

impl Store {
    /// The changes of status among an issuer's certificates after a moment of the feed, by shard.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn changes_after(
        &self,
        issuer: &IssuerName,
        sequence: u64,
    ) -> Result<Vec<ShardChanges>, StoreError> {
        let query = Statement::new(
            "SELECT shard, MIN(changed_at) AS first, MAX(feed_seq) AS last FROM certificates \
             WHERE changed_at IS NOT NULL AND issuer = $1 AND feed_seq > $2 GROUP BY shard",
        );
        let rows = self.reads().all(query.bind(issuer).bind(sequence)).await?;
        rows.iter().map(ShardChanges::from_row).collect()
    }

    /// When the status of a certificate that a list shows first changed after a moment of the feed;
    /// `None` if nothing changed. A list made as of that moment lacks the change.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn status_changed_after(
        &self,
        issuer: &IssuerName,
        scope: CrlScope,
        as_of: u64,
    ) -> Result<Option<Timestamp>, StoreError> {
        let changes = self.changes_after(issuer, as_of).await?;
        let shown = changes
            .into_iter()
            .filter(|change| scope.shard().is_none() || change.shard == scope.shard());
        Ok(shown.map(|change| change.first).min())
    }

    /// Whether an issuer still has to publish lists: one of its certificates has not expired, or
    /// stands on a list. Certificates of its OCSP responders do not count, being made only as long as
    /// this says yes.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn issuer_is_needed(
        &self,
        issuer: &IssuerName,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let lasting = Statement::new(
            "SELECT serial FROM certificates WHERE not_after >= $1 AND issuer = $2 \
             AND profile <> 'ocsp-responder' ORDER BY not_after LIMIT 1",
        );
        let lasting = lasting.bind(now).bind(issuer);
        if self.reads().first(lasting).await?.is_some() {
            return Ok(true);
        }
        let listed =
            Statement::new("SELECT serial FROM certificates WHERE on_crl AND issuer = $1 LIMIT 1");
        Ok(self.reads().first(listed.bind(issuer)).await?.is_some())
    }

    /// Whether a shard may still have to be published: one of its certificates has not expired, or
    /// stands on its list.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn shard_is_needed(
        &self,
        issuer: &IssuerName,
        shard: u16,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let last = Statement::new(
            "SELECT MAX(not_after) AS last FROM certificates WHERE issuer = $1 AND shard = $2",
        );
        let row = self.reads().first(last.bind(issuer).bind(shard)).await?;
        let last: Option<Timestamp> = row.map_or(Ok(None), |row| row.optional("last"))?;
        if last.is_some_and(|last| last >= now) {
            return Ok(true);
        }
        let listed = Statement::new(
            "SELECT serial FROM certificates WHERE on_crl AND issuer = $1 AND shard = $2 LIMIT 1",
        );
        let row = self.reads().first(listed.bind(issuer).bind(shard)).await?;
        Ok(row.is_some())
    }
}

impl ShardChanges {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            shard: row.optional("shard")?,
            first: row.get("first")?,
            last: row.get("last")?,
        })
    }
}
