//! A copy of the database while the daemon works.

use std::path::Path;
use std::sync::Arc;

use api::{BackupBody, routes};
use audit::{AuditEvent, EventKind};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use crate::app::App;
use crate::http::problem::{NotDone, ProblemResponse};
use crate::http::request::{Authorized, Officer};
use crate::refusal::{Refusal, RefusalKind};

/// Copies the database into the configured directory: `POST /v1/officer/backups`.
#[utoipa::path(post, path = routes::BACKUPS, operation_id = "backup", tag = "officer",
    responses((status = 201, body = BackupBody), (status = "4XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn make(
    State(app): State<Arc<App>>,
    authorized: Authorized<Officer>,
) -> Result<(StatusCode, Json<BackupBody>), ProblemResponse> {
    let outcome = async {
        let directory = app.backup_directory.as_deref();
        // PostgreSQL has tools of its own.
        let directory = directory.filter(|_| app.authority.store.is_exclusive());
        let directory = directory.ok_or_else(no_directory)?;
        copy_into(&app, &authorized, directory).await
    };
    let body = authorized.answer(outcome).await?;
    Ok((StatusCode::CREATED, Json(body)))
}

/// The event is recorded first, so that the copy itself tells that it was made.
async fn copy_into(
    app: &App,
    authorized: &Authorized<Officer>,
    directory: &Path,
) -> Result<BackupBody, NotDone> {
    let now = app.authority.clock.now();
    let path = directory.join(format!("ca-{}.db", now.strftime("%Y%m%dT%H%M%S%3fZ")));
    let event = AuditEvent::new(now, EventKind::BackupTaken, authorized.actor())
        .request(authorized.request_id);
    let audit_sequence = app.authority.store.record_audit(vec![event]).await?;
    app.authority.store.backup(&path).await?;
    Ok(BackupBody {
        path: path.display().to_string(),
        audit_sequence,
    })
}

fn no_directory() -> NotDone {
    NotDone::Refused(
        Refusal::new(RefusalKind::Conflict, "backup-not-configured")
            .with_detail("set backup_directory in ca-daemon.toml; copy PostgreSQL with pg_dump"),
    )
}
