//! The statements that copy a chunk of certificates.

use pki::SerialNumber;

use super::{
    database::Dialect,
    template::{TABLES, Templates},
};

/// Certificates that one transaction adds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chunk {
    /// The number of the first, among all that are filled in.
    pub(super) first: u64,
    /// How many there are.
    pub(super) certificates: u64,
    /// How many of them are revoked: the first ones.
    pub(super) revoked: u64,
    /// The last number of the feed before it.
    pub(super) feed_head: u64,
    /// How long before the present their serial numbers begin.
    pub(super) days_ago: u64,
}

/// A column and what it holds in a copy, where that is not what the template holds.
type Own<'a> = (&'a str, String);

impl Templates {
    /// All statements for a chunk, one transaction.
    pub(super) fn copies(&self, dialect: Dialect, chunk: &Chunk) -> String {
        let good = self.serials.good;
        let revoked = self.serials.revoked;
        let head = chunk.feed_head + 1;
        // The changes to the revoked follow the issuance of all.
        let later = head + chunk.certificates;
        let (all, others) = ("TRUE", format!("k.n >= {}", chunk.revoked));
        let changed = format!("k.n < {}", chunk.revoked);
        let issued = format!("{head} + k.n");
        [
            "BEGIN;".to_owned(),
            self.drawn(dialect, chunk),
            self.request(dialect, good, chunk, all),
            self.statement(dialect, good, all),
            self.certificate(dialect, good, &issued, &others),
            self.certificate(dialect, revoked, &format!("{later} + k.n"), &changed),
            self.entry(dialect, (good, self.entries.good), &issued, &others),
            self.entry(dialect, (revoked, self.entries.issued), &issued, &changed),
            self.entry(
                dialect,
                (revoked, self.entries.revoked),
                &format!("{later} + k.n"),
                &changed,
            ),
            "DROP TABLE drawn; COMMIT;".to_owned(),
        ]
        .join("\n")
    }

    /// What is drawn for each certificate, with its number from 0.
    fn drawn(&self, dialect: Dialect, chunk: &Chunk) -> String {
        let count = chunk.certificates;
        // The last two octets pick the shard; SQLite has no number to octet but by ASCII.
        let (high, low) = ("(1 + n % 127)", "(1 + n / 127 % 127)");
        let shard = match self.shards {
            0 => "NULL".to_owned(),
            shards => format!("({high} * 256 + {low}) % {shards}"),
        };
        let begin = dialect.octets(&days_before(self.serials.good, chunk.days_ago));
        let request = dialect.octets(&request_prefix(chunk.first));
        match dialect {
            Dialect::Sqlite => format!(
                "CREATE TEMP TABLE drawn AS WITH RECURSIVE numbers (n) AS \
                 (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {count}) \
                 SELECT n, CAST({begin} || randomblob(14) || char({high}, {low}) AS BLOB) AS serial, \
                 CAST({request} || randomblob(8) AS BLOB) AS request_id, \
                 randomblob(32) AS spki_hash, randomblob(32) AS subscriber_hash, \
                 {shard} AS shard FROM numbers;"
            ),
            Dialect::Postgres => format!(
                "CREATE TEMP TABLE drawn AS SELECT n, {begin} || substr(decode(md5(random()::text || n), \
                 'hex'), 3) || decode(lpad(to_hex({high} * 256 + {low}), 4, '0'), 'hex') AS serial, \
                 {request} || substr(decode(md5(random()::text || n), 'hex'), 9) AS request_id, \
                 sha256(decode(md5(random()::text || n), 'hex')) AS spki_hash, \
                 sha256(decode(md5(random()::text || n), 'hex')) AS subscriber_hash, \
                 {shard} AS shard FROM generate_series(0, {count} - 1) AS numbers (n); \
                 ANALYZE drawn;"
            ),
        }
    }

    fn request(&self, dialect: Dialect, of: SerialNumber, chunk: &Chunk, which: &str) -> String {
        // The head of the feed tells fillings of one database apart.
        let key = format!("'filled-' || ({} + k.n)", chunk.feed_head);
        let own = [
            ("request_id", "k.request_id".to_owned()),
            ("serial", "k.serial".to_owned()),
            ("idempotency_key", key),
        ];
        self.copy("requests", "t.serial", &dialect.serial(of), &own, which)
    }

    fn statement(&self, dialect: Dialect, of: SerialNumber, which: &str) -> String {
        let serial = dialect.serial(of);
        let request = format!("(SELECT request_id FROM certificates WHERE serial = {serial})");
        let own = [("request_id", "k.request_id".to_owned())];
        self.copy("statements", "t.request_id", &request, &own, which)
    }

    fn certificate(&self, dialect: Dialect, of: SerialNumber, seq: &str, which: &str) -> String {
        let own = [
            ("serial", "k.serial".to_owned()),
            ("request_id", "k.request_id".to_owned()),
            ("spki_hash", "k.spki_hash".to_owned()),
            ("subscriber_hash", "k.subscriber_hash".to_owned()),
            ("shard", "k.shard".to_owned()),
            ("certificate_der", dialect.with_serial().to_owned()),
            ("feed_seq", seq.to_owned()),
        ];
        self.copy("certificates", "t.serial", &dialect.serial(of), &own, which)
    }

    /// An entry of the feed about a certificate.
    fn entry(
        &self,
        dialect: Dialect,
        (of, entry): (SerialNumber, u64),
        seq: &str,
        which: &str,
    ) -> String {
        let hex = dialect.hex("k.serial");
        let shard = format!(
            "(SELECT shard FROM certificates WHERE serial = {})",
            dialect.serial(of)
        );
        let event = format!("REPLACE(t.event, '{of}', {hex})");
        let event = match self.shards {
            0 => event,
            _ => format!(
                "REPLACE({event}, '\"shard\":' || {shard} || ',', '\"shard\":' || k.shard || ',')"
            ),
        };
        let own = [("seq", seq.to_owned()), ("event", event)];
        self.copy("feed", "t.seq", &entry.to_string(), &own, which)
    }

    /// Copies the row of a table whose `key` is `value` once for each that was drawn.
    fn copy(&self, table: &str, key: &str, value: &str, own: &[Own<'_>], which: &str) -> String {
        let found = TABLES.iter().zip(&self.columns);
        let columns = found
            .filter_map(|(name, columns)| (*name == table).then_some(columns))
            .flatten();
        let (mut names, mut values) = (Vec::new(), Vec::new());
        for column in columns {
            names.push(column.as_str());
            let own = own.iter().find(|(name, _)| name == column);
            values.push(own.map_or_else(|| format!("t.{column}"), |(_, value)| value.clone()));
        }
        format!(
            "INSERT INTO {table} ({}) SELECT {} FROM {table} t CROSS JOIN drawn k \
             WHERE {key} = {value} AND {which} ORDER BY k.n;",
            names.join(", "),
            values.join(", "),
        )
    }
}

impl Dialect {
    fn octets(self, octets: &[u8]) -> String {
        let hex = hex::encode(octets);
        match self {
            Self::Sqlite => format!("x'{hex}'"),
            Self::Postgres => format!("'\\x{hex}'::bytea"),
        }
    }

    fn serial(self, serial: SerialNumber) -> String {
        self.octets(serial.as_bytes())
    }

    fn hex(self, expression: &str) -> String {
        match self {
            Self::Sqlite => format!("LOWER(HEX({expression}))"),
            Self::Postgres => format!("encode({expression}, 'hex')"),
        }
    }

    /// The template's certificate with the copy's serial number in it.
    fn with_serial(self) -> &'static str {
        match self {
            Self::Sqlite => {
                "CAST(substr(t.certificate_der, 1, instr(t.certificate_der, t.serial) - 1) || k.serial \
                 || substr(t.certificate_der, instr(t.certificate_der, t.serial) + length(t.serial)) AS BLOB)"
            }
            Self::Postgres => {
                "overlay(t.certificate_der PLACING k.serial FROM position(t.serial IN t.certificate_der))"
            }
        }
    }
}

/// The day that the first two octets of a serial number stand for, some days before.
fn days_before(serial: SerialNumber, days: u64) -> [u8; 2] {
    let day = match serial.as_bytes() {
        [high, low, ..] => u16::from_be_bytes([*high, *low]),
        _ => u16::MAX,
    };
    let days = u16::try_from(days).unwrap_or(u16::MAX);
    day.saturating_sub(days).max(FIRST_DAY).to_be_bytes()
}

/// Request numbers begin with their time; these are older than any that the daemon gives, and ascend.
fn request_prefix(first: u64) -> [u8; 8] {
    let milliseconds = (0x0180_u64 << 32) + first;
    (milliseconds << 16 | 0x7000).to_be_bytes()
}

/// Serial numbers of the first day begin so.
const FIRST_DAY: u16 = 0x0100;
