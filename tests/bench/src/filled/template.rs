//! The certificates that are copied, as the daemon recorded them.

use anyhow::Context as _;
use blackbox_tests::{KeyKind, World, enrolment, statement};
use pki::SerialNumber;
use serde_json::json;

use super::database::Database;

/// Serial numbers of the certificates that are copied.
#[derive(Debug, Clone, Copy)]
pub(super) struct Serials {
    pub(super) good: SerialNumber,
    pub(super) revoked: SerialNumber,
}

/// What copying needs to know of the database.
#[derive(Debug)]
pub(super) struct Templates {
    pub(super) serials: Serials,
    /// Column names by table, see [`TABLES`].
    pub(super) columns: [Vec<String>; TABLES.len()],
    /// Numbers of their entries.
    pub(super) entries: Entries,
    /// The number of the last entry.
    pub(super) feed_head: u64,
    /// Into how many shards the lists of the issuer are divided.
    pub(super) shards: u64,
}

/// Numbers of the entries that are copied.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entries {
    /// That the good one was issued.
    pub(super) good: u64,
    /// That the revoked one was issued.
    pub(super) issued: u64,
    /// That it was revoked.
    pub(super) revoked: u64,
}

/// The tables with rows of each certificate.
pub(super) const TABLES: [&str; 4] = ["requests", "statements", "certificates", "feed"];

/// Issues two certificates and revokes the second.
pub(super) fn issue(world: &World) -> Serials {
    let enroll = || {
        let key = world.key(KeyKind::P256);
        let issued = enrolment::enroll(world.ra(), "esign-individual", &key, "Filled");
        issued.certificate.summary.serial
    };
    let serials = Serials {
        good: enroll(),
        revoked: enroll(),
    };
    let revoke = json!({ "ground": "sub.request", "evidence": [statement::evidence("name")] });
    let path = enrolment::path(api::routes::REVOKE, serials.revoked);
    world.ra().post(&path, &revoke).expect(200);
    serials
}

impl Templates {
    /// Looks the templates up.
    ///
    /// # Errors
    /// The database refuses, or has other tables.
    pub(super) fn find(database: &Database<'_>, serials: &Serials) -> anyhow::Result<Self> {
        let mut columns = [const { Vec::new() }; TABLES.len()];
        for (columns, table) in columns.iter_mut().zip(TABLES) {
            *columns = database.columns(table)?;
        }
        let number = |sql: &str| -> anyhow::Result<u64> {
            let rows = database.rows(sql)?;
            Ok(rows.first().context("no row")?.trim().parse()?)
        };
        let terms = "SELECT event FROM feed f JOIN feed_topics t ON t.seq = f.seq \
                     WHERE t.topic = 'terms:esign-ca';";
        let terms = database.rows(terms)?.concat();
        let terms: serde_json::Value = serde_json::from_str(&terms)?;
        let shards = terms.pointer("/terms/shards");
        let entry = |place: &str, serial: SerialNumber| {
            number(&format!(
                "SELECT {place}(seq) FROM feed WHERE event LIKE '%{serial}%';"
            ))
        };
        let entries = Entries {
            good: entry("MAX", serials.good)?,
            issued: entry("MIN", serials.revoked)?,
            revoked: entry("MAX", serials.revoked)?,
        };
        Ok(Self {
            entries,
            serials: *serials,
            columns,
            feed_head: number("SELECT MAX(seq) FROM feed;")?,
            shards: shards.and_then(serde_json::Value::as_u64).unwrap_or(0),
        })
    }
}
