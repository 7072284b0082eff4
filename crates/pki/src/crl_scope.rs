//! What a CRL covers, as names, numbers and paths know it.

use std::{
    fmt::{self, Display},
    str::FromStr,
};

use crate::{IssuerName, text::serde_as_text};

/// Which revocations of an issuer a CRL shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CrlScope {
    /// All of them: the complete CRL.
    Full,
    /// What changed since a complete CRL (RFC 5280 section 5.2.4).
    Delta,
    /// Those of the certificates whose CRL distribution point names this shard (RFC 5280
    /// section 5.2.5).
    Shard(u16),
}

/// The text is not the name of a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a CRL's scope is full, delta or shard- and a number up to 65535")]
pub struct CrlScopeError;

impl CrlScope {
    /// The scope whose sequence of `CRLNumber`s this one takes part in: complete and delta CRLs
    /// share theirs (RFC 5280 section 5.2.3), each shard has its own.
    #[must_use]
    pub const fn numbering(self) -> Self {
        match self {
            Self::Full | Self::Delta => Self::Full,
            Self::Shard(_) => self,
        }
    }

    /// The shard, if it is one.
    pub const fn shard(self) -> Option<u16> {
        match self {
            Self::Full | Self::Delta => None,
            Self::Shard(shard) => Some(shard),
        }
    }

    /// Where the list stands below the public repository: `crl/esign-ca.crl`,
    /// `crl/esign-ca/delta.crl`, `crl/esign-ca/shard-7.crl`.
    pub fn path(self, issuer: &IssuerName) -> String {
        match self {
            Self::Full => format!("crl/{issuer}.crl"),
            Self::Delta | Self::Shard(_) => format!("crl/{issuer}/{self}.crl"),
        }
    }
}

impl Display for CrlScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => f.pad("full"),
            Self::Delta => f.pad("delta"),
            Self::Shard(shard) => f.pad(&format!("shard-{shard}")),
        }
    }
}

impl FromStr for CrlScope {
    type Err = CrlScopeError;

    /// Each scope has one name: numbers come without leading zeros or signs.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let scope = match (text, text.strip_prefix("shard-")) {
            ("full", _) => Self::Full,
            ("delta", _) => Self::Delta,
            (_, Some(shard)) => Self::Shard(shard.parse().map_err(|_| CrlScopeError)?),
            _ => return Err(CrlScopeError),
        };
        if scope.to_string() == text {
            Ok(scope)
        } else {
            Err(CrlScopeError)
        }
    }
}

serde_as_text!(CrlScope);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scope_has_one_name_and_one_path() {
        let issuer: IssuerName = "esign-ca".parse().unwrap();
        for (scope, name, path) in [
            (CrlScope::Full, "full", "crl/esign-ca.crl"),
            (CrlScope::Delta, "delta", "crl/esign-ca/delta.crl"),
            (CrlScope::Shard(0), "shard-0", "crl/esign-ca/shard-0.crl"),
            (
                CrlScope::Shard(65535),
                "shard-65535",
                "crl/esign-ca/shard-65535.crl",
            ),
        ] {
            assert_eq!(scope.to_string(), name);
            assert_eq!(name.parse(), Ok(scope));
            assert_eq!(scope.path(&issuer), path);
        }
    }

    #[test]
    fn other_texts_are_no_scopes() {
        for text in [
            "",
            "Full",
            "shard",
            "shard-",
            "shard-01",
            "shard-+1",
            "shard-65536",
            "ca",
        ] {
            assert_eq!(text.parse::<CrlScope>(), Err(CrlScopeError), "{text}");
        }
    }

    #[test]
    fn complete_and_delta_lists_are_numbered_together() {
        assert_eq!(CrlScope::Delta.numbering(), CrlScope::Full.numbering());
        assert_eq!(CrlScope::Shard(3).numbering(), CrlScope::Shard(3));
    }
}
