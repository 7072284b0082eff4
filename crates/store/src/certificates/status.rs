//! What happens to a certificate after its signing: abandonment, revocation, acceptance.

use api::AcceptanceBasis;
use audit::AuditEvent;
use jiff::Timestamp;
use pki::{RevocationReason, SerialNumber};

/// A serial number is given up after its signing had begun: it counts as revoked.
#[derive(Debug, Clone)]
pub struct Abandonment {
    /// The serial number, in state `signing`.
    pub serial: SerialNumber,
    /// The serial number with which the request goes on, if it does.
    pub replacement: Option<Replacement>,
    /// The audit event, of kind `abandoned`.
    pub event: AuditEvent,
}

/// The next attempt at the same request.
#[derive(Debug, Clone)]
pub struct Replacement {
    /// The new serial number.
    pub serial: SerialNumber,
    /// First second of validity.
    pub not_before: Timestamp,
    /// Last second of validity, inclusive.
    pub not_after: Timestamp,
    /// The shard that the new serial number picks.
    pub shard: Option<u16>,
    /// The frozen TBSCertificate with the new serial number.
    pub tbs_der: Vec<u8>,
    /// The audit event, of kind `signing`.
    pub event: AuditEvent,
}

/// A change of a certificate's status.
#[derive(Debug, Clone)]
pub struct Revocation {
    /// The certificate.
    pub serial: SerialNumber,
    /// What is done to it.
    pub change: StatusChange,
    /// The ground of the policy.
    pub ground: String,
    /// When the request came in.
    pub requested_at: Timestamp,
    /// When the last approval that it needed was given.
    pub approved_at: Timestamp,
    /// The audit event, of kind `revoked`, `held` or `released`; names the request.
    pub event: AuditEvent,
}

/// What is done to a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusChange {
    /// Revoked for good.
    Revoke {
        /// Why.
        reason: RevocationReason,
        /// When the key is known to have been compromised.
        invalidity_date: Option<Timestamp>,
    },
    /// Put on hold.
    Hold,
    /// Released from hold.
    Release,
}

/// A change of status that is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusChanged {
    /// Sequence number of its feed entry: what followers must acknowledge.
    pub sequence: u64,
    /// Since when it is in force.
    pub effective_at: Timestamp,
}

/// Why a change of status was not recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RevocationRefusal {
    /// There is no such certificate.
    #[error("there is no such certificate")]
    NotFound,
    /// It is still being signed.
    #[error("the certificate is being signed")]
    NotIssued,
    /// It is revoked already, or its serial number was abandoned.
    #[error("the certificate is revoked already")]
    AlreadyRevoked,
    /// It is on hold already.
    #[error("the certificate is on hold already")]
    AlreadyOnHold,
    /// It cannot be released, for it is not on hold.
    #[error("the certificate is not on hold")]
    NotOnHold,
}

impl RevocationRefusal {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotFound => "certificate-not-found",
            Self::NotIssued => "certificate-not-issued",
            Self::AlreadyRevoked => "already-revoked",
            Self::AlreadyOnHold => "already-on-hold",
            Self::NotOnHold => "not-on-hold",
        }
    }
}

/// A certificate reached its RA or was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acceptance {
    /// The certificate.
    pub serial: SerialNumber,
    /// When.
    pub at: Timestamp,
    /// How.
    pub basis: AcceptanceBasis,
}
