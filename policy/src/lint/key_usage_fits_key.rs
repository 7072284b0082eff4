//! The key can do what its usage says.

use pki::KeyAlgorithm;

use super::{
    Rule,
    candidate::{Candidate, when},
};
use crate::KeyUsage;

pub(super) const RULE: Rule = Rule {
    id: "key-usage-fits-key",
    citation: "RFC 4055 §1.2, RFC 8813 §3, RFC 9295 §3",
    check,
};

fn check(candidate: &Candidate<'_>) -> Vec<String> {
    let Some(key) = &candidate.public_key else {
        return Vec::new();
    };
    let usage = &candidate.plan.key_usage;
    let enciphers =
        usage.contains(KeyUsage::KeyEncipherment) || usage.contains(KeyUsage::DataEncipherment);
    let agrees = usage.contains(KeyUsage::KeyAgreement);
    let (can_encipher, can_agree) = match key.algorithm() {
        KeyAlgorithm::Rsa { .. } => (true, false),
        KeyAlgorithm::EcP256 | KeyAlgorithm::EcP384 | KeyAlgorithm::EcP521 => (false, true),
        KeyAlgorithm::Ed25519 => (false, false),
    };
    let mut faults = when(enciphers && !can_encipher, "the key cannot encipher");
    faults.extend(when(agrees && !can_agree, "the key cannot agree on keys"));
    faults
}
