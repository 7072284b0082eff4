//! Headers for caches between here and the client (RFC 9919 section 7).

use std::time::Duration;

use hyper::{
    HeaderMap,
    header::{CACHE_CONTROL, ETAG, EXPIRES, HeaderValue, IF_NONE_MATCH, LAST_MODIFIED},
};
use jiff::fmt::rfc2822::DateTimePrinter;
use pki::time::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use crate::answer::Validity;

/// How long an answer may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lifetime {
    last_modified: Timestamp,
    expires: Timestamp,
    /// Whole seconds.
    max_age: i64,
}

impl Lifetime {
    /// `max_age` from `now`, but never past nextUpdate.
    pub(super) fn new(validity: Validity, now: Timestamp, max_age: Duration) -> Self {
        let left = validity.next_update.duration_since(now);
        let wanted = SignedDuration::try_from(max_age).unwrap_or(SignedDuration::MAX);
        let max_age = wanted.min(left).max(SignedDuration::ZERO).as_secs();
        let expires = now.checked_add(SignedDuration::from_secs(max_age));
        Self {
            last_modified: validity.this_update,
            expires: expires.unwrap_or(validity.next_update),
            max_age,
        }
    }

    pub(super) fn write(&self, headers: &mut HeaderMap, etag: &HeaderValue) {
        let directives = format!(
            "max-age={}, public, no-transform, must-revalidate",
            self.max_age
        );
        headers.insert(ETAG, etag.clone());
        insert(headers, CACHE_CONTROL, Some(directives));
        insert(headers, LAST_MODIFIED, http_date(self.last_modified));
        insert(headers, EXPIRES, http_date(self.expires));
    }
}

fn insert(headers: &mut HeaderMap, name: hyper::header::HeaderName, value: Option<String>) {
    if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
        headers.insert(name, value);
    }
}

fn http_date(at: Timestamp) -> Option<String> {
    DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok()
}

/// A strong tag: SHA-256 of the `OCSPResponse` in hexadecimal (RFC 9919 section 7).
pub(super) fn etag(der: &[u8]) -> HeaderValue {
    let tag = format!("\"{}\"", hex::encode(Sha256::digest(der)));
    HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("\"\""))
}

/// Whether the client has this very answer (RFC 9110 section 13.1.2).
///
/// If-Modified-Since is not looked at: times are whole seconds, and within one a certificate can
/// become revoked.
pub(super) fn is_unchanged(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let tags = headers.get_all(IF_NONE_MATCH).iter();
    tags.filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|tag| tag.trim().trim_start_matches("W/"))
        .any(|tag| tag == "*" || tag.as_bytes() == etag.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn lifetime(now: i64, next_update: i64, max_age: u64) -> Lifetime {
        let validity = Validity {
            this_update: at(1_000),
            next_update: at(next_update),
        };
        Lifetime::new(validity, at(now), Duration::from_secs(max_age))
    }

    #[test]
    fn caches_never_keep_an_answer_past_its_next_update() {
        assert_eq!(lifetime(2_000, 90_000, 300).max_age, 300);
        assert_eq!(lifetime(89_900, 90_000, 300).max_age, 100);
        assert_eq!(lifetime(89_900, 90_000, 300).expires, at(90_000));
        assert_eq!(lifetime(90_100, 90_000, 300).max_age, 0);
    }

    #[test]
    fn writes_the_headers_of_rfc_9919() {
        let mut headers = HeaderMap::new();
        lifetime(2_000, 90_000, 300).write(&mut headers, &etag(b"answer"));
        assert_eq!(
            headers[CACHE_CONTROL],
            "max-age=300, public, no-transform, must-revalidate"
        );
        assert_eq!(headers[LAST_MODIFIED], "Thu, 01 Jan 1970 00:16:40 GMT");
        assert_eq!(headers[EXPIRES], "Thu, 01 Jan 1970 00:38:20 GMT");
        assert_eq!(headers[ETAG].len(), 66);
    }

    #[test]
    fn knows_its_own_tag_among_others() {
        let tag = etag(b"answer");
        let with = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(IF_NONE_MATCH, value.parse().unwrap());
            is_unchanged(&headers, &tag)
        };
        let text = tag.to_str().unwrap();
        assert!(with(text));
        assert!(with(&format!("\"other\", W/{text}")));
        assert!(with("*"));
        assert!(!with("\"other\""));
        assert!(!is_unchanged(&HeaderMap::new(), &tag));
    }
}
