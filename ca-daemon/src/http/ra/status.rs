//! Revoke, hold, release.

use std::sync::Arc;

use api::{HoldRequest, ReleaseRequest, RevokeRequest, routes};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::answer::{audited, certificate_body};
use super::lookup::serial;
use crate::app::App;
use crate::http::body::{self, ReadBody};
use crate::http::path::Path;
use crate::http::problem::{NotDone, ProblemResponse};
use crate::http::request::{Authorized, Ra, Role};
use crate::revoke::{StatusRequest, StatusSubmission, change_status};

/// Revokes for good: `POST /v1/certificates/{serial}/revoke`.
#[utoipa::path(post, path = routes::REVOKE, operation_id = "revoke", tag = "ra", request_body = RevokeRequest,
    params(("serial" = String, Path)),
    responses((status = 200, description = "every responder answers revoked", body = api::CertificateBody),
        (status = 202, description = "in force; the responders named have not confirmed it", body = api::CertificateBody),
        (status = "4XX", body = api::Problem, content_type = "application/problem+json"), (status = "5XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn revoke(
    State(app): State<Arc<App>>,
    authorized: Authorized<Ra>,
    Path(of): Path<String>,
    headers: HeaderMap,
    body: ReadBody,
) -> Result<Response, ProblemResponse> {
    let read = read_revocation(&of, &headers, body);
    answer_status(&app, &authorized, Some(authorized.peer.name.clone()), read).await
}

/// Puts on hold, where the profile allows it: `POST /v1/certificates/{serial}/hold`.
#[utoipa::path(post, path = routes::HOLD, operation_id = "hold", tag = "ra", request_body = HoldRequest,
    params(("serial" = String, Path)),
    responses((status = 200, body = api::CertificateBody), (status = 202, body = api::CertificateBody),
        (status = "4XX", body = api::Problem, content_type = "application/problem+json"), (status = "5XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn hold(
    State(app): State<Arc<App>>,
    authorized: Authorized<Ra>,
    Path(of): Path<String>,
    headers: HeaderMap,
    body: ReadBody,
) -> Result<Response, ProblemResponse> {
    let read = read::<HoldRequest>(&of, &headers, body)
        .map(|(serial, request)| (serial, StatusRequest::Hold, request.evidence));
    answer_status(&app, &authorized, Some(authorized.peer.name.clone()), read).await
}

/// Ends a hold: `POST /v1/certificates/{serial}/release`.
#[utoipa::path(post, path = routes::RELEASE, operation_id = "release", tag = "ra", request_body = ReleaseRequest,
    params(("serial" = String, Path)),
    responses((status = 200, body = api::CertificateBody), (status = 202, body = api::CertificateBody),
        (status = "4XX", body = api::Problem, content_type = "application/problem+json"), (status = "5XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn release(
    State(app): State<Arc<App>>,
    authorized: Authorized<Ra>,
    Path(of): Path<String>,
    headers: HeaderMap,
    body: ReadBody,
) -> Result<Response, ProblemResponse> {
    let read = read::<ReleaseRequest>(&of, &headers, body)
        .map(|(serial, request)| (serial, StatusRequest::Release, request.evidence));
    answer_status(&app, &authorized, Some(authorized.peer.name.clone()), read).await
}

/// Reads a revocation request.
///
/// # Errors
/// The refusal of a path or body that cannot be read.
pub fn read_revocation(of: &str, headers: &HeaderMap, body: ReadBody) -> Result<Read, NotDone> {
    let (serial, request) = read::<RevokeRequest>(of, headers, body)?;
    let RevokeRequest {
        ground,
        compromised_at,
        evidence,
    } = request;
    Ok((
        serial,
        StatusRequest::Revoke {
            ground,
            compromised_at,
        },
        evidence,
    ))
}

/// What a change of status asks for, on which certificate, with which evidence.
pub type Read = (pki::SerialNumber, StatusRequest, Vec<api::Evidence>);

fn read<T: serde::de::DeserializeOwned>(
    of: &str,
    headers: &HeaderMap,
    body: ReadBody,
) -> Result<(pki::SerialNumber, T), NotDone> {
    let octets = body::octets(body)?;
    Ok((serial(of)?, body::json(headers, &octets)?))
}

/// Changes the status and answers 200, or 202 while responders are pending. `ra` limits whose
/// certificates may be touched.
///
/// # Errors
/// The problem to be sent.
pub async fn answer_status<R: Role>(
    app: &App,
    authorized: &Authorized<R>,
    ra: Option<String>,
    read: Result<Read, NotDone>,
) -> Result<Response, ProblemResponse> {
    let (serial, request, evidence) = match read {
        Ok(read) => read,
        Err(not_done) => return Err(authorized.problem(audited(app, authorized, not_done).await)),
    };
    let submission = StatusSubmission {
        request_id: authorized.request_id,
        received_at: app.authority.clock.now(),
        actor: authorized.actor(),
        ra,
        serial,
        request,
        evidence,
    };
    let outcome = change_status(&app.authority, submission)
        .await
        .and_then(|done| {
            let status = if done.pending.is_empty() {
                StatusCode::OK
            } else {
                StatusCode::ACCEPTED
            };
            let body = certificate_body(app, &done.certificate, done.pending)?;
            Ok((status, Json(body)).into_response())
        });
    outcome.map_err(|not_done| authorized.problem(not_done))
}
