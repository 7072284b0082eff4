//! Certificates and requests as recorded.

use api::{AcceptanceBasis, CertificateState, RequestState};
use jiff::Timestamp;
use pki::{IssuerName, RevocationReason, SerialNumber, SpkiHash};
use uuid::Uuid;

/// A certificate, or a serial number that may become or have become one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateRecord {
    /// Its serial number, unique in the whole database.
    pub serial: SerialNumber,
    /// The issuer.
    pub issuer: IssuerName,
    /// The request it was made for.
    pub request_id: Uuid,
    /// The RA that asked; absent for what the CA issues of its own accord.
    pub ra: Option<String>,
    /// The RA's own search key.
    pub order_id: Option<String>,
    /// The profile of the policy.
    pub profile: String,
    /// Its state.
    pub state: CertificateState,
    /// First second of validity.
    pub not_before: Timestamp,
    /// Last second of validity, inclusive.
    pub not_after: Timestamp,
    /// The certified key.
    pub spki_hash: SpkiHash,
    /// SHA-256 that names the subject, as the intent gave it.
    pub subject_hash: [u8; 32],
    /// What the certificate stands for one to one, as the intent gave it.
    pub binding: Option<String>,
    /// The certificate that this one renews or replaces.
    pub predecessor: Option<SerialNumber>,
    /// SHA-256 of the policy that decided.
    pub policy_digest: [u8; 32],
    /// The certificate, once there is one.
    pub certificate_der: Option<Vec<u8>>,
    /// When the intent was recorded.
    pub recorded_at: Timestamp,
    /// When the certificate was recorded.
    pub issued_at: Option<Timestamp>,
    /// When it was accepted, and on which basis.
    pub acceptance: Option<(Timestamp, AcceptanceBasis)>,
    /// The revocation, hold or abandonment in force.
    pub revocation: Option<RevocationRecord>,
    /// Sequence number of the last feed entry about it; 0 when there is none.
    pub sequence: u64,
}

/// A revocation or hold in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationRecord {
    /// The reason; `certificateHold` for a hold.
    pub reason: RevocationReason,
    /// The ground of the policy; `abandoned` for an abandoned serial number.
    pub ground: String,
    /// When the request came in.
    pub requested_at: Timestamp,
    /// Since when it is in force: the time of the commit.
    pub effective_at: Timestamp,
    /// When the key is known to have been compromised.
    pub invalidity_date: Option<Timestamp>,
    /// Sequence number of its feed entry.
    pub sequence: u64,
}

/// A request for a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRecord {
    /// Our id.
    pub request_id: Uuid,
    /// The RA that asked.
    pub ra: Option<String>,
    /// The RA's own key for this request, unique for the RA.
    pub idempotency_key: Option<String>,
    /// `issue`, `renew` or `replace`.
    pub operation: String,
    /// SHA-256 of operation and body.
    pub body_digest: [u8; 32],
    /// The RA's own search key.
    pub order_id: Option<String>,
    /// State of the request.
    pub state: RequestState,
    /// The serial number it has now: another one after an abandonment.
    pub serial: SerialNumber,
    /// When it came in.
    pub received_at: Timestamp,
}

/// A certificate whose signing was begun and has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// The certificate.
    pub certificate: CertificateRecord,
    /// The bytes that may have been signed.
    pub tbs_der: Vec<u8>,
}
