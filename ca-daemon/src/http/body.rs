//! Bodies: read under a cap, JSON with every member known.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;

use super::problem::NotDone;
use crate::refusal::{Refusal, RefusalKind};

/// The octets of a body, or why they were not read.
pub type ReadBody = Result<Bytes, BytesRejection>;

/// Parses a JSON body.
///
/// # Errors
/// `body-too-large`, `wrong-media-type` or `malformed-json`; the detail names the member, never its
/// value.
pub fn json<T: DeserializeOwned>(headers: &HeaderMap, body: &Bytes) -> Result<T, NotDone> {
    if !is_json(headers) {
        return Err(NotDone::Refused(
            Refusal::new(RefusalKind::MediaType, "wrong-media-type")
                .with_detail("send Content-Type: application/json"),
        ));
    }
    serde_json::from_slice(body).map_err(|error| {
        NotDone::Refused(
            Refusal::new(RefusalKind::Malformed, "malformed-json")
                .with_detail(without_values(&error)),
        )
    })
}

/// The octets of a body.
///
/// # Errors
/// `body-too-large`, or `body-incomplete` when the client broke off.
pub fn octets(body: ReadBody) -> Result<Bytes, NotDone> {
    body.map_err(|rejection| {
        let (kind, code) = if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            (RefusalKind::TooLarge, "body-too-large")
        } else {
            (RefusalKind::Malformed, "body-incomplete")
        };
        NotDone::Refused(Refusal::new(kind, code))
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = value
        .and_then(|value| value.split(';').next())
        .map(str::trim);
    essence.is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"))
}

/// Where and what kind of fault; the parser's own words may quote the value, which may be personal.
fn without_values(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        serde_json::error::Category::Syntax => "not JSON",
        serde_json::error::Category::Eof => "ends too early",
        serde_json::error::Category::Data => "a member is missing, unknown or of the wrong type",
        serde_json::error::Category::Io => "cannot be read",
    };
    format!("{what} (line {}, column {})", error.line(), error.column())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Probe {
        #[expect(dead_code, reason = "only its presence matters")]
        number: u8,
    }

    fn headers(content_type: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::CONTENT_TYPE, content_type.parse().unwrap())])
    }

    fn code(content_type: &str, body: &'static str) -> String {
        match json::<Probe>(&headers(content_type), &Bytes::from_static(body.as_bytes())) {
            Ok(_) => "ok".to_owned(),
            Err(NotDone::Refused(refusal)) => refusal.code.into_owned(),
            Err(NotDone::Failed(error)) => error.to_string(),
        }
    }

    #[test]
    fn takes_json_with_a_charset() {
        assert_eq!(
            code("application/json; charset=utf-8", r#"{"number":1}"#),
            "ok"
        );
    }

    #[test]
    fn refuses_what_is_not_json() {
        assert_eq!(code("text/plain", r#"{"number":1}"#), "wrong-media-type");
        assert_eq!(code("application/json", r#"{"number":"#), "malformed-json");
        assert_eq!(
            code("application/json", r#"{"number":1,"other":2}"#),
            "malformed-json"
        );
    }

    #[test]
    fn never_quotes_a_value() {
        let body = Bytes::from_static(br#"{"number":"Zhang San"}"#);
        let Err(NotDone::Refused(refusal)) = json::<Probe>(&headers("application/json"), &body)
        else {
            panic!("a string is no number");
        };
        assert!(!refusal.detail.unwrap().contains("Zhang"));
    }
}
