//! Algorithms by their JOSE names, and the JOSE form of ECDSA signatures.

use pki::{KeyAlgorithm, SignatureAlgorithm, ecdsa_from_der, ecdsa_to_der};

/// The name of an algorithm in a JOSE header (RFC 7518 section 3.1, RFC 8037 section 3.1); none for
/// one that JOSE does not know, such as ECDSA on P-384 with SHA-256.
pub const fn name_of(algorithm: SignatureAlgorithm, key: KeyAlgorithm) -> Option<&'static str> {
    match (algorithm, key) {
        (SignatureAlgorithm::RsaPkcs1Sha256, KeyAlgorithm::Rsa { .. }) => Some("RS256"),
        (SignatureAlgorithm::RsaPkcs1Sha384, KeyAlgorithm::Rsa { .. }) => Some("RS384"),
        (SignatureAlgorithm::RsaPkcs1Sha512, KeyAlgorithm::Rsa { .. }) => Some("RS512"),
        (SignatureAlgorithm::RsaPssSha256, KeyAlgorithm::Rsa { .. }) => Some("PS256"),
        (SignatureAlgorithm::RsaPssSha384, KeyAlgorithm::Rsa { .. }) => Some("PS384"),
        (SignatureAlgorithm::RsaPssSha512, KeyAlgorithm::Rsa { .. }) => Some("PS512"),
        (SignatureAlgorithm::EcdsaSha256, KeyAlgorithm::EcP256) => Some("ES256"),
        (SignatureAlgorithm::EcdsaSha384, KeyAlgorithm::EcP384) => Some("ES384"),
        (SignatureAlgorithm::EcdsaSha512, KeyAlgorithm::EcP521) => Some("ES512"),
        (SignatureAlgorithm::Ed25519, KeyAlgorithm::Ed25519) => Some("EdDSA"),
        _ => None,
    }
}

/// The algorithm that a JOSE name means with a key.
pub(crate) fn named(name: &str, key: KeyAlgorithm) -> Option<SignatureAlgorithm> {
    SignatureAlgorithm::ALL
        .into_iter()
        .find(|algorithm| name_of(*algorithm, key) == Some(name))
}

/// Octets of `r` and of `s` (RFC 7518 section 3.4); none for keys of other kinds.
const fn half(key: KeyAlgorithm) -> Option<usize> {
    match key {
        KeyAlgorithm::EcP256 => Some(32),
        KeyAlgorithm::EcP384 => Some(48),
        KeyAlgorithm::EcP521 => Some(66),
        KeyAlgorithm::Rsa { .. } | KeyAlgorithm::Ed25519 => None,
    }
}

/// From the form of X.509 to that of JOSE: for ECDSA `r ‖ s` instead of DER.
pub(crate) fn to_jose(key: KeyAlgorithm, signature: &[u8]) -> Option<Vec<u8>> {
    let Some(half) = half(key) else {
        return Some(signature.to_vec());
    };
    ecdsa_from_der(signature, half)
}

/// From the form of JOSE to that of X.509.
pub(crate) fn from_jose(key: KeyAlgorithm, signature: &[u8]) -> Option<Vec<u8>> {
    let Some(half) = half(key) else {
        return Some(signature.to_vec());
    };
    if signature.len() != 2 * half {
        return None;
    }
    ecdsa_to_der(signature)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_filled_up_to_their_length_and_back() {
        let der = [0x30, 7, 2, 2, 0, 0x80, 2, 1, 2];
        let raw = to_jose(KeyAlgorithm::EcP256, &der).unwrap();
        assert_eq!(raw.len(), 64);
        assert_eq!((raw[31], raw[63]), (0x80, 2));
        assert_eq!(raw.iter().map(|octet| u32::from(*octet)).sum::<u32>(), 0x82);
        assert_eq!(from_jose(KeyAlgorithm::EcP256, &raw).unwrap(), der);
    }

    #[test]
    fn a_signature_of_another_length_is_none() {
        for octets in [0, 63, 65, 96] {
            assert_eq!(from_jose(KeyAlgorithm::EcP256, &vec![1; octets]), None);
        }
        let too_long = [&[0x30, 70, 2, 65][..], &[1; 65], &[2, 1, 1]].concat();
        assert_eq!(to_jose(KeyAlgorithm::EcP384, &too_long), None);
    }

    #[test]
    fn each_name_means_one_algorithm_of_a_key() {
        let keys = [
            KeyAlgorithm::Rsa { bits: 3072 },
            KeyAlgorithm::EcP256,
            KeyAlgorithm::EcP384,
            KeyAlgorithm::EcP521,
            KeyAlgorithm::Ed25519,
        ];
        for key in keys {
            let default = SignatureAlgorithm::default_for(&key);
            assert!(name_of(default, key).is_some(), "{key}");
            for algorithm in SignatureAlgorithm::ALL {
                if let Some(name) = name_of(algorithm, key) {
                    assert_eq!(named(name, key), Some(algorithm), "{name}");
                }
            }
        }
        assert_eq!(named("none", KeyAlgorithm::EcP256), None);
        assert_eq!(named("ES384", KeyAlgorithm::EcP256), None);
        assert_eq!(
            name_of(SignatureAlgorithm::EcdsaSha256, KeyAlgorithm::EcP384),
            None
        );
    }
}
