//! Algorithms of keys.

use std::{
    fmt::{self, Display},
    str::FromStr,
};

use crate::{UnknownAlgorithm, text::serde_as_text};

/// A key's algorithm and size. Text and serde form: `rsa-3072`, `ec-p256`, `ec-p384`, `ec-p521`,
/// `ed25519`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyAlgorithm {
    /// RSA with a modulus of so many bits.
    Rsa {
        /// Length of the modulus.
        bits: u32,
    },
    /// Elliptic curve P-256.
    EcP256,
    /// Elliptic curve P-384.
    EcP384,
    /// Elliptic curve P-521.
    EcP521,
    /// Ed25519 (RFC 8410).
    Ed25519,
}

impl Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { bits } => write!(f, "rsa-{bits}"),
            Self::EcP256 => f.write_str("ec-p256"),
            Self::EcP384 => f.write_str("ec-p384"),
            Self::EcP521 => f.write_str("ec-p521"),
            Self::Ed25519 => f.write_str("ed25519"),
        }
    }
}

impl FromStr for KeyAlgorithm {
    type Err = UnknownAlgorithm;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownAlgorithm {
            name: text.to_owned(),
        };
        match text {
            "ec-p256" => Ok(Self::EcP256),
            "ec-p384" => Ok(Self::EcP384),
            "ec-p521" => Ok(Self::EcP521),
            "ed25519" => Ok(Self::Ed25519),
            _ => {
                let bits = text.strip_prefix("rsa-").ok_or_else(unknown)?;
                let canonical =
                    bits.bytes().all(|octet| octet.is_ascii_digit()) && !bits.starts_with('0');
                let bits = bits
                    .parse()
                    .ok()
                    .filter(|_| canonical)
                    .ok_or_else(unknown)?;
                Ok(Self::Rsa { bits })
            }
        }
    }
}

serde_as_text!(KeyAlgorithm);
