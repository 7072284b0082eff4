//! Names of issuers as the configuration, URLs and files know them.

use std::{
    fmt::{self, Display},
    str::FromStr,
};

use crate::text::serde_as_text;

const MAX_LENGTH: usize = 64;

/// An issuer's short name, 1 to 64 of `a-z`, `0-9` and `-`, as it stands in URLs and file names.
///
/// It is not the issuer's distinguished name, and says nothing by itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IssuerName(String);

/// The text is not an issuer name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an issuer name must be 1 to 64 of a-z, 0-9 and -")]
pub struct IssuerNameError;

impl IssuerName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for IssuerName {
    type Err = IssuerNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |octet: u8| matches!(octet, b'a'..=b'z' | b'0'..=b'9' | b'-');
        if text.is_empty() || text.len() > MAX_LENGTH || !text.bytes().all(allowed) {
            return Err(IssuerNameError);
        }
        Ok(Self(text.to_owned()))
    }
}

impl Display for IssuerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for IssuerName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

serde_as_text!(IssuerName);
