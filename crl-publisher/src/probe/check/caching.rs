//! How long caches may keep an answer: never past its nextUpdate (RFC 9919 section 5, RFC 9111).

use hyper::{
    HeaderMap,
    header::{AGE, CACHE_CONTROL, EXPIRES, HeaderName},
};
use jiff::fmt::rfc2822::DateTimeParser;
use pki::time::{SignedDuration, Timestamp};

use crate::probe::finding::Findings;

/// Finds an answer that a cache may serve after `next_update`.
pub fn check(
    headers: &HeaderMap,
    next_update: Timestamp,
    now: Timestamp,
    url: &str,
    findings: &mut Findings<'_>,
) {
    let Some(until) = kept_until(headers, now) else {
        return;
    };
    if until > next_update.checked_add(SLACK).unwrap_or(next_update) {
        let detail = format!("caches may keep it until {until}, but it ends {next_update}");
        findings.add("cached-past-next-update", url, detail);
    }
}

/// `max-age` less the age decides, else `Expires`; without either a cache may guess, and nobody
/// can check that.
fn kept_until(headers: &HeaderMap, now: Timestamp) -> Option<Timestamp> {
    let directives = text(headers, &CACHE_CONTROL).unwrap_or_default();
    let mut directives = directives.split(',').map(str::trim);
    if directives.clone().any(|directive| directive == "no-store") {
        return None;
    }
    let max_age = directives.find_map(|directive| directive.strip_prefix("max-age="));
    if let Some(max_age) = max_age.and_then(|seconds| seconds.parse::<i64>().ok()) {
        let age = text(headers, &AGE).and_then(|age| age.parse::<i64>().ok());
        let left = max_age.saturating_sub(age.unwrap_or(0));
        return now.checked_add(SignedDuration::from_secs(left)).ok();
    }
    let expires = text(headers, &EXPIRES)?;
    DateTimeParser::new().parse_timestamp(expires).ok()
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Answers and clocks are not of the very same moment.
const SLACK: SignedDuration = SignedDuration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_caches_may_do_is_understood() {
        let now: Timestamp = "2027-01-15T08:00:00Z".parse().unwrap();
        for (headers, seconds) in [
            (vec![(CACHE_CONTROL, "public, max-age=900")], Some(900)),
            (
                vec![(CACHE_CONTROL, "max-age=900"), (AGE, "600")],
                Some(300),
            ),
            (vec![(CACHE_CONTROL, "no-store")], None),
            (vec![(EXPIRES, "Fri, 15 Jan 2027 08:01:00 GMT")], Some(60)),
            (
                vec![
                    (EXPIRES, "Fri, 15 Jan 2027 08:01:00 GMT"),
                    (CACHE_CONTROL, "max-age=5"),
                ],
                Some(5),
            ),
            (vec![], None),
        ] {
            let map = headers
                .iter()
                .map(|(name, value)| (name.clone(), value.parse().unwrap()))
                .collect();
            let expected = seconds.map(|seconds| now + SignedDuration::from_secs(seconds));
            assert_eq!(kept_until(&map, now), expected, "{headers:?}");
        }
    }
}
