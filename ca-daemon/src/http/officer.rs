//! What officers do: the registry of peers, keys of responders, CRLs, policies, revocations, audit.

pub mod audit;
pub mod authority;
pub mod backup;
pub mod certificates;
pub mod keys;
pub mod peers;

use std::sync::Arc;

use ::audit::{AuditEvent, EventKind, Outcome};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::{NotDone, ProblemResponse, RefusedTo};
use crate::app::App;

/// Audits every request of an officer that a handler refused. Revocations are audited where they
/// are decided, and so are not among these routes.
pub async fn audit_refusals(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let Some(refused) = response.extensions().get::<RefusedTo>().cloned() else {
        return response;
    };
    let at = app.authority.clock.now();
    let event = AuditEvent::new(at, EventKind::RequestRefused, refused.actor)
        .request(refused.request_id)
        .outcome(Outcome::refused(refused.codes));
    match app.authority.store.record_audit(vec![event]).await {
        Ok(_) => response,
        Err(error) => {
            ProblemResponse::new(NotDone::Failed(error.into()), refused.request_id).into_response()
        }
    }
}
