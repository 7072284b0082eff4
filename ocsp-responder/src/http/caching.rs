//! Headers for caches between here and the client (RFC 9919 section 7).

use std::{cell::RefCell, time::Duration};

use hyper::{
    HeaderMap,
    header::{CACHE_CONTROL, ETAG, EXPIRES, HeaderValue, IF_NONE_MATCH, LAST_MODIFIED},
};
use pki::time::{SignedDuration, Timestamp};

use crate::answer::{Shareable, Validity, http_date};

/// How long an answer may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Lifetime {
    expires: Timestamp,
    /// Whole seconds.
    max_age: i64,
}

/// The headers of a [`Lifetime`].
#[derive(Debug, Clone)]
struct LifetimeHeaders {
    cache_control: HeaderValue,
    expires: HeaderValue,
}

thread_local! {
    /// The last ones that were written: within a second most are the same.
    static LAST: RefCell<Option<(Lifetime, LifetimeHeaders)>> = const { RefCell::new(None) };
}

/// Lets caches keep an answer.
pub(super) fn write(headers: &mut HeaderMap, shareable: Shareable, now: Timestamp) {
    let lifetime = Lifetime::new(shareable.validity, now, shareable.max_age);
    let LifetimeHeaders {
        cache_control,
        expires,
    } = lifetime.headers();
    headers.insert(CACHE_CONTROL, cache_control);
    headers.insert(EXPIRES, expires);
    headers.insert(ETAG, shareable.validators.etag);
    headers.insert(LAST_MODIFIED, shareable.validators.last_modified);
}

impl Lifetime {
    /// `max_age` from `now`, but never past nextUpdate; whole seconds.
    fn new(validity: Validity, now: Timestamp, max_age: Duration) -> Self {
        let left = validity.next_update.duration_since(now);
        let wanted = SignedDuration::try_from(max_age).unwrap_or(SignedDuration::MAX);
        let max_age = wanted.min(left).max(SignedDuration::ZERO).as_secs();
        let expires = Timestamp::from_second(now.as_second().saturating_add(max_age));
        Self {
            expires: expires.unwrap_or(validity.next_update),
            max_age,
        }
    }

    fn headers(self) -> LifetimeHeaders {
        LAST.with_borrow_mut(|last| match last {
            Some((lifetime, headers)) if *lifetime == self => headers.clone(),
            _ => {
                let headers = self.write();
                *last = Some((self, headers.clone()));
                headers
            }
        })
    }

    fn write(self) -> LifetimeHeaders {
        let directives = format!(
            "max-age={}, public, no-transform, must-revalidate",
            self.max_age
        );
        LifetimeHeaders {
            cache_control: HeaderValue::try_from(directives)
                .unwrap_or(HeaderValue::from_static("no-store")),
            expires: http_date(self.expires),
        }
    }
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
    use crate::answer::Validators;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn validity(next_update: i64) -> Validity {
        Validity {
            this_update: at(1_000),
            next_update: at(next_update),
        }
    }

    fn lifetime(now: i64, next_update: i64, max_age: u64) -> Lifetime {
        Lifetime::new(validity(next_update), at(now), Duration::from_secs(max_age))
    }

    fn shareable() -> Shareable {
        Shareable {
            validity: validity(90_000),
            max_age: Duration::from_mins(5),
            validators: Validators::of(b"answer", validity(90_000)),
        }
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
        write(&mut headers, shareable(), at(2_000));
        assert_eq!(
            headers[CACHE_CONTROL],
            "max-age=300, public, no-transform, must-revalidate"
        );
        assert_eq!(headers[LAST_MODIFIED], "Thu, 01 Jan 1970 00:16:40 GMT");
        assert_eq!(headers[EXPIRES], "Thu, 01 Jan 1970 00:38:20 GMT");
        assert_eq!(headers[ETAG].len(), 66);
    }

    #[test]
    fn each_second_has_its_own_headers() {
        let written = |now| {
            let mut headers = HeaderMap::new();
            write(&mut headers, shareable(), at(now));
            let text = |name| headers[name].to_str().unwrap().to_owned();
            (text(CACHE_CONTROL), text(EXPIRES))
        };
        let first = written(2_000);
        assert_eq!(written(2_000), first);
        assert_eq!(written(2_001).1, "Thu, 01 Jan 1970 00:38:21 GMT");
        assert!(written(89_900).0.starts_with("max-age=100,"));
        assert_eq!(written(2_000), first);
    }

    #[test]
    fn knows_its_own_tag_among_others() {
        let tag = shareable().validators.etag;
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
