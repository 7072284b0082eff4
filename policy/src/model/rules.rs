//! Rules of a policy beside its profiles.

use jiff::{SignedDuration, Timestamp};
use pki::{CrlScope, IssuerName};

use crate::CrlDistributionPoint;

/// The public addresses that are written into certificates (2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Urls {
    pub(crate) repository: String,
    pub(crate) ocsp: String,
}

impl Urls {
    /// Where an issuer's CRL of this scope is published.
    pub fn crl(&self, issuer: &IssuerName, scope: CrlScope) -> String {
        format!("{}/{}", self.repository, scope.path(issuer))
    }

    /// Where the lists of an issuer's certificates are published, of which each names one.
    pub(crate) fn distribution_point(
        &self,
        issuer: &IssuerName,
        shards: u16,
    ) -> CrlDistributionPoint {
        CrlDistributionPoint::new(&self.repository, issuer, shards)
    }

    /// `{repository}/ca/{issuer}.cer`
    pub fn ca_issuers(&self, issuer: &IssuerName) -> String {
        format!("{}/ca/{issuer}.cer", self.repository)
    }

    /// `{repository}/cps/{issuer}.html`
    pub fn cps(&self, issuer: &IssuerName) -> String {
        format!("{}/cps/{issuer}.html", self.repository)
    }

    /// The OCSP responder.
    pub fn ocsp(&self) -> &str {
        &self.ocsp
    }

    /// Base of CRLs, CA certificates and the CPS.
    pub fn repository(&self) -> &str {
        &self.repository
    }
}

/// Times of CRLs (4.9.7, 7.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrlRules {
    /// From thisUpdate to nextUpdate.
    pub next_update: SignedDuration,
    /// A list is signed at least this often.
    pub interval: SignedDuration,
    /// A list is signed at most this long after a revocation.
    pub after_revocation: SignedDuration,
    /// A list is replaced at least this long before its nextUpdate.
    pub overlap: SignedDuration,
    /// How many lists new certificates are divided among; 0 when all name the complete list.
    pub shards: u16,
    /// Times of delta lists, where there are any.
    pub delta: Option<DeltaRules>,
}

/// Times of delta CRLs (7.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeltaRules {
    /// From thisUpdate to nextUpdate.
    pub next_update: SignedDuration,
    /// A delta is signed at least this often.
    pub interval: SignedDuration,
    /// A delta is signed at most this long after a revocation.
    pub after_revocation: SignedDuration,
}

/// Times of OCSP (4.9.10, 7.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OcspRules {
    /// From thisUpdate to nextUpdate.
    pub validity: SignedDuration,
    /// How long caches may keep an answer.
    pub max_age: SignedDuration,
    /// A responder that has not heard from the CA for this long answers tryLater.
    pub max_staleness: SignedDuration,
    /// Validity of a responder's certificate.
    pub responder_certificate_validity: SignedDuration,
    /// How often a responder's certificate is renewed.
    pub renew_every: SignedDuration,
    /// How long the status of an expired certificate is kept available.
    pub archive_cutoff: SignedDuration,
}

/// A version of the subscriber agreement (4.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// Version, as statements name it.
    pub version: String,
    /// SHA-256 of the published text.
    pub sha256: [u8; 32],
    /// When it was published.
    pub published_at: Timestamp,
    /// When it came into force.
    pub effective_at: Timestamp,
    /// When it ceased to be accepted.
    pub superseded_at: Option<Timestamp>,
}

impl Agreement {
    /// Whether consent to this version is accepted at this time.
    pub fn in_force(&self, now: Timestamp) -> bool {
        self.effective_at <= now && self.superseded_at.is_none_or(|end| now < end)
    }
}
