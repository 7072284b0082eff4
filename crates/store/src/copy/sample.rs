//! Drawing certificates of a copy, to look them up elsewhere.

use jiff::Timestamp;
use pki::{IssuerName, SerialNumber};

use super::{CopiedStatus, StatusCopy};
use crate::{StoreError, engine::Statement};

/// Of which status certificates are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SampleOf {
    /// Good.
    Good,
    /// Revoked for ever, or possibly issued.
    Revoked,
    /// On hold.
    OnHold,
}

impl StatusCopy {
    /// Up to `limit` certificates of an issuer that live longer than `lives`: those whose serial
    /// numbers follow `after`, then from the lowest on. A random `after` makes a random sample of
    /// certificates of one age.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn sample(
        &self,
        issuer: &IssuerName,
        of: SampleOf,
        after: SerialNumber,
        lives: Timestamp,
        limit: u32,
    ) -> Result<Vec<CopiedStatus>, StoreError> {
        let states = match of {
            SampleOf::Good => "state = 'good'",
            SampleOf::Revoked => "state <> 'good' AND state <> 'hold'",
            SampleOf::OnHold => "state <> 'good' AND state = 'hold'",
        };
        let mut drawn = Vec::new();
        for side in ["serial > $2", "serial <= $2"] {
            let left = limit.saturating_sub(u32::try_from(drawn.len()).unwrap_or(limit));
            let query = Statement::assembled(format!(
                "SELECT * FROM certificates WHERE issuer = $1 AND {side} AND not_after > $3 \
                 AND {states} ORDER BY serial LIMIT $4"
            ));
            let query = query.bind(issuer).bind(after).bind(lives).bind(left);
            drawn.extend(self.page(query).await?);
        }
        Ok(drawn)
    }
}
