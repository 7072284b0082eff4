//! The status feed and its acknowledgements.

use jiff::Timestamp;

/// How far a follower has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The follower, by its name in the registry.
    pub follower: String,
    /// The last sequence number that it has made durable.
    pub sequence: u64,
    /// When it said so.
    pub at: Timestamp,
}

/// A page of the snapshot: each thing once, by its last change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotPage {
    /// The entries, by ascending sequence number.
    pub entries: Vec<feed::Entry>,
    /// The sequence number to go on from.
    pub next: u64,
    /// Whether the snapshot is complete with this page: from `next` on, follow the feed.
    pub complete: bool,
}
