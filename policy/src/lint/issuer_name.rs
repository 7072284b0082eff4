//! The issuer's name is the CA's subject, octet for octet.

use der::Encode;

use super::{
    Rule,
    candidate::{Candidate, when},
};

pub(super) const RULE: Rule = Rule {
    id: "issuer-name",
    citation: "RFC 5280 §4.1.2.4, §6.1.3 (a)(4)",
    check,
};

fn check(candidate: &Candidate<'_>) -> Vec<String> {
    let name = candidate.tbs().issuer().to_der().unwrap_or_default();
    let expected = match candidate.issuer {
        Some(issuer) => issuer.subject_der().to_vec(),
        None => candidate.tbs().subject().to_der().unwrap_or_default(),
    };
    let mut faults = when(candidate.tbs().issuer().is_empty(), "is empty");
    faults.extend(when(
        name != expected,
        "is not the subject of the issuer's certificate",
    ));
    faults
}
