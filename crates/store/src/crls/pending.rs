//! What the last list does not show yet.

use jiff::Timestamp;
use pki::IssuerName;

use crate::{Store, StoreError, engine::Statement};

impl Store {
    /// When the status of one of an issuer's certificates first changed after a moment of the feed;
    /// `None` if nothing changed. A list made as of that moment lacks the change.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn status_changed_after(
        &self,
        issuer: &IssuerName,
        as_of: u64,
    ) -> Result<Option<Timestamp>, StoreError> {
        let query = Statement::new(
            "SELECT MIN(changed_at) AS changed_at FROM certificates \
             WHERE issuer = $1 AND changed_at IS NOT NULL AND feed_seq > $2",
        )
        .bind(issuer)
        .bind(as_of);
        let mut connection = self.reader().await?;
        let row = connection.first(query).await;
        connection.close().await?;
        row?.map_or(Ok(None), |row| row.optional("changed_at"))
    }
}
