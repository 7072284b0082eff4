//! No extension stands twice.

use std::collections::BTreeSet;

use super::{Rule, candidate::Candidate};

pub(super) const RULE: Rule = Rule {
    id: "extensions-unique",
    citation: "RFC 5280 §4.2",
    check,
};

fn check(candidate: &Candidate<'_>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    candidate
        .extensions()
        .iter()
        .filter(|extension| !seen.insert(extension.extn_id))
        .map(|extension| format!("{} stands twice", extension.extn_id))
        .collect()
}
