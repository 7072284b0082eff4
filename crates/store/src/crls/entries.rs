//! What stands on the next list, read in pages as of one moment.

use jiff::Timestamp;
use pki::{CrlScope, IssuerName, RevocationReason, SerialNumber};

use super::record::RevokedEntry;
use crate::{
    Store, StoreError,
    certificates::published,
    engine::{Connection, Row, Statement},
};

/// How many entries are read at a time; in tests so few that lists have several pages.
const PAGE: u32 = if cfg!(test) { 2 } else { 10_000 };

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
    /// Read while the page before was decoded.
    ahead: Option<Columns>,
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
            ahead: None,
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
        let shard = match self.listed {
            Listed::All => None,
            Listed::Shard(shard) => Some(shard),
            Listed::ChangedSince(_) if self.complete => return Ok(Vec::new()),
            Listed::ChangedSince(sequence) => {
                self.complete = true;
                return self.changes(sequence).await;
            }
        };
        let columns = match self.ahead.take() {
            Some(ahead) => ahead,
            None if self.complete => return Ok(Vec::new()),
            None => self.read(page(&self.issuer, shard, &[])).await?,
        };
        if columns.are_last() {
            self.complete = true;
            return columns.entries();
        }
        let next = page(&self.issuer, shard, columns.last_serial());
        let decoded = async { columns.entries() };
        let (ahead, entries) = tokio::join!(biased; self.read(next), decoded);
        self.ahead = Some(ahead?);
        entries
    }

    /// All changes at once: the index has them in the order of the feed.
    async fn changes(&mut self, mut after: u64) -> Result<Vec<RevokedEntry>, StoreError> {
        let mut changes = Vec::new();
        loop {
            let columns = self.read(page_of_changes(&self.issuer, after)).await?;
            changes.extend(columns.entries()?);
            if columns.are_last() {
                changes.sort_unstable_by_key(|entry| entry.serial);
                return Ok(changes);
            }
            after = columns.place;
        }
    }

    async fn read(&mut self, page: Statement) -> Result<Columns, StoreError> {
        let row = self.connection.first(packed(page)).await?;
        Columns::of(&row.ok_or(StoreError::Corrupt { what: "page" })?)
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

/// A page of entries, of a shard or of all. All serial numbers have the same length, so the order of
/// their octets is the order of the numbers; the writer of lists checks it.
pub(crate) fn page(issuer: &IssuerName, shard: Option<u16>, after: &[u8]) -> Statement {
    let of_shard = if shard.is_some() {
        "AND shard = $4"
    } else {
        ""
    };
    let query = Statement::assembled(format!(
        "SELECT serial, effective_at AS since, reason, invalidity_date AS invalid, 0 AS place \
         FROM certificates WHERE on_crl AND issuer = $1 AND serial > $2 {of_shard} ORDER BY serial LIMIT $3"
    ));
    let query = query.bind(issuer).bind(after.to_vec()).bind(PAGE);
    match shard {
        None => query,
        Some(shard) => query.bind(shard),
    }
}

/// A page of what changed after a moment of the feed, in the order of the feed.
pub(crate) fn page_of_changes(issuer: &IssuerName, after: u64) -> Statement {
    let query = Statement::assembled(format!(
        "SELECT {CHANGE}, feed_seq AS place FROM certificates \
         WHERE changed_at IS NOT NULL AND issuer = $1 AND feed_seq > $2 ORDER BY feed_seq LIMIT $3"
    ));
    query.bind(issuer).bind(after).bind(PAGE)
}

/// What an entry tells of a change. What is issued and no longer on hold is on a list only as a removal
/// (reason 8), and never among those that are kept `on_crl`.
const CHANGE: &str = "serial, \
     CASE state WHEN 'issued' THEN changed_at ELSE effective_at END AS since, \
     CASE state WHEN 'issued' THEN 8 ELSE reason END AS reason, \
     CASE state WHEN 'issued' THEN NULL ELSE invalidity_date END AS invalid";

/// All rows of a page in one, a column at a time: what a row costs on its way here, whatever its size,
/// is more than what an entry does.
fn packed(page: Statement) -> Statement {
    page.within(|page| {
        format!(
            "SELECT COUNT(*) AS entries, CAST(COALESCE(MAX(place), 0) AS BIGINT) AS last, \
             CAST(MAX(length(serial)) AS BIGINT) AS length, \
             string_agg(serial, '') AS serials, \
             string_agg(CAST(since AS TEXT), ',') AS since, \
             string_agg(CAST(reason AS TEXT), ',') AS reasons, \
             string_agg(COALESCE(CAST(invalid AS TEXT), ''), ',') AS invalid \
             FROM ({page}) AS page"
        )
    })
}

/// The entries of a page, a column at a time.
#[derive(Debug)]
struct Columns {
    count: u32,
    /// The last of the places.
    place: u64,
    /// Of the longest serial number, and so of each: together they are as long as all are.
    length: usize,
    serials: Vec<u8>,
    since: String,
    reasons: String,
    invalid: String,
}

impl Columns {
    fn of(row: &Row) -> Result<Self, StoreError> {
        let text = |name| row.optional::<String>(name).map(Option::unwrap_or_default);
        let length = row.optional::<u32>("length")?.unwrap_or_default();
        Ok(Self {
            count: row.get("entries")?,
            place: row.get("last")?,
            length: length.try_into().unwrap_or(usize::MAX),
            serials: row.optional("serials")?.unwrap_or_default(),
            since: text("since")?,
            reasons: text("reasons")?,
            invalid: text("invalid")?,
        })
    }

    /// Whether no page comes after this one.
    fn are_last(&self) -> bool {
        self.count < PAGE
    }

    fn last_serial(&self) -> &[u8] {
        let before = self.serials.len().saturating_sub(self.length);
        self.serials.get(before..).unwrap_or_default()
    }

    fn entries(&self) -> Result<Vec<RevokedEntry>, StoreError> {
        if self.count == 0 {
            return Ok(Vec::new());
        }
        self.decoded().ok_or(StoreError::Corrupt { what: "page" })
    }

    /// None if there are not so many whole entries.
    fn decoded(&self) -> Option<Vec<RevokedEntry>> {
        let mut serials = self.serials.chunks_exact(self.length.max(1));
        let mut since = self.since.split(',');
        let mut reasons = self.reasons.split(',');
        let mut invalid = self.invalid.split(',');
        let count = usize::try_from(self.count).ok()?;
        let mut entries = Vec::with_capacity(count.min(self.serials.len()));
        for serial in serials.by_ref() {
            let (reason, invalid) = (reasons.next()?, invalid.next()?);
            entries.push(RevokedEntry {
                serial: SerialNumber::from_bytes(serial).ok()?,
                revoked_at: time(since.next()?)?,
                reason: published(RevocationReason::from_code(reason.parse().ok()?)?),
                invalidity_date: match invalid {
                    "" => None,
                    date => Some(time(date)?),
                },
            });
        }
        let no_more = since.next().or(reasons.next()).or(invalid.next()).is_none();
        let whole = serials.remainder().is_empty() && entries.len() == count;
        (whole && no_more).then_some(entries)
    }
}

fn time(microseconds: &str) -> Option<Timestamp> {
    Timestamp::from_microsecond(microseconds.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(length: usize, texts: [&str; 3], count: u32) -> Option<Vec<RevokedEntry>> {
        let [since, reasons, invalid] = texts.map(ToOwned::to_owned);
        let columns = Columns {
            count,
            place: 0,
            length,
            serials: vec![7, 8, 9, 10],
            since,
            reasons,
            invalid,
        };
        columns.entries().ok()
    }

    #[test]
    fn columns_are_read_side_by_side() {
        let entries = read(2, ["1000000,2000000", "1,0", ",3000000"], 2).unwrap();
        let serials: Vec<_> = entries.iter().map(|it| it.serial.as_bytes()).collect();
        assert_eq!(serials, [[7, 8], [9, 10]]);
        let dates: Vec<_> = entries.iter().map(|it| it.invalidity_date).collect();
        assert_eq!(dates, [None, Timestamp::from_second(3).ok()]);
        let reasons: Vec<_> = entries.iter().map(|it| it.reason).collect();
        assert_eq!(reasons, [Some(RevocationReason::KeyCompromise), None]);
    }

    #[test]
    fn what_is_no_entry_is_not_read() {
        for (length, texts, count) in [
            (2, ["1,2", "1,0", ","], 3),
            (2, ["1", "1,0", ","], 2),
            (2, ["1,2,3", "1,0", ","], 2),
            (2, ["1,2", "1,7", ","], 2),
            (2, ["1,2", "1,0", ""], 2),
            (2, ["1,", "1,0", ","], 2),
            (2, ["1,2", "1,0", ",x"], 2),
            (3, ["1", "1", ""], 1),
            (0, ["1,2", "1,0", ","], 2),
        ] {
            assert_eq!(
                read(length, texts, count),
                None,
                "{length} {texts:?} {count}"
            );
        }
    }
}
