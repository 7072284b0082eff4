//! CRLs: their numbers, entries and publication.

mod entries;
mod pending;
mod publication;
mod record;
mod write;

pub use record::{CrlRecord, CrlRefusal, CurrentCrl, RevokedEntry, RevokedSet};
