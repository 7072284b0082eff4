//! The weaknesses that are looked for.

/// A weakness of a public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum KeyWeakness {
    /// The RSA modulus is shorter than 2048 bits (BR 6.1.5).
    #[error("the RSA modulus has {bits} bits, fewer than 2048")]
    RsaTooShort {
        /// Its length.
        bits: u32,
    },
    /// The RSA modulus is longer than 8192 bits.
    #[error("the RSA modulus has {bits} bits, more than 8192")]
    RsaTooLong {
        /// Its length.
        bits: u32,
    },
    /// The length of the RSA modulus is not a multiple of 8 bits (BR 6.1.5).
    #[error("the RSA modulus has {bits} bits, not a multiple of 8")]
    RsaOddLength {
        /// Its length.
        bits: u32,
    },
    /// The RSA exponent is below 65537 (BR 6.1.6).
    #[error("the RSA exponent is below 65537")]
    ExponentTooSmall,
    /// The RSA exponent is 2^256 or more (BR 6.1.6).
    #[error("the RSA exponent has more than 256 bits")]
    ExponentTooLarge,
    /// The RSA exponent is even.
    #[error("the RSA exponent is even")]
    ExponentEven,
    /// The RSA modulus has a prime factor below 752, 2 included (BR 6.1.6).
    #[error("the RSA modulus has a small prime factor")]
    SmallFactor,
    /// The factors of the RSA modulus are so close that Fermat's method finds them (BR 6.1.1.3).
    #[error("the prime factors of the RSA modulus are close")]
    ClosePrimes,
    /// The RSA modulus bears the fingerprint of the ROCA generator (CVE-2017-15361).
    #[error("the RSA modulus comes from the ROCA generator")]
    Roca,
    /// The key is on a list of keys from the broken Debian generator (CVE-2008-0166).
    #[error("the key is on a list of weak keys")]
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
