//! noRevAvail: NULL, not critical, not in CAs, and no word of revocation beside it.

use super::{
    NO_REV_AVAIL, Rule,
    candidate::{Candidate, when},
};

pub(super) const RULE: Rule = Rule {
    id: "no-rev-avail",
    citation: "RFC 9608 §2, §3",
    check,
};

fn check(candidate: &Candidate<'_>) -> Vec<String> {
    let found = candidate.extension(NO_REV_AVAIL);
    let plan = candidate.plan;
    let mut faults = when(found.is_some() != plan.no_rev_avail, "is not as planned");
    let Some(extension) = found else {
        return faults;
    };
    faults.extend(candidate.criticality(NO_REV_AVAIL, false));
    faults.extend(when(
        extension.extn_value.as_bytes() != super::NULL,
        "is not NULL",
    ));
    faults.extend(when(candidate.is_ca(), "stands in a CA certificate"));
    faults.extend(when(
        plan.crl_distribution_point.is_some() || plan.ocsp_uri.is_some(),
        "stands beside an address of revocation status",
    ));
    faults
}
