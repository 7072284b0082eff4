//! Numbers of CRLs.

use std::fmt::{self, Display};

use serde::{Deserialize, Serialize};

/// A CRLNumber (RFC 5280 §5.2.3): strictly increasing for an issuer and scope.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
#[serde(transparent)]
pub struct CrlNumber(u64);

impl CrlNumber {
    /// The CRL number with this value.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The value.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The number after this one. Stays at the last number, which no CA reaches: 2^64 - 1.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl Display for CrlNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(&self.0, f)
    }
}
