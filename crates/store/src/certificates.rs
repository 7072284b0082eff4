//! Requests and certificates: intent, issue, abandonment, revocation, look-up.

mod intent;
mod query;
mod record;
mod status;

pub use intent::{Intent, IntentRefusal, NewRequest, Quota};
pub use query::{CertificateFilter, FactsQuery, ListPage, StoredFacts};
pub use record::{CertificateRecord, RequestRecord, RevocationRecord, Unfinished};
pub use status::{
    Abandonment, Acceptance, Replacement, Revocation, RevocationRefusal, StatusChange,
    StatusChanged,
};
