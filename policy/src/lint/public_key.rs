//! The key is well formed, with exactly the parameters of its algorithm.

use super::{
    Rule,
    candidate::{Candidate, when},
};

pub(super) const RULE: Rule = Rule {
    id: "subject-public-key",
    citation: "RFC 3279 §2.3.1, RFC 5480 §2.1, RFC 8410 §3, BR 7.1.3.1",
    check,
};

fn check(candidate: &Candidate<'_>) -> Vec<String> {
    // Parsing is strict: named curves alone, a point on the curve, RSA with NULL parameters.
    when(
        candidate.public_key.is_none(),
        "is malformed or not of a supported kind",
    )
}
