//! Times are UTCTime until 2049 and GeneralizedTime from 2050, and are the plan's.

use pki::time::from_x509_time;
use x509_cert::time::Time;

use super::{
    Rule,
    candidate::{Candidate, when},
};

pub(super) const RULE: Rule = Rule {
    id: "validity",
    citation: "RFC 5280 §4.1.2.5",
    check,
};

fn check(candidate: &Candidate<'_>) -> Vec<String> {
    let validity = candidate.tbs().validity();
    let mut faults = Vec::new();
    for time in [&validity.not_before, &validity.not_after] {
        let late = time.to_date_time().year() >= 2050;
        let general = matches!(time, Time::GeneralTime(_));
        faults.extend(when(
            late != general,
            "uses UTCTime from 2050 on or GeneralizedTime before",
        ));
    }
    let (begin, end) = (
        from_x509_time(&validity.not_before),
        from_x509_time(&validity.not_after),
    );
    faults.extend(when(begin > end, "ends before it begins"));
    let plan = candidate.plan;
    let planned = (plan.not_before.as_second(), plan.not_after.as_second());
    let same = (begin.as_second(), end.as_second()) == planned;
    faults.extend(when(!same, "is not the validity that was permitted"));
    faults
}
