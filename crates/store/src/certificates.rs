//! Requests and certificates: intent, issue, abandonment, revocation, look-up.

mod facts;
mod inquiry;
mod intent;
mod intent_rows;
mod list;
mod query;
mod read;
mod record;
mod record_intent;
mod record_issued;
mod record_status;
mod rounds;
mod status;

pub(crate) use inquiry::Inquiries;
pub use intent::{Intent, IntentRefusal, NewRequest, Quota};
#[cfg(test)]
pub(crate) use list::page;
pub use query::{CertificateFilter, FactsQuery, HeldRequest, ListPage, StoredFacts};
#[cfg(test)]
pub(crate) use record_issued::RecordIssued;
pub(crate) use record_status::published;

pub use record::{CertificateRecord, RequestRecord, RevocationRecord, Unfinished};
pub use status::{
    Abandonment, Acceptance, Replacement, Revocation, RevocationRefusal, StatusChange,
    StatusChanged,
};
