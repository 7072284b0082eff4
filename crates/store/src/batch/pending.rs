//! What a transaction is going to announce and audit.

use audit::{AuditEvent, ChainHash};
use jiff::Timestamp;

use crate::engine::Value;

/// An entry of the feed.
#[derive(Debug)]
pub(super) struct PendingEntry {
    pub(super) sequence: u64,
    pub(super) latest: bool,
    pub(super) event: String,
}

/// An event of the audit log.
#[derive(Debug)]
pub(super) struct PendingEvent {
    pub(super) sequence: u64,
    pub(super) event: AuditEvent,
    pub(super) canonical: String,
    pub(super) chain: ChainHash,
}

impl PendingEntry {
    pub(super) fn row(self, at: Timestamp) -> [Value; 4] {
        [
            self.sequence.into(),
            at.into(),
            self.latest.into(),
            self.event.into(),
        ]
    }
}

impl PendingEvent {
    pub(super) fn row(self) -> [Value; 7] {
        [
            self.sequence.into(),
            self.event.at.into(),
            self.event.kind.as_str().into(),
            self.event.actor.to_string().into(),
            self.event.serial.into(),
            self.canonical.into(),
            self.chain.as_bytes().as_slice().into(),
        ]
    }
}
