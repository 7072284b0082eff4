//! What stands on the next list.

use pki::IssuerName;

use super::record::{RevokedEntry, RevokedSet};
use crate::{
    Store, StoreError,
    certificates::published,
    engine::{Connection, Row, Statement},
};

/// How many entries are read at a time.
const PAGE: u32 = 10_000;

impl Store {
    /// All entries of an issuer's next full list, as of one moment: what is revoked, on hold or
    /// abandoned, until it has stood on a list made after its certificate's end (RFC 5280
    /// section 3.3).
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn revoked_set(&self, issuer: &IssuerName) -> Result<RevokedSet, StoreError> {
        let mut connection = self.reader().await?;
        connection.begin_reading().await?;
        let set = read_set(&mut connection, issuer).await;
        connection.roll_back().await?;
        connection.close().await?;
        set
    }
}

async fn read_set(
    connection: &mut Connection,
    issuer: &IssuerName,
) -> Result<RevokedSet, StoreError> {
    let head = Statement::new("SELECT COALESCE(MAX(seq), 0) AS head FROM feed");
    let as_of = connection
        .first(head)
        .await?
        .map_or(Ok(0), |row| row.get("head"))?;
    let mut entries: Vec<RevokedEntry> = Vec::new();
    loop {
        let after = entries
            .last()
            .map_or_else(Vec::new, |last| last.serial.as_bytes().to_vec());
        let query = Statement::new(
            "SELECT serial, effective_at, reason, invalidity_date FROM certificates \
             WHERE on_crl AND issuer = $1 AND serial > $2 ORDER BY serial LIMIT $3",
        );
        let rows = connection
            .all(query.bind(issuer).bind(after).bind(PAGE))
            .await?;
        let full = rows.len() >= usize::try_from(PAGE).unwrap_or(usize::MAX);
        for row in &rows {
            entries.push(RevokedEntry::from_row(row)?);
        }
        if !full {
            break;
        }
    }
    // The database orders octets, which for serial numbers of different lengths is not their order.
    entries.sort_by_key(|entry| entry.serial);
    Ok(RevokedSet { as_of, entries })
}

impl RevokedEntry {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            serial: row.get("serial")?,
            revoked_at: row.get("effective_at")?,
            reason: row.optional("reason")?.and_then(published),
            invalidity_date: row.optional("invalidity_date")?,
        })
    }
}
