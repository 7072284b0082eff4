//! Officer routes: the keys of CAs, and CAs that issue no more.

use std::sync::Arc;

use api::routes;
use audit::{AuditEvent, EventKind};
use axum::extract::State;
use axum::http::StatusCode;
use pki::IssuerName;

use crate::app::App;
use crate::authority::{Authority, Ca};
use crate::http::path::Path;
use crate::http::problem::{NotDone, ProblemResponse};
use crate::http::request::{Authorized, Officer};
use crate::policies;
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
        let ca = find(authority, &issuer)?;
        let event = event(authority, ca, EventKind::KeyResumed, &authorized);
        authority.resume(ca, event).await?;
        Ok(StatusCode::NO_CONTENT)
    };
    authorized.answer(outcome).await
}

/// Issues no more certificates with a CA, in every daemon on the database and for good. Its lists and
/// responders go on until its certificates have ended: `POST /v1/officer/issuers/{issuer}/retire`.
#[utoipa::path(post, path = routes::RETIRE_ISSUER, operation_id = "retire_issuer", tag = "officer", params(("issuer" = String, Path)),
    responses((status = 204), (status = "4XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn retire(
    State(app): State<Arc<App>>,
    authorized: Authorized<Officer>,
    Path(issuer): Path<String>,
) -> Result<StatusCode, ProblemResponse> {
    let authority = &app.authority;
    let outcome = async {
        let ca = find(authority, &issuer)?;
        let event = event(authority, ca, EventKind::IssuerRetired, &authorized);
        policies::retire(authority, ca, event).await?;
        Ok(StatusCode::NO_CONTENT)
    };
    authorized.answer(outcome).await
}

fn find<'a>(authority: &'a Authority, issuer: &str) -> Result<&'a Arc<Ca>, NotDone> {
    let name = issuer.parse::<IssuerName>().ok();
    name.and_then(|name| authority.ca(&name))
        .ok_or_else(|| NotDone::Refused(Refusal::new(RefusalKind::NotFound, "issuer-not-found")))
}

fn event(
    authority: &Authority,
    ca: &Ca,
    kind: EventKind,
    authorized: &Authorized<Officer>,
) -> AuditEvent {
    AuditEvent::new(authority.clock.now(), kind, authorized.actor())
        .issuer(ca.name())
        .request(authorized.request_id)
}
