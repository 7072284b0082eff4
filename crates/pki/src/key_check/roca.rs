//! The fingerprint of the ROCA generator.
//!
//! Nemec, Sys, Svenda, Klinec, Matyas: "The Return of Coppersmith's Attack" (CCS 2017). Primes of
//! the faulty library have the form k·M + (65537^a mod M), M being a product of the first primes.
//! Modulo each of those primes the modulus is then a power of 65537, which happens to other moduli
//! with a chance of about one in 2^28.

use num_bigint::BigUint;

const GENERATOR: u32 = 65537;

/// The odd primes of the M that the shortest keys use; longer keys use these and more.
pub(super) const PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
    101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

pub(super) fn has_fingerprint(modulus: &BigUint) -> bool {
    PRIMES.iter().all(|prime| {
        let residue = modulus % *prime;
        is_power_of_generator(&residue, *prime)
    })
}

fn is_power_of_generator(residue: &BigUint, prime: u32) -> bool {
    let mut power = 1;
    loop {
        if *residue == BigUint::from(power) {
            return true;
        }
        power = power * (GENERATOR % prime) % prime;
        if power == 1 {
            return false;
        }
    }
}
