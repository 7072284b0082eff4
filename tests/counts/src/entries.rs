//! One entry of a list, and one of the feed on its way out and in.

use feed::{
    Entry, Event, Status,
    ndjson::{Decoder, Lines},
};
use issuance::{CrlEntry, CrlWriter};
use jiff::SignedDuration;
use pki::{CrlNumber, RevocationReason};

use crate::{
    Operation,
    software_ca::{SoftwareCa, now, serial},
};

/// Writes an entry of a list. The list grows as it does in the daemon, so that the count says what an
/// entry needs beside its share of the list's memory.
pub(crate) fn of_a_list() -> anyhow::Result<Operation> {
    let ca = SoftwareCa::new("esign-ca")?;
    let next_update = now() + SignedDuration::from_hours(24);
    let entry = CrlEntry {
        serial: serial(2)?,
        revoked_at: now(),
        reason: Some(RevocationReason::KeyCompromise),
        invalidity_date: Some(now()),
    };
    Ok(Operation::new("crl-entries", move || {
        let mut list = CrlWriter::new(&ca.issuer, CrlNumber::new(9), now(), next_update, None)?;
        for number in 0..ENTRIES {
            let serial = serial(number)?;
            list.push(&CrlEntry {
                serial,
                ..entry.clone()
            })?;
        }
        let (_, _awaiting) = list.finish()?.release();
        Ok(())
    }))
}

/// Writes a page of entries, their events as they were recorded, as lines.
pub(crate) fn to_the_feed() -> anyhow::Result<Operation> {
    let mut page = Vec::new();
    for entry in self::page()? {
        page.push((entry.seq, entry.at, serde_json::to_string(&entry.event)?));
    }
    Ok(Operation::new("feed-entries-encoded", move || {
        let mut lines = Lines::default();
        for (seq, at, event) in &page {
            lines.push(*seq, *at, event);
        }
        Ok(())
    }))
}

/// Reads a page of lines.
pub(crate) fn from_the_feed() -> anyhow::Result<Operation> {
    let lines = Lines::of(&page()?)?.into_octets();
    Ok(Operation::new("feed-entries-decoded", move || {
        let mut decoder = Decoder::default();
        decoder.push(&lines)?;
        decoder.finish()?;
        Ok(())
    }))
}

fn page() -> anyhow::Result<Vec<Entry>> {
    let entry = |number: u8| -> anyhow::Result<Entry> {
        Ok(Entry {
            seq: u64::from(number) + 1,
            at: now(),
            event: Event::Certificate {
                issuer: "esign-ca".parse()?,
                serial: serial(number)?,
                not_after: now(),
                shard: Some(3),
                status: Status::Revoked {
                    at: now(),
                    reason: Some(RevocationReason::KeyCompromise),
                    invalidity_date: None,
                },
            },
        })
    };
    (0..ENTRIES).map(entry).collect()
}

/// Entries of a list or a page.
const ENTRIES: u8 = 100;
