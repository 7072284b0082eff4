//! Officer routes: the keys of CAs.

use std::sync::Arc;

use api::routes;
use audit::{AuditEvent, EventKind};
use axum::extract::State;
use axum::http::StatusCode;
use pki::IssuerName;

use crate::app::App;
use crate::http::path::Path;
use crate::http::problem::{NotDone, ProblemResponse};
use crate::http::request::{Authorized, Officer};
use crate::refusal::{Refusal, RefusalKind};

/// Lets a CA's key that was stopped sign again, in every daemon on the database. It must make a
/// signature that verifies first: `POST /v1/officer/issuers/{issuer}/resume-key`.
#[utoipa::path(post, path = routes::RESUME_KEY, operation_id = "resume_key", tag = "officer", params(("issuer" = String, Path)),
    responses((status = 204), (status = "4XX", body = api::Problem, content_type = "application/problem+json"), (status = "5XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn resume(
    State(app): State<Arc<App>>,
    authorized: Authorized<Officer>,
    Path(issuer): Path<String>,
) -> Result<StatusCode, ProblemResponse> {
    let authority = &app.authority;
    let outcome = async {
        let name = issuer.parse::<IssuerName>().ok();
        let ca = name.and_then(|name| authority.ca(&name)).ok_or_else(|| {
            NotDone::Refused(Refusal::new(RefusalKind::NotFound, "issuer-not-found"))
        })?;
        let now = authority.clock.now();
        let event = AuditEvent::new(now, EventKind::KeyResumed, authorized.actor())
            .issuer(ca.name())
            .request(authorized.request_id);
        authority.resume(ca, event).await?;
        Ok(StatusCode::NO_CONTENT)
    };
    authorized.answer(outcome).await
}
