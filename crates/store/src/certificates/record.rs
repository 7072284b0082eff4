//! Certificates and requests as recorded.

use api::{AcceptanceBasis, CertificateState, RequestState};
use jiff::Timestamp;
use pki::{IssuerName, RevocationReason, SerialNumber, SpkiHash};
use uuid::Uuid;

use crate::{StoreError, engine::Row};

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
    /// The shard that its CRL distribution point names; absent for the full list.
    pub shard: Option<u16>,
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
    /// Our id of the request for it; for an abandoned serial number of the one that was served.
    pub request_id: Option<Uuid>,
    /// When the request came in.
    pub requested_at: Timestamp,
    /// When the last approval that it needed was given.
    pub approved_at: Timestamp,
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

/// The columns of a [`CertificateRecord`]; the certificates stand as `c` in the query.
pub(crate) const CERTIFICATE_COLUMNS: &str = "c.serial, c.issuer, c.request_id, c.ra, c.order_id, \
    c.profile, c.state, c.not_before, c.not_after, c.shard, c.spki_hash, c.subject_hash, \
    c.binding, c.predecessor, c.policy_digest, c.certificate_der, c.recorded_at, c.issued_at, \
    c.accepted_at, c.acceptance, c.reason, c.ground, c.requested_at, c.approved_at, \
    c.change_request, c.effective_at, c.invalidity_date, c.feed_seq";

impl CertificateRecord {
    /// Reads a row of [`CERTIFICATE_COLUMNS`].
    pub(crate) fn from_row(row: &Row) -> Result<Self, StoreError> {
        let sequence = row.get("feed_seq")?;
        Ok(Self {
            serial: row.get("serial")?,
            issuer: row.get("issuer")?,
            request_id: row.get("request_id")?,
            ra: row.optional("ra")?,
            order_id: row.optional("order_id")?,
            profile: row.get("profile")?,
            state: row.word("state")?,
            not_before: row.get("not_before")?,
            not_after: row.get("not_after")?,
            shard: row.optional("shard")?,
            spki_hash: row.get("spki_hash")?,
            subject_hash: row.get("subject_hash")?,
            binding: row.optional("binding")?,
            predecessor: row.optional("predecessor")?,
            policy_digest: row.get("policy_digest")?,
            certificate_der: row.optional("certificate_der")?,
            recorded_at: row.get("recorded_at")?,
            issued_at: row.optional("issued_at")?,
            acceptance: match row.optional("accepted_at")? {
                None => None,
                Some(at) => Some((at, row.word("acceptance")?)),
            },
            revocation: RevocationRecord::from_row(row, sequence)?,
            sequence,
        })
    }
}

impl RevocationRecord {
    fn from_row(row: &Row, sequence: u64) -> Result<Option<Self>, StoreError> {
        let Some(effective_at) = row.optional("effective_at")? else {
            return Ok(None);
        };
        Ok(Some(Self {
            reason: row.get("reason")?,
            ground: row.get("ground")?,
            request_id: row.optional("change_request")?,
            requested_at: row.get("requested_at")?,
            approved_at: row.get("approved_at")?,
            effective_at,
            invalidity_date: row.optional("invalidity_date")?,
            sequence,
        }))
    }
}

/// The state of a request, by that of the certificate that it came to: another number takes the
/// place of one that was abandoned, or the request has failed.
pub(super) fn request_state(certificate: CertificateState) -> RequestState {
    match certificate {
        CertificateState::Signing => RequestState::Running,
        CertificateState::Abandoned => RequestState::Failed,
        CertificateState::Issued | CertificateState::OnHold | CertificateState::Revoked => {
            RequestState::Issued
        }
    }
}

impl RequestRecord {
    /// Reads a row of all columns of `requests`, and `certificate_state`.
    pub(crate) fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            request_id: row.get("request_id")?,
            ra: row.optional("ra")?,
            idempotency_key: row.optional("idempotency_key")?,
            operation: row.get("operation")?,
            body_digest: row.get("body_digest")?,
            order_id: row.optional("order_id")?,
            state: request_state(row.word("certificate_state")?),
            serial: row.get("serial")?,
            received_at: row.get("received_at")?,
        })
    }
}
