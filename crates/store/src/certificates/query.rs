//! What is asked about certificates.

use api::{CertificateState, RequestState};
use jiff::Timestamp;
use pki::{IssuerName, SerialNumber, SpkiHash};
use uuid::Uuid;

/// Which certificates a list holds; all that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CertificateFilter {
    /// The RA.
    pub ra: Option<String>,
    /// The RA's own search key.
    pub order_id: Option<String>,
    /// The RA's pseudonymous reference for the subscriber.
    pub subscriber_ref: Option<String>,
    /// The profile.
    pub profile: Option<String>,
    /// The issuer.
    pub issuer: Option<IssuerName>,
    /// The state.
    pub state: Option<CertificateState>,
    /// Expires at this time or later.
    pub expires_from: Option<Timestamp>,
    /// Expires before this time.
    pub expires_before: Option<Timestamp>,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPage<T> {
    /// The rows.
    pub items: Vec<T>,
    /// The cursor of the next page; absent on the last.
    pub next: Option<String>,
}

/// What the policy must know about earlier requests and certificates.
#[derive(Debug, Clone)]
pub struct FactsQuery {
    /// The RA that asks.
    pub ra: Option<String>,
    /// Its own key for the request.
    pub idempotency_key: Option<String>,
    /// The key to be certified.
    pub spki_hash: SpkiHash,
    /// The profile, for the binding.
    pub profile: String,
    /// What the certificate would stand for one to one.
    pub binding: Option<String>,
    /// The certificate to be renewed or replaced.
    pub predecessor: Option<SerialNumber>,
    /// The day whose quota counts, from 1970-01-01 (UTC).
    pub day: i64,
    /// The time at which bindings are looked at.
    pub now: Timestamp,
}

/// What is known about earlier requests and certificates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFacts {
    /// The request that has the RA's key already.
    pub held: Option<HeldRequest>,
    /// The key must never be certified.
    pub key_blocked: bool,
    /// The key is a CA's.
    pub key_is_ca_key: bool,
    /// SHA-256 that names the subject for which the key is certified.
    pub key_certified_for: Option<[u8; 32]>,
    /// Another certificate in force has the binding.
    pub binding_taken: bool,
    /// How many certificates were made for the RA on the day.
    pub quota_used: u64,
}

/// The request that has an idempotency key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldRequest {
    /// Our id.
    pub request_id: Uuid,
    /// SHA-256 of operation and body.
    pub body_digest: [u8; 32],
    /// Its state.
    pub state: RequestState,
}
