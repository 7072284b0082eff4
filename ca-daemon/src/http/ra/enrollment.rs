//! Enrol, renew, replace: step 1 (envelope) and steps 9 and 10 (answer, acceptance) of issuing.

use std::sync::Arc;

use api::{EnrollRequest, PendingBody, RenewRequest, ReplaceRequest, routes};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;

use super::answer::issued_body;
use super::lookup::serial;
use crate::app::App;
use crate::http::body::{self, ReadBody};
use crate::http::path::Path;
use crate::http::problem::{NotDone, ProblemResponse};
use crate::http::request::{Authorized, Ra};
use crate::issue::{Content, Issue, Submission, issue};
use crate::refusal::{Refusal, RefusalKind};

/// Asks for a first certificate: `POST /v1/certificates`.
#[utoipa::path(post, path = routes::CERTIFICATES, operation_id = "enroll", tag = "ra", request_body = EnrollRequest,
    params(("idempotency-key" = String, Header, description = "unique per RA; makes a retry safe")),
    responses((status = 201, body = api::IssuedBody), (status = 202, body = PendingBody),
        (status = "4XX", body = api::Problem, content_type = "application/problem+json"), (status = "5XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn enroll(
    State(app): State<Arc<App>>,
    authorized: Authorized<Ra>,
    headers: HeaderMap,
    body: ReadBody,
) -> Result<Response, ProblemResponse> {
    let outcome = submit(
        &app,
        &authorized,
        &headers,
        body,
        |request: EnrollRequest| request.into(),
    );
    authorized.answer(Box::pin(outcome)).await
}

/// Asks for a successor with the same key, within the renewal window: `POST /v1/certificates/{serial}/renew`.
#[utoipa::path(post, path = routes::RENEW, operation_id = "renew", tag = "ra", request_body = RenewRequest,
    params(("serial" = String, Path), ("idempotency-key" = String, Header)),
    responses((status = 201, body = api::IssuedBody), (status = 202, body = PendingBody),
        (status = "4XX", body = api::Problem, content_type = "application/problem+json"), (status = "5XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn renew(
    State(app): State<Arc<App>>,
    authorized: Authorized<Ra>,
    Path(predecessor): Path<String>,
    headers: HeaderMap,
    body: ReadBody,
) -> Result<Response, ProblemResponse> {
    let predecessor = serial(&predecessor).map_err(|not_done| authorized.problem(not_done))?;
    let content = move |request: RenewRequest| (predecessor, request).into();
    let outcome = submit(&app, &authorized, &headers, body, content);
    authorized.answer(Box::pin(outcome)).await
}

/// Asks for a successor with a new key: `POST /v1/certificates/{serial}/replace`.
#[utoipa::path(post, path = routes::REPLACE, operation_id = "replace", tag = "ra", request_body = ReplaceRequest,
    params(("serial" = String, Path), ("idempotency-key" = String, Header)),
    responses((status = 201, body = api::IssuedBody), (status = 202, body = PendingBody),
        (status = "4XX", body = api::Problem, content_type = "application/problem+json"), (status = "5XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn replace(
    State(app): State<Arc<App>>,
    authorized: Authorized<Ra>,
    Path(predecessor): Path<String>,
    headers: HeaderMap,
    body: ReadBody,
) -> Result<Response, ProblemResponse> {
    let predecessor = serial(&predecessor).map_err(|not_done| authorized.problem(not_done))?;
    let content = move |request: ReplaceRequest| (predecessor, request).into();
    let outcome = submit(&app, &authorized, &headers, body, content);
    authorized.answer(Box::pin(outcome)).await
}

async fn submit<T: DeserializeOwned>(
    app: &App,
    authorized: &Authorized<Ra>,
    headers: &HeaderMap,
    body: ReadBody,
    content: impl FnOnce(T) -> Content,
) -> Result<Response, NotDone> {
    let read = read_envelope(headers, body);
    let (key, octets, request) = match read {
        Ok(read) => read,
        Err(not_done) => return Err(super::answer::audited(app, authorized, not_done).await),
    };
    let received_at = app.authority.clock.now();
    let submission = Submission::new(
        authorized.request_id,
        received_at,
        key,
        &octets,
        content(request),
    );
    if let Err(not_done) = check_order_id(submission.order_id.as_deref()) {
        return Err(super::answer::audited(app, authorized, not_done).await);
    }
    match issue(&app.authority, &authorized.peer, submission).await? {
        Issue::Running(request_id) => Ok(pending(request_id)),
        Issue::Done(record, certificate) => {
            let serial = record.serial;
            let body = issued_body(app, &record, &certificate)?;
            let response = (StatusCode::CREATED, Json(body)).into_response();
            let (mut parts, body) = response.into_parts();
            let location = format!("{}/{serial}", routes::CERTIFICATES);
            parts
                .headers
                .insert(header::LOCATION, HeaderValue::try_from(location)?);
            Ok(Response::from_parts(
                parts,
                app.deliveries.watch(body, serial),
            ))
        }
    }
}

fn read_envelope<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: ReadBody,
) -> Result<(String, axum::body::Bytes, T), NotDone> {
    let key = idempotency_key(headers)?;
    let octets = body::octets(body)?;
    let request = body::json(headers, &octets)?;
    Ok((key, octets, request))
}

fn idempotency_key(headers: &HeaderMap) -> Result<String, NotDone> {
    let value = headers
        .get(routes::IDEMPOTENCY_KEY)
        .and_then(|value| value.to_str().ok());
    let fits = |key: &&str| {
        (1..=128).contains(&key.len()) && key.bytes().all(|octet| octet.is_ascii_graphic())
    };
    value.filter(fits).map(str::to_owned).ok_or_else(|| {
        NotDone::Refused(
            Refusal::new(RefusalKind::Malformed, "idempotency-key-missing").with_detail(
                "send an Idempotency-Key of 1 to 128 visible ASCII characters, new for each request",
            ),
        )
    })
}

/// A search key stands in an index, which holds no long ones.
fn check_order_id(order_id: Option<&str>) -> Result<(), NotDone> {
    let fits =
        |text: &str| text.chars().count() <= MAX_ORDER_ID && !text.chars().any(char::is_control);
    if order_id.is_none_or(fits) {
        return Ok(());
    }
    Err(NotDone::Refused(
        Refusal::new(RefusalKind::Malformed, "malformed-member")
            .with_detail("order_id: at most 128 characters, none of them a control character"),
    ))
}

/// Characters of an RA's own search key.
const MAX_ORDER_ID: usize = 128;

fn pending(request_id: uuid::Uuid) -> Response {
    let poll = routes::REQUEST.replace("{request_id}", &request_id.to_string());
    let reason = "the certificate is being signed".to_owned();
    let location = HeaderValue::try_from(&poll).ok();
    let mut response = (
        StatusCode::ACCEPTED,
        Json(PendingBody {
            request_id,
            poll,
            reason,
        }),
    )
        .into_response();
    if let Some(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_id_fits_into_an_index() {
        for fits in [None, Some(""), Some("2026/订单 7")] {
            assert!(check_order_id(fits).is_ok());
        }
        assert!(check_order_id(Some(&"订".repeat(MAX_ORDER_ID))).is_ok());
        assert!(check_order_id(Some(&"x".repeat(MAX_ORDER_ID + 1))).is_err());
        assert!(check_order_id(Some("a\0b")).is_err());
    }
}
