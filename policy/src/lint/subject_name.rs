//! The subject is the plan's, and is not empty.

use der::Encode;

use super::{
    Rule,
    candidate::{Candidate, when},
};

pub(super) const RULE: Rule = Rule {
    id: "subject-name",
    citation: "RFC 5280 §4.1.2.6",
    check,
};

fn check(candidate: &Candidate<'_>) -> Vec<String> {
    let subject = candidate.tbs().subject();
    let mut faults = when(subject.is_empty(), "is empty");
    let der = subject.to_der().unwrap_or_default();
    faults.extend(when(
        der != candidate.plan.subject.to_der(),
        "is not the one that was permitted",
    ));
    faults
}
