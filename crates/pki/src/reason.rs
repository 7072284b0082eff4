//! Reasons for revocation.

use std::{
    fmt::{self, Display},
    str::FromStr,
};

use crate::text::serde_as_text;

/// Why a certificate was revoked (RFC 5280 §5.3.1). Text and serde form: the RFC's names.
///
/// ```text
/// CRLReason ::= ENUMERATED {
///     unspecified (0), keyCompromise (1), cACompromise (2), affiliationChanged (3),
///     superseded (4), cessationOfOperation (5), certificateHold (6), removeFromCRL (8),
///     privilegeWithdrawn (9), aACompromise (10) }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RevocationReason {
    /// 0: no reason is given.
    Unspecified,
    /// 1: the subject's private key is known or suspected to be in other hands.
    KeyCompromise,
    /// 2: the same for a CA's key.
    CaCompromise,
    /// 3: the subject's name or other facts have changed.
    AffiliationChanged,
    /// 4: another certificate stands in its place.
    Superseded,
    /// 5: the certificate is needed no longer.
    CessationOfOperation,
    /// 6: on hold; the only reason that can be taken back.
    CertificateHold,
    /// 8: taken off hold or expired; in delta CRLs only.
    RemoveFromCrl,
    /// 9: a privilege that the certificate states was withdrawn.
    PrivilegeWithdrawn,
    /// 10: an attribute authority's key is in other hands.
    AaCompromise,
}

/// The text is not the name of a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown revocation reason")]
pub struct UnknownReason;

impl RevocationReason {
    /// All reasons, in the order of their codes.
    pub const ALL: [Self; 10] = [
        Self::Unspecified,
        Self::KeyCompromise,
        Self::CaCompromise,
        Self::AffiliationChanged,
        Self::Superseded,
        Self::CessationOfOperation,
        Self::CertificateHold,
        Self::RemoveFromCrl,
        Self::PrivilegeWithdrawn,
        Self::AaCompromise,
    ];

    /// The `CRLReason` value.
    pub const fn code(self) -> u8 {
        match self {
            Self::Unspecified => 0,
            Self::KeyCompromise => 1,
            Self::CaCompromise => 2,
            Self::AffiliationChanged => 3,
            Self::Superseded => 4,
            Self::CessationOfOperation => 5,
            Self::CertificateHold => 6,
            Self::RemoveFromCrl => 8,
            Self::PrivilegeWithdrawn => 9,
            Self::AaCompromise => 10,
        }
    }

    /// The reason with this `CRLReason` value; 7 is not used.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }

    /// The name in RFC 5280.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::KeyCompromise => "keyCompromise",
            Self::CaCompromise => "cACompromise",
            Self::AffiliationChanged => "affiliationChanged",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessationOfOperation",
            Self::CertificateHold => "certificateHold",
            Self::RemoveFromCrl => "removeFromCRL",
            Self::PrivilegeWithdrawn => "privilegeWithdrawn",
            Self::AaCompromise => "aACompromise",
        }
    }
}

impl Display for RevocationReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for RevocationReason {
    type Err = UnknownReason;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|reason| reason.as_str() == text)
            .ok_or(UnknownReason)
    }
}

serde_as_text!(RevocationReason);
