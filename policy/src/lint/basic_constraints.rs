//! basicConstraints: critical and true for CAs, absent or false for others, pathLen as planned.

use const_oid::AssociatedOid;
use x509_cert::ext::pkix::BasicConstraints;

use super::{
    Rule,
    candidate::{Candidate, when},
};
use crate::BasicConstraintsPlan;

pub(super) const RULE: Rule = Rule {
    id: "basic-constraints",
    citation: "RFC 5280 §4.2.1.9",
    check,
};

fn check(candidate: &Candidate<'_>) -> Vec<String> {
    let found = match candidate.value::<BasicConstraints>() {
        Ok(found) => found,
        Err(faults) => return faults,
    };
    match candidate.plan.basic_constraints {
        BasicConstraintsPlan::Ca { path_len } => {
            let kept = found
                .as_ref()
                .is_some_and(|found| found.ca && found.path_len_constraint == path_len);
            let mut faults = when(!kept, "does not make a CA with the planned path length");
            faults.extend(candidate.criticality(BasicConstraints::OID, true));
            faults
        }
        BasicConstraintsPlan::EndEntity => {
            let ca = found.is_some_and(|found| found.ca || found.path_len_constraint.is_some());
            when(ca, "makes a CA of an end entity")
        }
    }
}
