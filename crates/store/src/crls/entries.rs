//! What stands on the next list, read in pages as of one moment.

use jiff::Timestamp;
use pki::{CrlScope, IssuerName, RevocationReason, SerialNumber};

use super::record::RevokedEntry;
use crate::{
    Store, StoreError,
    certificates::published,
    engine::{Connection, Row, Statement},
};

/// How many entries are read at a time, in the order of an index.
const PAGE: u32 = 10_000;

/// How many changes are read at a time: no index has them in the order of serial numbers, so that
/// each page sorts all that is left.
const PAGE_OF_CHANGES: u32 = 1_000_000;

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

    const fn page(self) -> u32 {
        match self {
            Self::All | Self::Shard(_) => PAGE,
            Self::ChangedSince(_) => PAGE_OF_CHANGES,
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
        let query = packed(page(&self.issuer, self.listed, &self.after));
        let row = self.connection.first(query).await?;
        let row = row.ok_or(StoreError::Corrupt { what: "page" })?;
        let entries = unpacked(&row)?;
        let page = usize::try_from(self.listed.page()).unwrap_or(usize::MAX);
        self.complete = entries.len() < page;
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
    let (condition, bound) = match listed {
        Listed::All => ("on_crl AND issuer = $1 AND serial > $2", None),
        Listed::Shard(shard) => (
            "on_crl AND issuer = $1 AND serial > $2 AND shard = $4",
            Some(u64::from(shard)),
        ),
        Listed::ChangedSince(sequence) => (
            "changed_at IS NOT NULL AND issuer = $1 AND serial > $2 AND feed_seq > $4",
            Some(sequence),
        ),
    };
    let query = Statement::assembled(format!(
        "SELECT serial, {FIELDS} AS fields FROM certificates WHERE {condition} \
         ORDER BY serial LIMIT $3"
    ));
    let query = query.bind(issuer).bind(after.to_vec());
    let query = query.bind(listed.page());
    match bound {
        None => query,
        Some(bound) => query.bind(bound),
    }
}

/// What an entry tells beside its serial number. What is issued and no longer on hold is on a list
/// only as a removal (reason 8).
const FIELDS: &str = "length(serial) \
    || ',' || CASE state WHEN 'issued' THEN changed_at ELSE effective_at END \
    || ',' || CASE state WHEN 'issued' THEN 8 ELSE reason END \
    || ',' || COALESCE(CASE state WHEN 'issued' THEN '' ELSE CAST(invalidity_date AS TEXT) END, '')";

/// All rows of a page in one: what a row costs on its way here, whatever its size, is more than what
/// an entry does.
fn packed(page: Statement) -> Statement {
    page.within(|page| {
        format!(
            "SELECT COUNT(*) AS entries, string_agg(serial, '') AS serials, \
             string_agg(fields, ';') AS fields FROM ({page}) AS page"
        )
    })
}

fn unpacked(row: &Row) -> Result<Vec<RevokedEntry>, StoreError> {
    let count: u32 = row.get("entries")?;
    if count == 0 {
        return Ok(Vec::new());
    }
    let (serials, fields): (Vec<u8>, String) = (row.get("serials")?, row.get("fields")?);
    let mut entries = Vec::with_capacity(usize::try_from(count).unwrap_or_default());
    let mut serials = serials.as_slice();
    for fields in fields.split(';') {
        let (entry, rest) =
            entry(serials, fields).ok_or(StoreError::Corrupt { what: "CRL entry" })?;
        entries.push(entry);
        serials = rest;
    }
    if serials.is_empty() && u32::try_from(entries.len()) == Ok(count) {
        Ok(entries)
    } else {
        Err(StoreError::Corrupt { what: "page" })
    }
}

/// An entry of [`FIELDS`], and the serial numbers after its own.
fn entry<'a>(serials: &'a [u8], fields: &str) -> Option<(RevokedEntry, &'a [u8])> {
    let mut fields = fields.split(',');
    let (serial, rest) = serials.split_at_checked(fields.next()?.parse().ok()?)?;
    let (revoked_at, reason, invalidity_date) = (fields.next()?, fields.next()?, fields.next()?);
    let entry = RevokedEntry {
        serial: SerialNumber::from_bytes(serial).ok()?,
        revoked_at: time(revoked_at)?,
        reason: published(RevocationReason::from_code(reason.parse().ok()?)?),
        invalidity_date: match invalidity_date {
            "" => None,
            date => Some(time(date)?),
        },
    };
    Some((entry, rest))
}

fn time(microseconds: &str) -> Option<Timestamp> {
    Timestamp::from_microsecond(microseconds.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_entry_is_not_read() {
        let serials = [7, 8, 9];
        let (entry_of_two, rest) = entry(&serials, "2,1000000,1,").unwrap();
        assert_eq!(entry_of_two.serial.as_bytes(), [7, 8]);
        assert_eq!(entry_of_two.reason, Some(RevocationReason::KeyCompromise));
        assert_eq!((entry_of_two.invalidity_date, rest), (None, &[9][..]));
        for wrong in [
            "", "4,1,1,", "2,,1,", "2,1,7,", "2,1,1", "0,1,1,", "2,1,1,x",
        ] {
            assert_eq!(entry(&serials, wrong), None, "{wrong}");
        }
    }
}
