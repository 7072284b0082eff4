//! Validators and lifetimes.

use hyper::{
    HeaderMap,
    header::{
        CACHE_CONTROL, ETAG, EXPIRES, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH,
        LAST_MODIFIED,
    },
};
use jiff::fmt::rfc2822::{DateTimeParser, DateTimePrinter};
use pki::time::{SignedDuration, Timestamp};

use crate::shelf::Shelved;

/// Whether the client has this very item. If-None-Match decides alone where it stands
/// (RFC 9110 section 13.2.2).
pub(super) fn is_unchanged(headers: &HeaderMap, shelved: &Shelved) -> bool {
    if headers.contains_key(IF_NONE_MATCH) {
        let tags = headers.get_all(IF_NONE_MATCH).iter();
        return tags
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(|tag| tag.trim().trim_start_matches("W/"))
            .any(|tag| tag == "*" || tag == shelved.etag);
    }
    headers
        .get(IF_MODIFIED_SINCE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| DateTimeParser::new().parse_timestamp(value).ok())
        .is_some_and(|since| shelved.last_modified <= since)
}

/// Writes the validators and how long the item may be kept: never past `fresh_until`.
pub(super) fn write(headers: &mut HeaderMap, shelved: &Shelved, now: Timestamp) {
    let wanted = SignedDuration::try_from(shelved.item.max_age).unwrap_or(SignedDuration::MAX);
    let left = shelved
        .item
        .fresh_until
        .map(|until| until.duration_since(now));
    let kept = left
        .map_or(wanted, |left| wanted.min(left))
        .max(SignedDuration::ZERO);
    let max_age = kept.as_secs();
    let expires = now.checked_add(SignedDuration::from_secs(max_age)).ok();
    insert(headers, ETAG, Some(shelved.etag.clone()));
    insert(headers, LAST_MODIFIED, http_date(shelved.last_modified));
    insert(headers, EXPIRES, expires.and_then(http_date));
    let directives = format!("public, max-age={max_age}, no-transform");
    insert(headers, CACHE_CONTROL, Some(directives));
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: Option<String>) {
    if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
        headers.insert(name, value);
    }
}

fn http_date(at: Timestamp) -> Option<String> {
    DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok()
}
