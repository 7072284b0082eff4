//! A database as it is after years: certificates by the million, put there with set-based SQL.
//!
//! Two certificates are issued through the API, and one of them is revoked; their rows are what all
//! others are copied from, so that what the daemon writes itself is what is there. Each copy has its own
//! request, statement, serial number, key and place on the feed. The audit log stays as it is: nothing
//! but the operator's check of a restored copy reads it as a whole.

mod database;
mod rows;
mod template;

use anyhow::ensure;
use blackbox_tests::{Daemon, World};
use indicatif::{ProgressBar, ProgressStyle};

use self::{database::Database, rows::Chunk, template::Templates};

/// How full a database is to be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Amount {
    /// Certificates in all.
    pub(crate) certificates: u64,
    /// How many of them are revoked.
    pub(crate) revoked: u64,
}

/// Fills the database of a running CA. Stops ca-daemon and leaves it stopped, so that its start can be
/// measured; the followers have yet to hear of the new certificates. Gives the feed's head.
///
/// # Errors
/// The certificates to copy are not issued, or the database refuses.
pub(crate) fn fill(world: &World, amount: Amount) -> anyhow::Result<u64> {
    ensure!(
        amount.revoked <= amount.certificates,
        "more are to be revoked than there are"
    );
    let serials = template::issue(world);
    world.stop(Daemon::Ca);
    let database = Database::of(world);
    database.prepare()?;
    let templates = Templates::find(&database, &serials)?;
    let progress = bar(amount.certificates)?;
    for chunk in chunks(amount, templates.feed_head) {
        database.run(&templates.copies(database.dialect(), &chunk))?;
        progress.inc(chunk.certificates);
    }
    progress.finish_and_clear();
    database.finish()?;
    Ok(templates.feed_head + amount.certificates + amount.revoked)
}

fn bar(certificates: u64) -> anyhow::Result<ProgressBar> {
    let template = "{bar:30} {human_pos}/{human_len} certificates, {eta} to go";
    Ok(ProgressBar::new(certificates).with_style(ProgressStyle::with_template(template)?))
}

/// Cuts an amount into chunks that each have their share of the revoked.
fn chunks(amount: Amount, feed_head: u64) -> impl Iterator<Item = Chunk> {
    let count = amount.certificates.div_ceil(CHUNK);
    // Revoked among the first so many.
    let share = move |certificates: u64| {
        let share = u128::from(amount.revoked) * u128::from(certificates);
        let share = share / u128::from(amount.certificates.max(1));
        u64::try_from(share).unwrap_or(amount.revoked)
    };
    (0..count).map(move |number| {
        let first = number * CHUNK;
        let end = (first + CHUNK).min(amount.certificates);
        Chunk {
            first,
            certificates: end - first,
            revoked: share(end) - share(first),
            feed_head: feed_head + first + share(first),
            days_ago: count - number,
        }
    })
}

/// Certificates of one transaction: few enough for what is touched to stay in memory.
const CHUNK: u64 = 100_000;

#[cfg(test)]
mod tests;
