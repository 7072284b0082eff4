//! Reading the audit events.

use std::sync::Arc;

use api::{AuditEntryBody, AuditQuery, Page, routes};
use audit::Outcome;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use store::{AuditFilter, AuditRecord};

use crate::app::App;
use crate::http::problem::{NotDone, ProblemResponse};
use crate::http::request::{Authorized, Reader};

/// Lists audit events: `GET /v1/officer/audit`.
#[utoipa::path(get, path = routes::AUDIT, operation_id = "audit", tag = "officer", params(AuditQuery),
    responses((status = 200, body = Page<AuditEntryBody>), (status = "4XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn list(
    State(app): State<Arc<App>>,
    authorized: Authorized<Reader>,
    query: Result<Query<AuditQuery>, QueryRejection>,
) -> Result<Json<Page<AuditEntryBody>>, ProblemResponse> {
    page(&app, query)
        .await
        .map_err(|not_done| authorized.problem(not_done))
}

async fn page(
    app: &App,
    query: Result<Query<AuditQuery>, QueryRejection>,
) -> Result<Json<Page<AuditEntryBody>>, NotDone> {
    let Query(query) =
        query.map_err(|_| NotDone::malformed_query("see /openapi.json for the parameters"))?;
    let limit = query.limit.unwrap_or(100);
    if !(1..=1000).contains(&limit) {
        return Err(NotDone::malformed_query("limit: 1 to 1000"));
    }
    let kind = query.event.as_deref().map(str::parse).transpose();
    let serial = query.serial.as_deref().map(str::parse).transpose();
    let filter = AuditFilter {
        kind: kind.map_err(|_| NotDone::malformed_query("event: no such kind of event"))?,
        actor: query.actor,
        serial: serial.map_err(|_| NotDone::malformed_query("serial: no serial number"))?,
        from: None,
        until: None,
    };
    let after = query.after.unwrap_or(0);
    let store = &app.authority.store;
    let records = store.audit_page(&filter, after, u32::from(limit)).await?;
    let full = records.len() == usize::from(limit);
    let next = records
        .last()
        .filter(|_| full)
        .map(|last| last.sequence.to_string());
    let items = records.into_iter().map(entry).collect::<Result<_, _>>()?;
    Ok(Json(Page { items, next }))
}

fn entry(record: AuditRecord) -> Result<AuditEntryBody, NotDone> {
    let event = record.event;
    let outcome = event.outcome.as_str().to_owned();
    let codes = match event.outcome {
        Outcome::Success => Vec::new(),
        Outcome::Refused { codes } => codes,
        Outcome::Failed { code } => vec![code],
    };
    let details = event
        .details
        .into_iter()
        .map(|(key, detail)| Ok((key, serde_json::to_value(detail)?)))
        .collect::<Result<_, serde_json::Error>>()?;
    Ok(AuditEntryBody {
        sequence: record.sequence,
        at: event.at,
        event: event.kind.as_str().to_owned(),
        actor: event.actor.to_string(),
        outcome,
        codes,
        issuer: event.issuer,
        serial: event.serial,
        request_id: event.request_id.map(|id| id.to_string()),
        details,
    })
}
