//! subjectAltName: the planned names in their order, critical only where the subject is empty.

use const_oid::AssociatedOid;
use x509_cert::ext::pkix::SubjectAltName;

use super::{
    Rule,
    candidate::{Candidate, when},
};

pub(super) const RULE: Rule = Rule {
    id: "subject-alt-name",
    citation: "RFC 5280 §4.2.1.6, RFC 9549, RFC 9598",
    check,
};

fn check(candidate: &Candidate<'_>) -> Vec<String> {
    let present = candidate.extension(SubjectAltName::OID).is_some();
    let found = match candidate.value::<SubjectAltName>() {
        Ok(found) => found.map(|names| names.0).unwrap_or_default(),
        Err(faults) => return faults,
    };
    let planned: Result<Vec<_>, _> = candidate
        .plan
        .subject_alt_names
        .iter()
        .map(pki::SubjectAltName::to_general_name)
        .collect();
    let mut faults =
        candidate.criticality(SubjectAltName::OID, candidate.tbs().subject().is_empty());
    faults.extend(when(present && found.is_empty(), "is empty"));
    faults.extend(when(
        planned.map_or(true, |planned| planned != found),
        "has other names than those that were permitted",
    ));
    faults
}
