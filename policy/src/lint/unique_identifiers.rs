//! Unique identifiers of issuer and subject are absent.

use super::{
    Rule,
    candidate::{Candidate, when},
};

pub(super) const RULE: Rule = Rule {
    id: "unique-identifiers",
    citation: "RFC 5280 §4.1.2.8",
    check,
};

fn check(candidate: &Candidate<'_>) -> Vec<String> {
    let tbs = candidate.tbs();
    let present = tbs.issuer_unique_id().is_some() || tbs.subject_unique_id().is_some();
    when(present, "are present")
}
