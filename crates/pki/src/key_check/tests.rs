//! Cases for the key checks.

use num_bigint::BigUint;
use proptest::prelude::*;

use super::{KeyWeakness, WeakKeyList, WeakKeyListError, factors, roca};

/// A number whose residues modulo all the primes are powers of 65537: the powers with `exponent`,
/// put together by the Chinese remainder theorem.
fn number_with_fingerprint(exponents: &[u32]) -> BigUint {
    let product: BigUint = roca::PRIMES
        .iter()
        .map(|prime| BigUint::from(*prime))
        .product();
    let parts = roca::PRIMES
        .iter()
        .zip(exponents.iter().cycle())
        .map(|(prime, exponent)| {
            let prime = BigUint::from(*prime);
            let residue = BigUint::from(65537_u32).modpow(&BigUint::from(*exponent), &prime);
            let others = &product / &prime;
            residue * &others * others.modinv(&prime).unwrap()
        });
    parts.sum::<BigUint>() % &product + product * 12_345_u32
}

#[test]
fn lists_are_read_whole_or_not_at_all() {
    let list = "# a comment\n\n0123456789abcdef0123\n  FFFFFFFFFFFFFFFFFFFF \n";
    assert_eq!(WeakKeyList::parse(list).unwrap().len(), 2);
    let broken = [
        ("short", "0123456789abcdef012", 1),
        ("long", "# x\n0123456789abcdef01234", 2),
        ("not hexadecimal", "\n\n0123456789abcdef012z", 3),
        ("a word", "hello", 1),
    ];
    for (case, text, line) in broken {
        assert_eq!(
            WeakKeyList::parse(text).unwrap_err(),
            WeakKeyListError { line },
            "{case}"
        );
    }
}

#[test]
fn lists_join() {
    let mut list = WeakKeyList::parse("0123456789abcdef0123").unwrap();
    list.extend(WeakKeyList::parse("0123456789abcdef0123\nffffffffffffffffffff").unwrap());
    assert_eq!(list.len(), 2);
    assert!(WeakKeyList::default().is_empty());
}

#[test]
fn finds_factors_below_752_only() {
    let prime = BigUint::from(2_u32).pow(521) - 1_u32;
    for (factor, found) in [
        (2_u32, true),
        (3, true),
        (743, true),
        (751, true),
        (757, false),
    ] {
        assert_eq!(factors::has_small(&(&prime * factor)), found, "{factor}");
    }
}

#[test]
fn finds_close_factors_and_leaves_far_ones() {
    let base = BigUint::from(10_u32).pow(300) + 1_u32;
    assert!(factors::are_close(&(&base * &base)));
    assert!(factors::are_close(&(&base * (&base + 2_u32))));
    // After k rounds the method reaches factors about sqrt(8 k) fourth roots apart.
    let apart = BigUint::from(10_u32).pow(150) * 20_u32;
    assert!(factors::are_close(&(&base * (&base + &apart))));
    let farther = BigUint::from(10_u32).pow(160);
    assert!(!factors::are_close(&(&base * (&base + &farther))));
}

#[test]
fn the_fingerprint_needs_every_prime() {
    let marked = number_with_fingerprint(&[1, 5, 9]);
    assert!(roca::has_fingerprint(&marked));
    // 65537 is 1 modulo 2, 3 is left: its powers modulo 3 are 2 and 1, never 0.
    let product: BigUint = roca::PRIMES
        .iter()
        .map(|prime| BigUint::from(*prime))
        .product();
    assert!(!roca::has_fingerprint(&product));
    // 11: the powers of 65537 are 10 and 1 alone.
    let step = &product / 11_u32;
    let moved = (1_u32..11).filter(|times| roca::has_fingerprint(&(&marked + &step * *times)));
    assert_eq!(moved.count(), 1);
}

#[test]
fn codes_are_stable() {
    assert_eq!(KeyWeakness::Roca.code(), "key-roca");
    assert_eq!(
        KeyWeakness::RsaTooShort { bits: 1024 }.code(),
        "key-rsa-too-short"
    );
    let told = KeyWeakness::RsaTooShort { bits: 1024 }.to_string();
    assert_eq!(told, "the RSA modulus has 1024 bits, fewer than 2048");
}

proptest! {
    #[test]
    fn the_fingerprint_is_found_whatever_the_powers(exponents in prop::collection::vec(any::<u32>(), 38)) {
        prop_assert!(roca::has_fingerprint(&number_with_fingerprint(&exponents)));
    }

    #[test]
    fn ordinary_numbers_have_no_fingerprint(octets in prop::collection::vec(any::<u8>(), 256)) {
        prop_assert!(!roca::has_fingerprint(&BigUint::from_bytes_be(&octets)));
    }
}
