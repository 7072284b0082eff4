//! The status feed: an append-only sequence of what public processes must know about certificates.
//!
//! In scope: the entries and their NDJSON form, the server's half without a web framework, and the
//! follower with its bounded retries and acknowledgements. Out of scope: where entries are kept,
//! who may follow, and what a follower does with them.
//!
//! Entries are in commit order and carry no personal data. A follower begins with a snapshot, goes
//! on from the head that the snapshot's first page named, and acknowledges what it has made durable.
//! When the server names another [`Epoch`], its database was put back: the follower starts over.

mod base64_bytes;
mod entry;
mod epoch;
pub mod follower;
pub mod ndjson;
pub mod server;
pub mod wire;

pub use base64_bytes::Base64;
pub use entry::{Entry, Event, IssuerKind, Status, Terms};
pub use epoch::{Epoch, EpochError};
pub use follower::{
    Acknowledger, AnnouncedList, FeedSink, FollowError, Follower, FollowerConfig, Lists, Position,
    Progress,
};
pub use wire::{Acknowledgement, CrlAcknowledgement};
