//! Checks on public keys that are well formed but known or likely to be broken (BR 6.1.1.3).

mod factors;
mod roca;
mod weak_key_list;
mod weakness;

use num_bigint::BigUint;

pub use self::{
    weak_key_list::{WeakKeyList, WeakKeyListError},
    weakness::KeyWeakness,
};
use crate::{PublicKey, key::RsaParts};

const MIN_MODULUS_BITS: u64 = 2048;
/// The longest modulus that aws-lc-rs verifies with.
const MAX_MODULUS_BITS: u64 = 8192;
const MIN_EXPONENT: u32 = 65537;
/// The exponent must be below 2^256 (BR 6.1.6).
const MAX_EXPONENT_BITS: u64 = 256;

/// All weaknesses of a key; none is the good answer. Elliptic curve keys can only be listed:
/// what is wrong with a point is refused when it is parsed.
pub fn weaknesses(key: &PublicKey, weak_keys: &WeakKeyList) -> Vec<KeyWeakness> {
    let mut found = Vec::new();
    if let Some(parts) = key.rsa_parts() {
        check_length(&parts.modulus, &mut found);
        check_exponent(&parts.exponent, &mut found);
        check_structure(&parts, &mut found);
    }
    if weak_keys.contains(key) {
        found.push(KeyWeakness::DebianWeak);
    }
    found
}

fn check_length(modulus: &BigUint, found: &mut Vec<KeyWeakness>) {
    let length = modulus.bits();
    let bits = u32::try_from(length).unwrap_or(u32::MAX);
    if length < MIN_MODULUS_BITS {
        found.push(KeyWeakness::RsaTooShort { bits });
    }
    if length > MAX_MODULUS_BITS {
        found.push(KeyWeakness::RsaTooLong { bits });
    }
    if !length.is_multiple_of(8) {
        found.push(KeyWeakness::RsaOddLength { bits });
    }
}

fn check_exponent(exponent: &BigUint, found: &mut Vec<KeyWeakness>) {
    if *exponent < BigUint::from(MIN_EXPONENT) {
        found.push(KeyWeakness::ExponentTooSmall);
    }
    if exponent.bits() > MAX_EXPONENT_BITS {
        found.push(KeyWeakness::ExponentTooLarge);
    }
    if !exponent.bit(0) {
        found.push(KeyWeakness::ExponentEven);
    }
}

fn check_structure(parts: &RsaParts, found: &mut Vec<KeyWeakness>) {
    if factors::has_small(&parts.modulus) {
        // The other tests take a product of two large primes for granted.
        found.push(KeyWeakness::SmallFactor);
        return;
    }
    if factors::are_close(&parts.modulus) {
        found.push(KeyWeakness::ClosePrimes);
    }
    if roca::has_fingerprint(&parts.modulus) {
        found.push(KeyWeakness::Roca);
    }
}

#[cfg(test)]
mod tests;
