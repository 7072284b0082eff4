//! Digests that name things: certificates, public keys.

use std::{
    fmt::{self, Debug, Display},
    str::FromStr,
};

use sha2::{Digest as _, Sha256};

use crate::text::serde_as_text;

/// The text or octets are not a digest of the right length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} octets in hexadecimal")]
pub struct MalformedDigest {
    /// How many octets the digest has.
    pub expected: usize,
}

macro_rules! digest {
    ($(#[$doc:meta])* $name:ident, $length:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $length]);

        impl $name {
            /// Length in octets.
            pub const LENGTH: usize = $length;

            /// The octets.
            pub const fn as_bytes(&self) -> &[u8; $length] {
                &self.0
            }

            /// Takes octets that are such a digest already, as stored in a database.
            ///
            /// # Errors
            /// [`MalformedDigest`] if there are too many or too few.
            pub fn from_bytes(octets: &[u8]) -> Result<Self, MalformedDigest> {
                octets.try_into().map(Self).map_err(|_| MalformedDigest { expected: $length })
            }
        }

        impl AsRef<[u8]> for $name {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }

        impl From<[u8; $length]> for $name {
            fn from(octets: [u8; $length]) -> Self {
                Self(octets)
            }
        }

        impl Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        impl Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = MalformedDigest;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let text: String = text.chars().filter(|character| *character != ':').collect();
                let mut octets = [0; $length];
                hex::decode_to_slice(text, &mut octets)
                    .map_err(|_| MalformedDigest { expected: $length })?;
                Ok(Self(octets))
            }
        }

        serde_as_text!($name);
    };
}

digest! {
    /// A key identifier: SHA-1 of the subjectPublicKey bits (RFC 5280 §4.2.1.2 method 1).
    KeyId, 20
}

digest! {
    /// SHA-256 of a certificate's DER. Text: hexadecimal; colons are ignored when reading.
    Fingerprint, 32
}

digest! {
    /// SHA-256 of a SubjectPublicKeyInfo's DER. Text: hexadecimal; colons are ignored when reading.
    SpkiHash, 32
}

impl Fingerprint {
    /// The fingerprint of a certificate.
    pub fn of(certificate_der: &[u8]) -> Self {
        Self(Sha256::digest(certificate_der).into())
    }
}

impl SpkiHash {
    /// The hash of a SubjectPublicKeyInfo.
    pub fn of(spki_der: &[u8]) -> Self {
        Self(Sha256::digest(spki_der).into())
    }
}

impl KeyId {
    /// The identifier of a key, from the contents of its BIT STRING (without the count of unused
    /// bits).
    pub fn of(subject_public_key: &[u8]) -> Self {
        Self(sha1::Sha1::digest(subject_public_key).into())
    }
}

#[cfg(test)]
mod tests;
