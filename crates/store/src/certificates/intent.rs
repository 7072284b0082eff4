//! Step 5 of issuing: the intent, durable before the HSM is touched.

use audit::AuditEvent;
use jiff::Timestamp;
use pki::{IssuerName, SerialNumber, SpkiHash};
use uuid::Uuid;

/// What is going to be signed, and for whom.
#[derive(Debug, Clone)]
pub struct Intent {
    /// The request.
    pub request: NewRequest,
    /// The serial number in the TBSCertificate.
    pub serial: SerialNumber,
    /// The issuer.
    pub issuer: IssuerName,
    /// The profile of the policy.
    pub profile: String,
    /// First second of validity.
    pub not_before: Timestamp,
    /// Last second of validity, inclusive.
    pub not_after: Timestamp,
    /// The shard that its CRL distribution point names; absent for the full list.
    pub shard: Option<u16>,
    /// The key to be certified.
    pub spki_hash: SpkiHash,
    /// SHA-256 that names the subject: a key is certified for one subject only.
    pub subject_hash: [u8; 32],
    /// The RA's pseudonymous reference for the subscriber; kept as a hash to search by.
    pub subscriber_ref: Option<String>,
    /// What the certificate stands for one to one: at most one certificate in force per profile.
    pub binding: Option<String>,
    /// The certificate that is renewed or replaced; hands over its binding.
    pub predecessor: Option<SerialNumber>,
    /// The frozen TBSCertificate.
    pub tbs_der: Vec<u8>,
    /// SHA-256 of the policy that decided.
    pub policy_digest: [u8; 32],
    /// The RA's statement, JSON. Personal data: kept in a table of its own.
    pub statement: Option<String>,
    /// The RA's quota, enforced with the intent.
    pub quota: Option<Quota>,
    /// The audit event, of kind `signing`.
    pub event: AuditEvent,
}

/// The identity of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRequest {
    /// Our id.
    pub request_id: Uuid,
    /// The RA that asks; absent for what the CA issues of its own accord.
    pub ra: Option<String>,
    /// The RA's own key for this request.
    pub idempotency_key: Option<String>,
    /// `issue`, `renew` or `replace`.
    pub operation: String,
    /// SHA-256 of operation and body.
    pub body_digest: [u8; 32],
    /// The RA's own search key.
    pub order_id: Option<String>,
    /// When it came in.
    pub received_at: Timestamp,
}

/// How many certificates an RA may have made in a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// The day, counted from 1970-01-01 (UTC).
    pub day: i64,
    /// How many certificates may be made on that day; absent to count only.
    pub limit: Option<u64>,
}

/// Why an intent was not recorded. The codes are those of the policy's own checks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IntentRefusal {
    /// The RA has used the idempotency key before, and that request is running or done.
    #[error("the idempotency key is taken")]
    IdempotencyTaken {
        /// The request that holds the key.
        request_id: Uuid,
        /// Whether operation and body are the same.
        same_content: bool,
    },
    /// The key must never be certified.
    #[error("the key is blocked")]
    KeyBlocked,
    /// The key is a CA's.
    #[error("the key is the key of a CA")]
    KeyOfCa,
    /// The key is certified for another subject.
    #[error("the key is certified for another subject")]
    KeyCertifiedForOtherSubject,
    /// Another certificate in force has the binding.
    #[error("the binding is taken by another certificate")]
    BindingTaken,
    /// The RA's quota of the day is used up.
    #[error("the quota of the day is used up")]
    QuotaExceeded,
    /// Another policy than the one that decided is in force by now.
    #[error("another policy is in force by now")]
    PolicyChanged,
    /// The issuer's key was halted.
    #[error("the key of the issuer is stopped")]
    KeyStopped,
    /// The issuer issues no more.
    #[error("the issuer is retired")]
    IssuerRetired,
    /// The serial number is taken. Never seen with random serial numbers.
    #[error("the serial number is taken")]
    SerialTaken,
}

impl IntentRefusal {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::IdempotencyTaken {
                same_content: true, ..
            } => "request-running",
            Self::IdempotencyTaken {
                same_content: false,
                ..
            } => "idempotency-conflict",
            Self::KeyBlocked => "key-blocked",
            Self::KeyOfCa => "key-of-ca",
            Self::KeyCertifiedForOtherSubject => "key-certified-for-other-subject",
            Self::BindingTaken => "binding-taken",
            Self::QuotaExceeded => "quota-exceeded",
            Self::PolicyChanged => "policy-changed",
            Self::KeyStopped => "key-stopped",
            Self::IssuerRetired => "issuer-retired",
            Self::SerialTaken => "serial-taken",
        }
    }
}
