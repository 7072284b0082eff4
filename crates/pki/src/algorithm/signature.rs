//! Algorithms of signatures.

use std::{
    fmt::{self, Display},
    str::FromStr,
};

use der::Decode as _;
use spki::AlgorithmIdentifierOwned;

use super::identifier;
use crate::{KeyAlgorithm, PublicKey, UnknownAlgorithm, text::serde_as_text};

/// How a signature is made. Text and serde form: `rsa-pkcs1-sha256`, `rsa-pss-sha256`,
/// `ecdsa-sha256`, `ed25519` and so on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 4055 §5).
    RsaPkcs1Sha256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RsaPkcs1Sha384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RsaPkcs1Sha512,
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256, a salt of 32 octets (RFC 4055 §3.1).
    RsaPssSha256,
    /// RSASSA-PSS with SHA-384, MGF1 with SHA-384, a salt of 48 octets.
    RsaPssSha384,
    /// RSASSA-PSS with SHA-512, MGF1 with SHA-512, a salt of 64 octets.
    RsaPssSha512,
    /// ECDSA with SHA-256 (RFC 5758 §3.2).
    EcdsaSha256,
    /// ECDSA with SHA-384.
    EcdsaSha384,
    /// ECDSA with SHA-512.
    EcdsaSha512,
    /// Ed25519 (RFC 8410 §3).
    Ed25519,
}

impl SignatureAlgorithm {
    /// All algorithms.
    pub const ALL: [Self; 10] = [
        Self::RsaPkcs1Sha256,
        Self::RsaPkcs1Sha384,
        Self::RsaPkcs1Sha512,
        Self::RsaPssSha256,
        Self::RsaPssSha384,
        Self::RsaPssSha512,
        Self::EcdsaSha256,
        Self::EcdsaSha384,
        Self::EcdsaSha512,
        Self::Ed25519,
    ];

    /// The name in configuration and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RsaPkcs1Sha256 => "rsa-pkcs1-sha256",
            Self::RsaPkcs1Sha384 => "rsa-pkcs1-sha384",
            Self::RsaPkcs1Sha512 => "rsa-pkcs1-sha512",
            Self::RsaPssSha256 => "rsa-pss-sha256",
            Self::RsaPssSha384 => "rsa-pss-sha384",
            Self::RsaPssSha512 => "rsa-pss-sha512",
            Self::EcdsaSha256 => "ecdsa-sha256",
            Self::EcdsaSha384 => "ecdsa-sha384",
            Self::EcdsaSha512 => "ecdsa-sha512",
            Self::Ed25519 => "ed25519",
        }
    }

    /// Whether keys of this algorithm make such signatures.
    pub const fn fits(self, key: &KeyAlgorithm) -> bool {
        match self {
            Self::RsaPkcs1Sha256
            | Self::RsaPkcs1Sha384
            | Self::RsaPkcs1Sha512
            | Self::RsaPssSha256
            | Self::RsaPssSha384
            | Self::RsaPssSha512 => matches!(key, KeyAlgorithm::Rsa { .. }),
            Self::EcdsaSha256 | Self::EcdsaSha384 | Self::EcdsaSha512 => {
                matches!(
                    key,
                    KeyAlgorithm::EcP256 | KeyAlgorithm::EcP384 | KeyAlgorithm::EcP521
                )
            }
            Self::Ed25519 => matches!(key, KeyAlgorithm::Ed25519),
        }
    }

    /// The usual choice for a key: PKCS #1 v1.5 with SHA-256 for RSA, the hash that matches the
    /// curve for ECDSA.
    pub const fn default_for(key: &KeyAlgorithm) -> Self {
        match key {
            KeyAlgorithm::Rsa { .. } => Self::RsaPkcs1Sha256,
            KeyAlgorithm::EcP256 => Self::EcdsaSha256,
            KeyAlgorithm::EcP384 => Self::EcdsaSha384,
            KeyAlgorithm::EcP521 => Self::EcdsaSha512,
            KeyAlgorithm::Ed25519 => Self::Ed25519,
        }
    }

    /// The AlgorithmIdentifier: NULL parameters for PKCS #1 v1.5, none for ECDSA and Ed25519, all
    /// fields written out for PSS (RFC 4055 §3.1 and §5, RFC 5758 §3.2, RFC 8410 §3).
    pub fn algorithm_identifier(self) -> AlgorithmIdentifierOwned {
        let (oid, parameters) = identifier::parts(self);
        AlgorithmIdentifierOwned { oid, parameters }
    }

    /// [`Self::algorithm_identifier`] as DER.
    pub fn identifier_der(self) -> Vec<u8> {
        identifier::der(self)
    }

    /// The algorithm with this identifier. Parameters must stand as the RFCs have them; the hash
    /// identifiers inside PSS parameters may leave out their NULL (RFC 4055 §2.1).
    pub fn from_identifier(identifier: &AlgorithmIdentifierOwned) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|algorithm| identifier::is_written_as(*algorithm, identifier))
    }

    /// [`Self::from_identifier`] from DER.
    pub fn from_identifier_der(der: &[u8]) -> Option<Self> {
        Self::from_identifier(&AlgorithmIdentifierOwned::from_der(der).ok()?)
    }

    /// Octets of the form and size that a signature of this key has, which verify under nothing:
    /// the stand-in when bytes are checked before they are signed.
    pub fn placeholder_signature(self, key: &PublicKey) -> Vec<u8> {
        match key.algorithm() {
            KeyAlgorithm::Rsa { bits } => {
                vec![0x5A; usize::try_from(bits.div_ceil(8)).unwrap_or_default()]
            }
            KeyAlgorithm::EcP256 => ecdsa_placeholder(&[0x5A; 32]),
            KeyAlgorithm::EcP384 => ecdsa_placeholder(&[0x5A; 48]),
            // 521 bits: the first of 66 octets holds one bit, so 65 full ones stand for the size.
            KeyAlgorithm::EcP521 => ecdsa_placeholder(&[0x5A; 65]),
            KeyAlgorithm::Ed25519 => vec![0x5A; 64],
        }
    }
}

/// An Ecdsa-Sig-Value (RFC 3279 §2.2.3) with `r` and `s` alike. The top bit of `number` must be
/// clear.
fn ecdsa_placeholder(number: &[u8]) -> Vec<u8> {
    let length = |octets: usize| u8::try_from(octets).unwrap_or(u8::MAX);
    let integer = [&[0x02, length(number.len())], number].concat();
    let body = [&integer[..], &integer[..]].concat();
    let mut header = vec![0x30];
    if body.len() > 0x7F {
        header.push(0x81);
    }
    header.push(length(body.len()));
    [header, body].concat()
}

impl Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for SignatureAlgorithm {
    type Err = UnknownAlgorithm;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.as_str() == text)
            .ok_or_else(|| UnknownAlgorithm {
                name: text.to_owned(),
            })
    }
}

serde_as_text!(SignatureAlgorithm);
