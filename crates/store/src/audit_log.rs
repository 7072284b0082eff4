//! The audit log.

use audit::{AuditEvent, ChainHash, EventKind};
use jiff::Timestamp;
use pki::SerialNumber;

/// An event as recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// Position in commit order, from 1, without gaps.
    pub sequence: u64,
    /// The event.
    pub event: AuditEvent,
    /// Hash over this event and all before it.
    pub chain: ChainHash,
}

/// Which events a page holds; all that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// The kind.
    pub kind: Option<EventKind>,
    /// The actor, as displayed: `ra:NAME`, `daemon` …
    pub actor: Option<String>,
    /// The certificate.
    pub serial: Option<SerialNumber>,
    /// Not before this time.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
}
