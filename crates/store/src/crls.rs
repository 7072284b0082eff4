//! CRLs: their numbers, entries and publication.

mod record;

pub use record::{CrlRecord, CrlRefusal, CurrentCrl, RevokedEntry, RevokedSet};
