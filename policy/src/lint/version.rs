//! The version is v3: extensions are there.

use x509_cert::certificate::Version;

use super::{
    Rule,
    candidate::{Candidate, when},
};

pub(super) const RULE: Rule = Rule {
    id: "version-3",
    citation: "RFC 5280 §4.1.2.1",
    check,
};

fn check(candidate: &Candidate<'_>) -> Vec<String> {
    when(candidate.tbs().version() != Version::V3, "is not version 3")
}
