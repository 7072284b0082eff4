//! Revocation, hold and release (RFC 3647 §3.4, §4.9).

use api::{Evidence, Violation};
use jiff::Timestamp;
use pki::RevocationReason;

use crate::{CertificateStatus, source::Initiator};

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct RevocationRequest<'a> {
    /// Revoke, put on hold or release.
    pub action: RevocationAction<'a>,
    /// Who asks.
    pub initiator: Initiator,
    /// How the requester's identity was verified.
    pub evidence: &'a [Evidence],
}

/// A change of a certificate's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevocationAction<'a> {
    /// Revoke for good.
    Revoke {
        /// Id of a ground of the policy.
        ground: &'a str,
        /// When the key was compromised, if known.
        compromised_at: Option<Timestamp>,
    },
    /// Suspend.
    Hold,
    /// End a suspension.
    Release,
}

/// What is known of the certificate.
#[derive(Clone, Debug)]
pub struct RevocationFacts {
    /// Its profile.
    pub profile: String,
    /// Its status.
    pub status: CertificateStatus,
    /// First second of its validity.
    pub not_before: Timestamp,
    /// Last second of its validity.
    pub not_after: Timestamp,
}

/// The answer to a request for a change of status.
#[must_use]
#[derive(Clone, Debug, PartialEq)]
pub enum RevocationDecision {
    /// Make exactly this change.
    Permit(RevocationPlan),
    /// Change nothing; every rule that was broken.
    Deny(Vec<Violation>),
}

/// A change of status to be recorded and published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationPlan {
    /// Reason to publish: `certificateHold` for a hold, `removeFromCRL` for a release,
    /// `unspecified` stands for no reason at all (RFC 5280 §5.3.1).
    pub reason: RevocationReason,
    /// The ground's id; `hold` and `release` for those.
    pub ground: String,
    /// Since when the key counts as compromised (RFC 5280 §5.3.2).
    pub invalidity_date: Option<Timestamp>,
    /// Whether the key must never be certified again.
    pub block_key: bool,
    /// How many persons must approve.
    pub approvals: u8,
}
