//! The status feed, from a place on and as a snapshot.

use feed::ndjson::Lines;
use jiff::Timestamp;
use pki::IssuerName;

use crate::{
    Store, StoreError,
    engine::{Statement, to_word},
};

/// A page of the snapshot: each thing once, by its last change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotPage {
    /// The entries, by ascending sequence number.
    pub lines: Lines,
    /// The sequence number to go on from.
    pub next: u64,
    /// Whether the snapshot is complete with this page: from `next` on, follow the feed.
    pub complete: bool,
}

impl Store {
    /// The last sequence number; 0 when the feed is empty.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn feed_head(&self) -> Result<u64, StoreError> {
        let query = Statement::new("SELECT COALESCE(MAX(seq), 0) AS head FROM feed");
        self.reads()
            .first(query)
            .await?
            .map_or(Ok(0), |row| row.get("head"))
    }

    /// Entries after a sequence number, in commit order, without gaps; fewer than `limit` when they
    /// are large, and at least one if there is any.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn feed_after(&self, sequence: u64, limit: u32) -> Result<Lines, StoreError> {
        let query =
            Statement::new("SELECT seq, at, event FROM feed WHERE seq > $1 ORDER BY seq LIMIT $2");
        let (lines, _) = self.lines(query.bind(sequence).bind(limit)).await?;
        Ok(lines)
    }

    /// A page of the present state: each thing once, by its last change, in the order of these
    /// changes. Begin with 0 and go on from `next`; what changes meanwhile comes again later, so
    /// that the state is whole when `complete` says so.
    ///
    /// A follower that fell far behind may be served from here at any sequence number.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn snapshot_page(&self, after: u64, limit: u32) -> Result<SnapshotPage, StoreError> {
        // Read first: what is committed after this is left to the feed.
        let head = self.feed_head().await?;
        let query = Statement::new(
            "SELECT seq, at, event FROM feed WHERE latest AND seq > $1 AND seq <= $2 \
             ORDER BY seq LIMIT $3",
        );
        let (lines, cut) = self.lines(query.bind(after).bind(head).bind(limit)).await?;
        let complete = !cut && lines.len() < usize::try_from(limit).unwrap_or(usize::MAX);
        let last = lines.last().unwrap_or(after);
        Ok(SnapshotPage {
            lines,
            next: if complete { head.max(after) } else { last },
            complete,
        })
    }

    /// The entries of a page, their events as they were recorded, and whether the page was cut short
    /// because they are large.
    async fn lines(&self, query: Statement) -> Result<(Lines, bool), StoreError> {
        let row = self.reads().first(packed(query)).await?;
        let row = row.ok_or(StoreError::Corrupt { what: "page" })?;
        let column = |name| row.optional::<String>(name).map(Option::unwrap_or_default);
        let (seqs, times, events) = (column("seqs")?, column("times")?, column("events")?);
        let mut lines = Lines::default();
        let (mut times, mut events) = (times.split(','), events.split_terminator('\n'));
        for seq in seqs.split_terminator(',') {
            if lines.size() >= PAGE_BYTES {
                return Ok((lines, true));
            }
            let entry = entry(seq, times.next(), events.next());
            let (seq, at, event) = entry.ok_or(StoreError::Corrupt { what: "feed" })?;
            lines.push(seq, at, event);
        }
        match events.next() {
            None => Ok((lines, false)),
            Some(_) => Err(StoreError::Corrupt { what: "feed" }),
        }
    }

    /// Responders that may answer for an issuer: those that a revocation waits for. A suspended one
    /// hears nothing new, yet answers from its copy for as long as that counts as fresh; one that
    /// is retired is switched off.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn responders(&self, issuer: &IssuerName) -> Result<Vec<String>, StoreError> {
        let query = Statement::new(
            "SELECT DISTINCT k.follower FROM responder_keys k JOIN peers p ON p.name = k.follower \
             WHERE k.issuer = $1 AND p.status <> $2 ORDER BY k.follower",
        );
        let gone = to_word(&api::PeerStatus::Retired)?;
        let rows = self.reads().all(query.bind(issuer).bind(gone)).await?;
        rows.iter().map(|row| row.get("follower")).collect()
    }
}

/// All rows of a page in one, a column at a time: what a row costs on its way here is more than what an
/// entry does. An event is one line.
fn packed(page: Statement) -> Statement {
    page.within(|page| {
        format!(
            "SELECT string_agg(CAST(seq AS TEXT), ',') AS seqs, \
             string_agg(CAST(at AS TEXT), ',') AS times, \
             string_agg(event, '\n') AS events FROM ({page}) AS page"
        )
    })
}

fn entry<'a>(
    seq: &str,
    at: Option<&str>,
    event: Option<&'a str>,
) -> Option<(u64, Timestamp, &'a str)> {
    let at = Timestamp::from_microsecond(at?.parse().ok()?).ok()?;
    Some((seq.parse().ok()?, at, event?))
}

/// After how many octets a page of entries ends, whatever number was asked for.
const PAGE_BYTES: usize = 4 * 1024 * 1024;
