//! A certificate lives within its issuer's validity.

use pki::time::from_x509_time;

use super::{
    Rule,
    candidate::{Candidate, when},
};

pub(super) const RULE: Rule = Rule {
    id: "validity-within-issuer",
    citation: "RFC 5280 §6.1.3 (a)(2), CPS 6.3.2",
    check,
};

fn check(candidate: &Candidate<'_>) -> Vec<String> {
    let Some(issuer) = candidate.issuer else {
        return Vec::new();
    };
    let validity = candidate.tbs().validity();
    let mut faults = when(
        from_x509_time(&validity.not_before) < issuer.not_before(),
        "begins before its issuer",
    );
    faults.extend(when(
        from_x509_time(&validity.not_after) > issuer.not_after(),
        "ends after its issuer",
    ));
    faults
}
