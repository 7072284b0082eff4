//! What reading and hashing alone take.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use sha2::{Digest as _, Sha256};

/// How long the plain SELECT takes of what a list of `esign-ca` shows: all, or one shard. The best of
/// some: the first brings the file into memory.
///
/// # Errors
/// SQLite's.
pub(super) fn select(database: &Path, shard: Option<u16>) -> anyhow::Result<Duration> {
    let condition = shard.map_or(String::new(), |shard| format!(" AND shard = {shard}"));
    let select = format!(
        "SELECT serial, state, effective_at, reason, invalidity_date, changed_at \
         FROM certificates WHERE on_crl AND issuer = 'esign-ca'{condition} ORDER BY serial;"
    );
    let mut best = Duration::MAX;
    for _ in 0..TIMES {
        let mut sqlite = Command::new("sqlite3");
        sqlite.arg("-readonly").arg(database).arg(&select);
        let begun = Instant::now();
        let status = sqlite.stdout(Stdio::null()).status().context("sqlite3")?;
        ensure!(status.success(), "sqlite3: {status}");
        best = best.min(begun.elapsed());
    }
    Ok(best)
}

/// How long it takes to hash a list.
pub(super) fn hash(list: &[u8]) -> Duration {
    let begun = Instant::now();
    std::hint::black_box(Sha256::digest(list));
    begun.elapsed()
}

const TIMES: usize = 3;
