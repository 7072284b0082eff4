//! Certificates, which nearly all entries are about.

use std::collections::BTreeMap;

use feed::{Entry, Event, Status};
use jiff::Timestamp;
use pki::{IssuerName, RevocationReason, SerialNumber};

use crate::{
    copy::FULL,
    engine::{Kind, Statement, Value},
    rows,
};

/// What entries say of certificates, in the order in which the table has them: neighbours go into it
/// together, and what a transaction touches is written once.
pub(super) struct Certificates<'a> {
    good: Vec<Certificate<'a>>,
    not_good: Vec<Certificate<'a>>,
}

/// Copied, since in another order the entries themselves would be far apart in memory.
struct Certificate<'a> {
    seq: u64,
    issuer: &'a IssuerName,
    serial: SerialNumber,
    not_after: Timestamp,
    shard: Option<u16>,
    status: Status,
}

impl<'a> Certificates<'a> {
    pub(super) fn of(entries: &'a [Entry]) -> Self {
        let certificates = entries.iter().filter_map(Certificate::of);
        let (mut good, mut not_good): (Vec<_>, Vec<_>) =
            certificates.partition(|one| matches!(one.status, Status::Good));
        // What is told of one certificate stays in the order in which it came.
        good.sort_by_cached_key(Certificate::place);
        not_good.sort_by_cached_key(Certificate::place);
        Self { good, not_good }
    }

    /// Takes them in; what a later entry told is left alone.
    ///
    /// Those that are not good go first: one that is good again keeps since when it was not.
    pub(super) fn rows(&self) -> impl Iterator<Item = Statement> {
        let not_good = rows::parts(Kind::Sqlite, &self.not_good).map(take_in_not_good);
        let of_one_issuer = self
            .good
            .chunk_by(|left, right| left.issuer == right.issuer);
        not_good.chain(of_one_issuer.flat_map(|good| {
            let parts = good.chunks_exact(MANY);
            let rest = rows::parts(Kind::Sqlite, parts.remainder());
            parts.chain(rest).filter_map(take_in_good)
        }))
    }

    /// Keeps the end of the one that ends last, of each issuer and shard.
    pub(super) fn ends(&self) -> Vec<Statement> {
        let mut ends = BTreeMap::new();
        for one in self.good.iter().chain(&self.not_good) {
            let end = ends.entry((one.issuer, one.shard)).or_insert(one.not_after);
            *end = one.not_after.max(*end);
        }
        let rows = ends.into_iter().map(|((issuer, shard), end)| {
            let shard = shard.map_or(FULL, i64::from);
            [issuer.into(), shard.into(), end.into()]
        });
        rows::statements(Kind::Sqlite, rows.collect(), |rows| {
            format!(
                "INSERT INTO ends (issuer, shard, not_after) {rows} \
                 ON CONFLICT (issuer, shard) DO UPDATE SET not_after = excluded.not_after \
                 WHERE excluded.not_after > ends.not_after"
            )
        })
    }
}

/// How many rows a statement has where there are that many: each is handed to another thread, and the
/// next one when that is back.
const MANY: usize = 1024;

/// Certificates of one issuer that are good, with as few values as it takes: nearly all are.
fn take_in_good(certificates: &[Certificate<'_>]) -> Option<Statement> {
    let issuer = certificates.first()?.issuer;
    let rows = rows::placeholders(certificates.len(), GOOD_COLUMNS);
    // Without WHERE, SQLite would take ON for a join's.
    let statement = Statement::assembled(format!(
        "INSERT INTO certificates (issuer, state, seq, serial, not_after, shard) \
         SELECT ?, 'good', * FROM (VALUES {rows}) WHERE TRUE \
         ON CONFLICT (issuer, serial) DO UPDATE SET seq = excluded.seq, \
         shard = excluded.shard, not_after = excluded.not_after, state = excluded.state, \
         reason = NULL, invalidity_date = NULL WHERE excluded.seq > certificates.seq"
    ));
    let mut values = Vec::with_capacity(1 + certificates.len() * GOOD_COLUMNS);
    values.push(issuer.into());
    values.extend(certificates.iter().flat_map(Certificate::good_values));
    Some(statement.bind_all(values))
}

const GOOD_COLUMNS: usize = 4;

fn take_in_not_good(certificates: &[Certificate<'_>]) -> Statement {
    let rows = rows::placeholders(certificates.len(), COLUMNS);
    let statement = Statement::assembled(format!(
        "INSERT INTO certificates \
         (seq, serial, not_after, shard, issuer, state, at, reason, invalidity_date) \
         VALUES {rows} ON CONFLICT (issuer, serial) DO UPDATE SET seq = excluded.seq, \
         shard = excluded.shard, not_after = excluded.not_after, state = excluded.state, \
         at = excluded.at, reason = excluded.reason, \
         invalidity_date = excluded.invalidity_date WHERE excluded.seq > certificates.seq"
    ));
    statement.bind_all(certificates.iter().flat_map(Certificate::values))
}

const COLUMNS: usize = 9;

impl<'a> Certificate<'a> {
    fn of(entry: &'a Entry) -> Option<Self> {
        let Event::Certificate {
            issuer,
            serial,
            not_after,
            shard,
            status,
        } = &entry.event
        else {
            return None;
        };
        Some(Self {
            seq: entry.seq,
            issuer,
            serial: *serial,
            not_after: *not_after,
            shard: *shard,
            status: *status,
        })
    }

    /// Where it stands in the table, as far as a few octets tell.
    fn place(&self) -> (&'a IssuerName, [u8; 8]) {
        let mut octets = [0; 8];
        octets
            .iter_mut()
            .zip(self.serial.as_bytes())
            .for_each(|(to, from)| *to = *from);
        (self.issuer, octets)
    }

    fn good_values(&self) -> [Value; GOOD_COLUMNS] {
        [
            self.seq.into(),
            self.serial.into(),
            self.not_after.into(),
            self.shard.into(),
        ]
    }

    fn values(&self) -> [Value; COLUMNS] {
        let [seq, serial, not_after, shard] = self.good_values();
        let (state, at, reason, invalidity_date) = columns(&self.status);
        [
            seq,
            serial,
            not_after,
            shard,
            self.issuer.into(),
            state.into(),
            at.into(),
            reason.into(),
            invalidity_date.into(),
        ]
    }
}

type StatusColumns = (
    &'static str,
    Option<Timestamp>,
    Option<RevocationReason>,
    Option<Timestamp>,
);

fn columns(status: &Status) -> StatusColumns {
    match status {
        Status::Good => ("good", None, None, None),
        Status::Revoked {
            at,
            reason,
            invalidity_date,
        } => ("revoked", Some(*at), *reason, *invalidity_date),
        Status::Hold { at } => ("hold", Some(*at), None, None),
        Status::Abandoned { at } => ("abandoned", Some(*at), None, None),
    }
}
