//! subjectKeyIdentifier: present, not critical, SHA-1 of the key.

use const_oid::AssociatedOid;
use x509_cert::ext::pkix::SubjectKeyIdentifier;

use super::{
    Rule,
    candidate::{Candidate, when},
};

pub(super) const RULE: Rule = Rule {
    id: "subject-key-identifier",
    citation: "RFC 5280 §4.2.1.2",
    check,
};

fn check(candidate: &Candidate<'_>) -> Vec<String> {
    let found = match candidate.value::<SubjectKeyIdentifier>() {
        Ok(Some(found)) => found,
        Ok(None) => return vec!["is absent".to_owned()],
        Err(faults) => return faults,
    };
    let mut faults = candidate.criticality(SubjectKeyIdentifier::OID, false);
    let same = candidate
        .key_id()
        .is_some_and(|id| id.as_bytes().as_slice() == found.0.as_bytes());
    faults.extend(when(!same, "is not SHA-1 of the key"));
    faults
}
