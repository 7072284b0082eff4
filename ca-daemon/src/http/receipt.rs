//! Receipts of revocations, for the RA that has the certificate, and for officers and auditors.

use std::sync::Arc;

use api::routes;
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::path::Path;
use super::problem::{NotDone, ProblemResponse};
use super::ra::lookup::serial;
use super::request::{Authorized, Ra, Reader};
use crate::app::App;
use crate::receipts::receipt;
use crate::revoke::own_certificate;

/// Gives the signed receipt of a revocation or hold: `GET /v1/certificates/{serial}/revocation-receipt`.
/// The payload of the JWS is a `RevocationReceipt`.
#[utoipa::path(get, path = routes::RECEIPT, operation_id = "revocation_receipt", tag = "ra", params(("serial" = String, Path)),
    responses((status = 200, body = jws::SignedJson, content_type = "application/jose+json"),
        (status = "4XX", body = api::Problem, content_type = "application/problem+json"), (status = "5XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn own(
    State(app): State<Arc<App>>,
    authorized: Authorized<Ra>,
    Path(of): Path<String>,
) -> Result<Response, ProblemResponse> {
    answer(&app, &authorized, Some(&authorized.peer.name), &of)
        .await
        .map_err(|not_done| authorized.problem(not_done))
}

/// The same for a certificate of any RA: `GET /v1/officer/certificates/{serial}/revocation-receipt`.
#[utoipa::path(get, path = routes::OFFICER_RECEIPT, operation_id = "any_revocation_receipt", tag = "officer", params(("serial" = String, Path)),
    responses((status = 200, body = jws::SignedJson, content_type = "application/jose+json"),
        (status = "4XX", body = api::Problem, content_type = "application/problem+json"), (status = "5XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn any(
    State(app): State<Arc<App>>,
    authorized: Authorized<Reader>,
    Path(of): Path<String>,
) -> Result<Response, ProblemResponse> {
    answer(&app, &authorized, None, &of)
        .await
        .map_err(|not_done| authorized.problem(not_done))
}

async fn answer<R>(
    app: &App,
    authorized: &Authorized<R>,
    ra: Option<&str>,
    of: &str,
) -> Result<Response, NotDone> {
    let authority = &app.authority;
    let record = own_certificate(authority, ra, serial(of)?).await?;
    let (actor, request_id) = (authorized.actor(), authorized.request_id);
    let signed = receipt(authority, actor, request_id, &record).await?;
    Ok(([(header::CONTENT_TYPE, jws::MEDIA_TYPE)], Json(signed)).into_response())
}
