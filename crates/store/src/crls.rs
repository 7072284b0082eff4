//! CRLs: their numbers, entries and publication.

mod entries;
mod numbers;
mod octets;
mod pending;
mod publication;
mod record;
mod write;

pub use entries::{Entries, Listed};
#[cfg(test)]
pub(crate) use entries::{page as page_of_entries, page_of_changes};
pub use octets::CrlOctets;
pub use pending::ShardChanges;
pub use record::{CrlRecord, CrlRefusal, CurrentCrl, RevokedEntry};
#[cfg(test)]
pub(crate) use write::drop_expired;
