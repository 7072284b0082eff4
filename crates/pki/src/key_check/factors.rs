//! Factors of a modulus that are found with little work.

use num_bigint::BigUint;

/// BR 6.1.6: the modulus should have no factor smaller than this.
const FACTOR_LIMIT: u32 = 752;
/// Rounds of Fermat's method (BR 6.1.1.3 asks for 100).
const FERMAT_ROUNDS: u32 = 100;

/// Whether a prime below [`FACTOR_LIMIT`] divides the modulus.
pub(super) fn has_small(modulus: &BigUint) -> bool {
    // A composite divisor brings its prime factors with it, so every number may be tried.
    (2..FACTOR_LIMIT).any(|factor| modulus % factor == BigUint::ZERO)
}

/// Whether the modulus is a product of two numbers about its square root: `a² - n` is a square for
/// an `a` close above the root.
pub(super) fn are_close(modulus: &BigUint) -> bool {
    let floor = modulus.sqrt();
    let first = if &floor * &floor == *modulus {
        floor
    } else {
        floor + 1_u32
    };
    (0..FERMAT_ROUNDS)
        .map(|round| &first + round)
        .any(|middle| {
            let remainder = &middle * &middle - modulus;
            let root = remainder.sqrt();
            &root * &root == remainder
        })
}
