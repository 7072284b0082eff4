//! What stands on the next list, read in pages as of one moment.

use pki::{CrlScope, IssuerName, RevocationReason};

use super::record::RevokedEntry;
use crate::{
    Store, StoreError,
    certificates::published,
    engine::{Connection, Row, Statement},
};

/// How many entries are read at a time.
const PAGE: u32 = 10_000;

/// Which entries a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    /// All that is revoked, on hold or abandoned, until it has stood on a list made after its
    /// certificate's end (RFC 5280 section 3.3).
    All,
    /// Of these the ones of a shard.
    Shard(u16),
    /// What has changed since a moment of the feed, releases included as `removeFromCRL` (RFC 5280
    /// section 5.2.4).
    ChangedSince(u64),
}

/// The entries of a list, in ascending order of serial number and all as of one moment. Keeps a
/// transaction open: to be read swiftly.
#[derive(Debug)]
pub struct Entries {
    connection: Connection,
    issuer: IssuerName,
    listed: Listed,
    as_of: u64,
    after: Vec<u8>,
    complete: bool,
}

impl Store {
    /// Begins to read what a list has to show.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn listed(&self, issuer: &IssuerName, listed: Listed) -> Result<Entries, StoreError> {
        let mut connection = self.reader().await?;
        connection.begin_reading().await?;
        let head = Statement::new("SELECT COALESCE(MAX(seq), 0) AS head FROM feed");
        let head = connection.first(head).await?;
        Ok(Entries {
            as_of: head.map_or(Ok(0), |row| row.get("head"))?,
            connection,
            issuer: issuer.clone(),
            listed,
            after: Vec::new(),
            complete: false,
        })
    }
}

impl Listed {
    /// The entries of a list that is no delta.
    pub const fn on(scope: CrlScope) -> Self {
        match scope {
            CrlScope::Full | CrlScope::Delta => Self::All,
            CrlScope::Shard(shard) => Self::Shard(shard),
        }
    }
}

impl Entries {
    /// The feed's head at the moment of reading: every change up to there is among the entries, and
    /// none after.
    pub const fn as_of(&self) -> u64 {
        self.as_of
    }

    /// The next entries; none after the last.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn next_page(&mut self) -> Result<Vec<RevokedEntry>, StoreError> {
        if self.complete {
            return Ok(Vec::new());
        }
        let query = page(&self.issuer, self.listed, &self.after);
        let rows = self.connection.all(query).await?;
        self.complete = rows.len() < usize::try_from(PAGE).unwrap_or(usize::MAX);
        let entries: Vec<_> = rows
            .iter()
            .map(RevokedEntry::from_row)
            .collect::<Result<_, _>>()?;
        if let Some(last) = entries.last() {
            self.after = last.serial.as_bytes().to_vec();
        }
        Ok(entries)
    }

    /// Ends the transaction. Dropping the entries does so too, with less order.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn end(mut self) -> Result<(), StoreError> {
        self.connection.roll_back().await?;
        Ok(self.connection.close().await?)
    }
}

/// A page of entries. All serial numbers have the same length, so the order of their octets is the
/// order of the numbers; the writer of lists checks it.
pub(crate) fn page(issuer: &IssuerName, listed: Listed, after: &[u8]) -> Statement {
    let (query, bound) = match listed {
        Listed::All => (
            Statement::new(
                "SELECT serial, state, effective_at, reason, invalidity_date, changed_at \
                 FROM certificates WHERE on_crl AND issuer = $1 AND serial > $2 \
                 ORDER BY serial LIMIT $3",
            ),
            None,
        ),
        Listed::Shard(shard) => (
            Statement::new(
                "SELECT serial, state, effective_at, reason, invalidity_date, changed_at \
                 FROM certificates WHERE on_crl AND issuer = $1 AND serial > $2 AND shard = $4 \
                 ORDER BY serial LIMIT $3",
            ),
            Some(u64::from(shard)),
        ),
        Listed::ChangedSince(sequence) => (
            Statement::new(
                "SELECT serial, state, effective_at, reason, invalidity_date, changed_at \
                 FROM certificates WHERE changed_at IS NOT NULL AND issuer = $1 AND serial > $2 \
                 AND feed_seq > $4 ORDER BY serial LIMIT $3",
            ),
            Some(sequence),
        ),
    };
    let query = query.bind(issuer).bind(after.to_vec()).bind(PAGE);
    match bound {
        None => query,
        Some(bound) => query.bind(bound),
    }
}

impl RevokedEntry {
    /// What is issued and no longer on hold is on a list only as a removal.
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        let serial = row.get("serial")?;
        if row.get::<String>("state")? == "issued" {
            return Ok(Self {
                serial,
                revoked_at: row.get("changed_at")?,
                reason: Some(RevocationReason::RemoveFromCrl),
                invalidity_date: None,
            });
        }
        Ok(Self {
            serial,
            revoked_at: row.get("effective_at")?,
            reason: row.optional("reason")?.and_then(published),
            invalidity_date: row.optional("invalidity_date")?,
        })
    }
}
