//! How a change of status spread: which responder had it when, and which lists first carried it.

use api::{PeerRole, PeerStatus};
use jiff::Timestamp;
use pki::{CrlNumber, CrlScope, IssuerName};

use crate::{
    Store, StoreError,
    engine::{Row, Statement, to_word},
};

/// Since when one follower has had something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached<T> {
    /// The follower, by its name in the registry.
    pub follower: String,
    /// What it said first; `None` as long as it has said nothing.
    pub first: Option<T>,
}

/// The first list of a scope that carried a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstList {
    /// Its CRLNumber.
    pub number: CrlNumber,
    /// Its thisUpdate.
    pub this_update: Timestamp,
    /// Of each publisher the first list from this one on that it showed, and since when.
    pub publishers: Vec<Reached<(CrlNumber, Timestamp)>>,
}

impl Store {
    /// Since when each responder of an issuer has had an entry of the feed, by the time of its first
    /// acknowledgement that covers it. A responder that was retired stands here only if it had it.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn responders_reached(
        &self,
        issuer: &IssuerName,
        sequence: u64,
    ) -> Result<Vec<Reached<Timestamp>>, StoreError> {
        let query = Statement::new(
            "SELECT p.name, p.status, a.at FROM peers p \
             LEFT JOIN acknowledgements a ON a.follower = p.name AND a.seq = \
             (SELECT MIN(first.seq) FROM acknowledgements first \
              WHERE first.follower = p.name AND first.seq >= $1) \
             WHERE EXISTS (SELECT 1 FROM responder_keys k \
                           WHERE k.follower = p.name AND k.issuer = $2) \
             ORDER BY p.name",
        );
        let rows = self.reads().all(query.bind(sequence).bind(issuer)).await?;
        reached(&rows, |row| row.optional("at"))
    }

    /// The first list of a scope that carries an entry of the feed: made as of that entry or later.
    /// A delta does so only if its complete list does not; if the first delta has no need to, none
    /// after it has.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn first_list_with(
        &self,
        issuer: &IssuerName,
        scope: CrlScope,
        sequence: u64,
    ) -> Result<Option<FirstList>, StoreError> {
        let query = first_list(issuer, scope, sequence);
        let Some(row) = self.reads().first(query).await? else {
            return Ok(None);
        };
        let base_as_of: Option<u64> = row.optional("base_as_of")?;
        if base_as_of.is_some_and(|base| base >= sequence) {
            return Ok(None);
        }
        let number = row.get("number")?;
        Ok(Some(FirstList {
            number,
            this_update: row.get("this_update")?,
            publishers: self.publishers_reached(issuer, scope, number).await?,
        }))
    }

    async fn publishers_reached(
        &self,
        issuer: &IssuerName,
        scope: CrlScope,
        number: CrlNumber,
    ) -> Result<Vec<Reached<(CrlNumber, Timestamp)>>, StoreError> {
        let query = Statement::new(
            "SELECT p.name, p.status, a.number, a.at FROM peers p \
             LEFT JOIN crl_acknowledgements a ON a.follower = p.name AND a.issuer = $1 \
             AND a.scope = $2 AND a.number = \
             (SELECT MIN(first.number) FROM crl_acknowledgements first \
              WHERE first.issuer = $1 AND first.scope = $2 AND first.number >= $3 \
              AND first.follower = p.name) \
             WHERE p.role = $4 ORDER BY p.name",
        )
        .bind(issuer)
        .bind(scope)
        .bind(number)
        .bind(to_word(&PeerRole::Publisher)?);
        let rows = self.reads().all(query).await?;
        reached(&rows, |row| match row.optional("at")? {
            None => Ok(None),
            Some(at) => Ok(Some((row.get("number")?, at))),
        })
    }
}

/// The first list of a scope made as of a moment of the feed or later, and the moment of the list
/// that it adds to.
pub(crate) fn first_list(issuer: &IssuerName, scope: CrlScope, sequence: u64) -> Statement {
    Statement::new(
        "SELECT c.number, c.this_update, (SELECT b.as_of FROM crls b WHERE b.issuer = c.issuer \
         AND b.scope = $1 AND b.number = c.base) AS base_as_of FROM crls c \
         WHERE c.issuer = $2 AND c.scope = $3 AND c.as_of >= $4 ORDER BY c.as_of, c.number LIMIT 1",
    )
    .bind(CrlScope::Full)
    .bind(issuer)
    .bind(scope)
    .bind(sequence)
}

fn reached<T>(
    rows: &[Row],
    first: impl Fn(&Row) -> Result<Option<T>, StoreError>,
) -> Result<Vec<Reached<T>>, StoreError> {
    let mut all = Vec::new();
    for row in rows {
        let first = first(row)?;
        let status: PeerStatus = row.word("status")?;
        // Nobody waits for one that is retired.
        if first.is_some() || status != PeerStatus::Retired {
            let follower = row.get("name")?;
            all.push(Reached { follower, first });
        }
    }
    Ok(all)
}
