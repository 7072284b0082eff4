//! Validity of a profile's certificates (6.3.2) and their renewal (4.6).

use jiff::SignedDuration;

use super::{FORMAT, checker::Checker};
use crate::{
    model::{DatedLimit, Validity},
    source::{ProfileSource, ValidityRule},
};

/// The most that notBefore may lie before the time of issue.
const MAX_BACKDATE: SignedDuration = SignedDuration::from_mins(5);

/// RFC 9608 is for certificates that end before a revocation could be published.
const MAX_WITHOUT_REVOCATION: SignedDuration = SignedDuration::from_hours(24);

pub(super) fn validity(
    source: &ProfileSource,
    path: &str,
    checker: &mut Checker<'_>,
) -> Option<(Validity, SignedDuration)> {
    let window_path = format!("{path}.renewal_window");
    let window = checker.duration(&window_path, &source.renewal_window);
    let path = format!("{path}.validity");
    let rule = &source.validity;
    let mut read = |key: &str, text: &str| checker.duration(&format!("{path}.{key}"), text);
    let default = read("default", &rule.default);
    let max = read("max", &rule.max);
    let min = read("min", &rule.min);
    let backdate = read("backdate", &rule.backdate);
    let limits = limits(rule, &path, checker);
    checker.at_most(
        &format!("{path}.backdate"),
        backdate,
        MAX_BACKDATE,
        "CPS 6.3.2",
    );
    if !source.revocation {
        let path = format!("{path}.max");
        checker.at_most(
            &path,
            max,
            MAX_WITHOUT_REVOCATION,
            "RFC 9608 §1, BR 4.9.1.1",
        );
    }
    let validity = Validity {
        default: default?,
        max: max?,
        min: min?,
        backdate: backdate?,
        limits,
    };
    let (default_path, min_path) = (format!("{path}.default"), format!("{path}.min"));
    checker.at_most(&default_path, default, validity.max, FORMAT);
    checker.at_most(&min_path, min, validity.default, FORMAT);
    checker.require(
        validity.min > validity.backdate,
        &min_path,
        "is not more than backdate: a certificate could end before it is issued",
        "RFC 5280 §4.1.2.5",
    );
    checker.at_most(&window_path, window, validity.max, FORMAT);
    Some((validity, window?))
}

fn limits(rule: &ValidityRule, path: &str, checker: &mut Checker<'_>) -> Vec<DatedLimit> {
    let mut limits: Vec<DatedLimit> = Vec::new();
    for (index, limit) in rule.limits.iter().enumerate() {
        let path = format!("{path}.limits[{index}]");
        let from_path = format!("{path}.from");
        let from = checker.time(&from_path, &limit.from);
        let max = checker.duration(&format!("{path}.max"), &limit.max);
        let (Some(from), Some(max)) = (from, max) else {
            continue;
        };
        checker.require(
            limits.last().is_none_or(|before| before.from < from),
            &from_path,
            "does not come after the limit before it",
            FORMAT,
        );
        limits.push(DatedLimit {
            from,
            max,
            citation: limit.citation.clone(),
        });
    }
    limits
}
