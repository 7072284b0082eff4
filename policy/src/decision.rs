//! The policy's answers.

use api::Violation;

use crate::plan::CertificatePlan;

/// The answer to a request for a certificate.
#[must_use]
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// Issue exactly this.
    Permit(Box<CertificatePlan>),
    /// Issue nothing; every rule that was broken, in the order of the checks.
    Deny(Vec<Violation>),
}

impl Decision {
    /// Codes of the broken rules; empty when permitted.
    pub fn codes(&self) -> Vec<&str> {
        match self {
            Self::Permit(_) => Vec::new(),
            Self::Deny(violations) => violations.iter().map(|v| v.code.as_str()).collect(),
        }
    }

    /// Whether the request may go ahead.
    pub const fn is_permit(&self) -> bool {
        matches!(self, Self::Permit(_))
    }
}
