//! Checks on public keys that are well formed but known or likely to be broken (BR 6.1.1.3).

use std::fmt::{self, Display};

use crate::PublicKey;

/// A weakness of a public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyWeakness {
    /// The RSA modulus is shorter than 2048 bits.
    RsaTooShort {
        /// Its length.
        bits: u32,
    },
    /// The RSA modulus is longer than 8192 bits.
    RsaTooLong {
        /// Its length.
        bits: u32,
    },
    /// The length of the RSA modulus is not a multiple of 8 bits (BR 6.1.5).
    RsaOddLength {
        /// Its length.
        bits: u32,
    },
    /// The RSA exponent is below 65537.
    ExponentTooSmall,
    /// The RSA exponent is 2^256 or more (BR 6.1.6).
    ExponentTooLarge,
    /// The RSA exponent is even.
    ExponentEven,
    /// The RSA modulus has a prime factor below 752, 2 included (BR 6.1.6).
    SmallFactor,
    /// The factors of the RSA modulus are so close that Fermat's method finds them.
    ClosePrimes,
    /// The RSA modulus bears the fingerprint of the ROCA generator (CVE-2017-15361).
    Roca,
    /// The key is on a list of keys from the broken Debian generator (CVE-2008-0166).
    DebianWeak,
}

impl KeyWeakness {
    /// The stable code of this weakness.
    pub const fn code(self) -> &'static str {
        match self {
            Self::RsaTooShort { .. } => "key-rsa-too-short",
            Self::RsaTooLong { .. } => "key-rsa-too-long",
            Self::RsaOddLength { .. } => "key-rsa-odd-length",
            Self::ExponentTooSmall => "key-exponent-too-small",
            Self::ExponentTooLarge => "key-exponent-too-large",
            Self::ExponentEven => "key-exponent-even",
            Self::SmallFactor => "key-small-factor",
            Self::ClosePrimes => "key-close-primes",
            Self::Roca => "key-roca",
            Self::DebianWeak => "key-debian-weak",
        }
    }
}

impl Display for KeyWeakness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A list of weak keys, by their digests.
#[derive(Debug, Clone, Default)]
pub struct WeakKeyList {}

/// A line of a list of weak keys is not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is not 20 hexadecimal digits")]
pub struct WeakKeyListError {
    /// The line, counted from 1.
    pub line: usize,
}

impl WeakKeyList {
    /// Reads a list.
    ///
    /// # Errors
    /// [`WeakKeyListError`] names the first line that is not understood.
    pub fn parse(text: &str) -> Result<Self, WeakKeyListError> {
        let _ = text;
        Ok(Self {})
    }

    /// Joins another list to this one.
    pub fn extend(&mut self, other: Self) {
        let _ = other;
    }

    /// How many keys are listed.
    pub fn len(&self) -> usize {
        0
    }

    /// Whether no key is listed.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the key is on the list.
    pub fn contains(&self, key: &PublicKey) -> bool {
        let _ = key;
        false
    }
}

/// All weaknesses of a key; none is the good answer.
pub fn weaknesses(key: &PublicKey, weak_keys: &WeakKeyList) -> Vec<KeyWeakness> {
    let _ = (key, weak_keys);
    Vec::new()
}
