//! The identifier under which a key pair stands on a token (`CKA_ID`), written in hexadecimal.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A `CKA_ID`: 1 to 64 octets, the same on both halves of a key pair; text form lower-case hex.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CkaId(Vec<u8>);

/// Why a text or octet string is no [`CkaId`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CkaIdError {
    /// Not pairs of hexadecimal digits.
    #[error("a CKA_ID is written as pairs of hexadecimal digits")]
    NotHex,
    /// Empty, or longer than 64 octets.
    #[error("a CKA_ID has 1 to {MAX_OCTETS} octets, not {octets}")]
    Length {
        /// Octets found.
        octets: usize,
    },
}

impl CkaId {
    /// Takes the octets as they stand on the token.
    ///
    /// # Errors
    /// [`CkaIdError::Length`] unless there are 1 to 64 octets.
    pub fn new(octets: impl Into<Vec<u8>>) -> Result<Self, CkaIdError> {
        let octets = octets.into();
        match octets.len() {
            1..=MAX_OCTETS => Ok(Self(octets)),
            octets => Err(CkaIdError::Length { octets }),
        }
    }

    /// The octets as they stand on the token.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl FromStr for CkaId {
    type Err = CkaIdError;

    fn from_str(text: &str) -> Result<Self, CkaIdError> {
        Self::new(hex::decode(text).map_err(|_| CkaIdError::NotHex)?)
    }
}

impl TryFrom<String> for CkaId {
    type Error = CkaIdError;

    fn try_from(text: String) -> Result<Self, CkaIdError> {
        text.parse()
    }
}

impl From<CkaId> for String {
    fn from(id: CkaId) -> Self {
        id.to_string()
    }
}

impl fmt::Display for CkaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

impl fmt::Debug for CkaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CkaId({self})")
    }
}

const MAX_OCTETS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_octets_agree() {
        let id: CkaId = "A1b2".parse().unwrap();
        assert_eq!(id.as_bytes(), [0xa1, 0xb2]);
        assert_eq!(id.to_string(), "a1b2");
    }

    #[test]
    fn refuses_what_is_no_identifier() {
        assert_eq!("xyz".parse::<CkaId>(), Err(CkaIdError::NotHex));
        assert_eq!("a".parse::<CkaId>(), Err(CkaIdError::NotHex));
        assert_eq!("".parse::<CkaId>(), Err(CkaIdError::Length { octets: 0 }));
        assert_eq!(CkaId::new([0; 65]), Err(CkaIdError::Length { octets: 65 }));
    }
}
