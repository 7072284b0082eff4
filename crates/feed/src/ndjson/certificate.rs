//! Entries about certificates, read without a detour.
//!
//! Serde reads an enum whose tag stands inside of it into a tree of values first. A feed is millions of
//! entries of one kind, so that kind is read as what it is.

use jiff::Timestamp;
use pki::{IssuerName, RevocationReason, SerialNumber};
use serde::Deserialize;

use crate::{Entry, Event, Status};

/// The entry in a line, if it is about a certificate and says nothing else than one should.
pub(super) fn read(line: &[u8]) -> Option<Entry> {
    let Line { seq, at, event } = serde_json::from_slice(line).ok()?;
    let status = event.status.status()?;
    Some(Entry {
        seq,
        at,
        event: Event::Certificate {
            issuer: event.issuer,
            serial: event.serial,
            not_after: event.not_after,
            shard: event.shard,
            status,
        },
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    seq: u64,
    at: Timestamp,
    event: Certificate,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Certificate {
    #[serde(rename = "type")]
    _kind: Kind,
    issuer: IssuerName,
    serial: SerialNumber,
    not_after: Timestamp,
    shard: Option<u16>,
    status: Fields,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Certificate,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    state: Word,
    at: Option<Timestamp>,
    reason: Option<RevocationReason>,
    invalidity_date: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Word {
    Good,
    Revoked,
    Hold,
    Abandoned,
}

impl Fields {
    fn status(self) -> Option<Status> {
        Some(match (self.state, self.at) {
            (Word::Good, None) => Status::Good,
            (Word::Revoked, Some(at)) => Status::Revoked {
                at,
                reason: self.reason,
                invalidity_date: self.invalidity_date,
            },
            (Word::Hold, Some(at)) => Status::Hold { at },
            (Word::Abandoned, Some(at)) => Status::Abandoned { at },
            (Word::Good, Some(_)) | (Word::Revoked | Word::Hold | Word::Abandoned, None) => {
                return None;
            }
        })
    }
}
