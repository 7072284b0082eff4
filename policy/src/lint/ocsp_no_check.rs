//! id-pkix-ocsp-nocheck: NULL, not critical, in the certificates of OCSP responders alone.

use super::{
    OCSP_NO_CHECK, Rule,
    candidate::{Candidate, when},
};
use crate::OCSP_SIGNING;

pub(super) const RULE: Rule = Rule {
    id: "ocsp-no-check",
    citation: "RFC 6960 §4.2.2.2.1",
    check,
};

fn check(candidate: &Candidate<'_>) -> Vec<String> {
    let found = candidate.extension(OCSP_NO_CHECK);
    let responder = candidate.plan.extended_key_usage.contains(&OCSP_SIGNING);
    let mut faults = when(
        found.is_some() != candidate.plan.ocsp_no_check || found.is_some() != responder,
        "belongs to OCSP responders, and to every one",
    );
    if let Some(extension) = found {
        faults.extend(candidate.criticality(OCSP_NO_CHECK, false));
        faults.extend(when(
            extension.extn_value.as_bytes() != super::NULL,
            "is not NULL",
        ));
    }
    faults
}
