//! What caches compare answers by (RFC 9110 section 8.8, RFC 9919 section 7).

use hyper::header::HeaderValue;
use jiff::fmt::rfc2822::DateTimePrinter;
use pki::time::Timestamp;
use sha2::{Digest as _, Sha256};

use super::Validity;

/// The validators of one answer, made once, when it is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validators {
    /// A strong tag: SHA-256 of the `OCSPResponse` in hexadecimal.
    pub etag: HeaderValue,
    /// thisUpdate.
    pub last_modified: HeaderValue,
}

impl Validators {
    /// The validators of an `OCSPResponse`.
    pub fn of(der: &[u8], validity: Validity) -> Self {
        let tag = format!("\"{}\"", hex::encode(Sha256::digest(der)));
        Self {
            etag: HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("\"\"")),
            last_modified: http_date(validity.this_update),
        }
    }
}

/// A moment as HTTP writes it (RFC 9110 section 5.6.7).
pub fn http_date(at: Timestamp) -> HeaderValue {
    let text = DateTimePrinter::new().timestamp_to_rfc9110_string(&at);
    let value = text.ok().and_then(|text| HeaderValue::try_from(text).ok());
    // Every time has a date; one of long ago makes nothing fresh.
    value.unwrap_or(HeaderValue::from_static("Thu, 01 Jan 1970 00:00:00 GMT"))
}
