//! Media types (RFC 2585 section 4, RFC 6960 appendix C): clients that trust their own sniffing
//! more than the header are the exception.

use hyper::{HeaderMap, header::CONTENT_TYPE};

use crate::probe::finding::Findings;

/// Finds an answer of another media type; parameters do not count.
pub fn check(headers: &HeaderMap, expected: &str, url: &str, findings: &mut Findings<'_>) {
    let found = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = found.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case(expected) {
        let detail = format!("`{found}` instead of {expected}");
        findings.add("media-type-wrong", url, detail);
    }
}
