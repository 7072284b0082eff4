//! The database of ca-daemon: repositories and migrations for SQLite and PostgreSQL, and the small
//! copy of the status feed that its followers keep.
//!
//! In scope: everything that names sqlx. A change of state, its feed entry and its audit event are
//! one transaction; a call that records returns after the commit. Out of scope: deciding what may
//! be recorded (crate `policy`), except for what only a database can decide: uniqueness, order and
//! quotas.

mod acknowledgements;
mod audit_log;
mod batch;
mod certificates;
mod config;
pub mod copy;
mod crls;
mod engine;
mod epoch;
mod error;
mod feed_head;
mod feed_log;
mod invariants;
mod leadership;
mod migrations;
mod receipts;
mod registry;
mod rows;
mod store;
#[cfg(test)]
mod tests;
mod writer;

pub use acknowledgements::{Acknowledgement, AcknowledgementRefusal, ShownList};
pub use audit_log::{AuditFilter, AuditRecord};
pub use certificates::{
    Abandonment, Acceptance, CertificateFilter, CertificateRecord, FactsQuery, HeldRequest, Intent,
    IntentRefusal, ListPage, NewRequest, Quota, Replacement, RequestRecord, Revocation,
    RevocationRecord, RevocationRefusal, StatusChange, StatusChanged, StoredFacts, Unfinished,
};
pub use config::DatabaseConfig;
pub use crls::{
    CrlOctets, CrlRecord, CrlRefusal, CurrentCrl, Entries, Listed, RevokedEntry, ShardChanges,
};
pub use epoch::FeedPosition;
pub use error::StoreError;
pub use feed_head::FeedHead;
pub use feed_log::SnapshotPage;
pub use invariants::InvariantError;
pub use leadership::LeaderLock;
pub use receipts::{FirstList, Reached};
pub use registry::{
    DocumentRecord, IssuerRecord, IssuerStanding, Peer, PeerChange, PinnedCertificate,
    PolicyRecord, RegistryRefusal, ResponderCertificate, ResponderKey,
};
pub use store::Store;
