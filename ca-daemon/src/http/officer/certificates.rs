//! Any RA's certificates: list and revoke.

use std::sync::Arc;

use api::{CertificateSummary, ListQuery, Page, RevokeRequest, routes};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;

use crate::app::App;
use crate::http::body::ReadBody;
use crate::http::path::Path;
use crate::http::problem::ProblemResponse;
use crate::http::ra;
use crate::http::request::{Authorized, Officer, Reader};

/// Lists the certificates of every RA: `GET /v1/officer/certificates`.
#[utoipa::path(get, path = routes::OFFICER_CERTIFICATES, operation_id = "all_certificates", tag = "officer", params(ListQuery),
    responses((status = 200, body = Page<CertificateSummary>), (status = "4XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn list(
    State(app): State<Arc<App>>,
    authorized: Authorized<Reader>,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Json<Page<CertificateSummary>>, ProblemResponse> {
    ra::page(&app, None, query)
        .await
        .map_err(|not_done| authorized.problem(not_done))
}

/// Looks a certificate of any RA up: `GET /v1/officer/certificates/{serial}`.
#[utoipa::path(get, path = routes::OFFICER_CERTIFICATE, operation_id = "any_certificate", tag = "officer", params(("serial" = String, Path)),
    responses((status = 200, body = api::CertificateBody), (status = "4XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn look_up(
    State(app): State<Arc<App>>,
    authorized: Authorized<Reader>,
    Path(of): Path<String>,
) -> Result<Json<api::CertificateBody>, ProblemResponse> {
    let found = ra::look_up_any(&app, None, &of).await;
    found
        .map(Json)
        .map_err(|not_done| authorized.problem(not_done))
}

/// Revokes a certificate of any RA: `POST /v1/officer/certificates/{serial}/revoke`.
#[utoipa::path(post, path = routes::OFFICER_REVOKE, operation_id = "revoke_any", tag = "officer", request_body = RevokeRequest,
    params(("serial" = String, Path)),
    responses((status = 200, body = api::CertificateBody), (status = 202, body = api::CertificateBody),
        (status = "4XX", body = api::Problem, content_type = "application/problem+json"), (status = "5XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn revoke(
    State(app): State<Arc<App>>,
    authorized: Authorized<Officer>,
    Path(of): Path<String>,
    headers: HeaderMap,
    body: ReadBody,
) -> Result<Response, ProblemResponse> {
    let read = ra::read_revocation(&of, &headers, body);
    ra::answer_status(&app, &authorized, None, read).await
}
