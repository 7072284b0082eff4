//! Look-ups: certificates, requests, chains, profiles; explicit acceptance.

use std::sync::Arc;

use api::{
    AcceptanceBasis, CertificateBody, CertificateState, CertificateSummary, ChainBody, ListQuery,
    Page, ProfileBody, RequestBody, routes,
};
use audit::{AuditEvent, EventKind};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use pki::{IssuerName, SerialNumber};
use policy::Profile;
use store::{Acceptance, CertificateFilter, StoreError};
use uuid::Uuid;

use super::answer::{certificate_body, summary};
use crate::app::App;
use crate::http::path::Path;
use crate::http::problem::{NotDone, ProblemResponse};
use crate::http::request::{Authorized, Ra};
use crate::refusal::{Refusal, RefusalKind};
use crate::revoke::own_certificate;

/// Looks a certificate of this RA up: `GET /v1/certificates/{serial}`.
#[utoipa::path(get, path = routes::CERTIFICATE, operation_id = "certificate", tag = "ra", params(("serial" = String, Path)),
    responses((status = 200, body = CertificateBody), (status = "4XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn look_up(
    State(app): State<Arc<App>>,
    authorized: Authorized<Ra>,
    Path(of): Path<String>,
) -> Result<Response, ProblemResponse> {
    let outcome = async {
        let of = serial(&of)?;
        let record = own_certificate(&app.authority, Some(&authorized.peer.name), of).await?;
        let pending = pending_responders(&app, &record).await?;
        let response = Json(certificate_body(&app, &record, pending)?).into_response();
        if record.acceptance.is_some() || record.state != CertificateState::Issued {
            return Ok(response);
        }
        let (parts, body) = response.into_parts();
        Ok(Response::from_parts(parts, app.deliveries.watch(body, of)))
    };
    authorized.answer(outcome).await
}

/// One certificate of an RA, or of any, with the responders that have not confirmed its status.
///
/// # Errors
/// `certificate-not-found`, or a failure of the database.
pub async fn look_up_any(
    app: &App,
    ra: Option<&str>,
    of: &str,
) -> Result<CertificateBody, NotDone> {
    let record = own_certificate(&app.authority, ra, serial(of)?).await?;
    let pending = pending_responders(app, &record).await?;
    certificate_body(app, &record, pending)
}

async fn pending_responders(
    app: &App,
    record: &store::CertificateRecord,
) -> Result<Vec<String>, NotDone> {
    let Some(revocation) = &record.revocation else {
        return Ok(Vec::new());
    };
    let responders = app.authority.store.responders(&record.issuer).await?;
    let authority = &app.authority;
    Ok(authority.pending(&responders, revocation.sequence).await)
}

/// Lists this RA's certificates, page by page: `GET /v1/certificates`.
#[utoipa::path(get, path = routes::CERTIFICATES, operation_id = "certificates", tag = "ra", params(ListQuery),
    responses((status = 200, body = Page<CertificateSummary>), (status = "4XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn list(
    State(app): State<Arc<App>>,
    authorized: Authorized<Ra>,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Json<Page<CertificateSummary>>, ProblemResponse> {
    let ra = Some(authorized.peer.name.clone());
    page(&app, ra, query)
        .await
        .map_err(|not_done| authorized.problem(not_done))
}

/// One page of the certificates of an RA, or of all.
///
/// # Errors
/// `malformed-query`, or a failure of the database.
pub async fn page(
    app: &App,
    ra: Option<String>,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Json<Page<CertificateSummary>>, NotDone> {
    let Query(query) =
        query.map_err(|_| NotDone::malformed_query("see /openapi.json for the parameters"))?;
    let limit = query.limit.unwrap_or(100);
    if !(1..=1000).contains(&limit) {
        return Err(NotDone::malformed_query("limit: 1 to 1000"));
    }
    let issuer = query
        .issuer
        .as_deref()
        .map(str::parse::<IssuerName>)
        .transpose();
    let filter = CertificateFilter {
        ra,
        order_id: query.order_id,
        subscriber_ref: query.subscriber_ref,
        profile: query.profile,
        issuer: issuer.map_err(|_| NotDone::malformed_query("issuer: no name of an issuing CA"))?,
        state: query.state,
        expires_from: query.expires_before.map(|_| app.authority.clock.now()),
        expires_before: query.expires_before,
    };
    let store = &app.authority.store;
    let page = store
        .certificates(&filter, query.after.as_deref(), u32::from(limit))
        .await;
    let page = match page {
        Err(StoreError::UnusableCursor) => {
            return Err(NotDone::malformed_query("after: no cursor of this list"));
        }
        other => other?,
    };
    Ok(Json(Page {
        items: page.items.iter().map(summary).collect(),
        next: page.next,
    }))
}

/// Looks a request of this RA up: `GET /v1/requests/{request_id}`.
#[utoipa::path(get, path = routes::REQUEST, operation_id = "request", tag = "ra", params(("request_id" = String, Path)),
    responses((status = 200, body = RequestBody), (status = "4XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn look_up_request(
    State(app): State<Arc<App>>,
    authorized: Authorized<Ra>,
    Path(request_id): Path<String>,
) -> Result<Json<RequestBody>, ProblemResponse> {
    let outcome = async {
        let not_found =
            || NotDone::Refused(Refusal::new(RefusalKind::NotFound, "request-not-found"));
        let request_id: Uuid = request_id.parse().map_err(|_| not_found())?;
        let request = app.authority.store.request(request_id).await?;
        let request = request
            .filter(|request| request.ra.as_deref() == Some(&authorized.peer.name))
            .ok_or_else(not_found)?;
        let record = app.authority.store.certificate(request.serial).await?;
        let certificate = record
            .map(|record| certificate_body(&app, &record, Vec::new()))
            .transpose()?;
        Ok(Json(RequestBody {
            request_id: request.request_id,
            order_id: request.order_id,
            operation: request.operation,
            state: request.state,
            received_at: request.received_at,
            certificate,
        }))
    };
    authorized.answer(outcome).await
}

/// Records the subscriber's explicit acceptance: `POST /v1/certificates/{serial}/accept`.
#[utoipa::path(post, path = routes::ACCEPT, operation_id = "accept", tag = "ra", params(("serial" = String, Path)),
    responses((status = 200, body = CertificateBody), (status = "4XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn accept(
    State(app): State<Arc<App>>,
    authorized: Authorized<Ra>,
    Path(of): Path<String>,
) -> Result<Response, ProblemResponse> {
    let outcome = async {
        let of = serial(&of)?;
        let name = authorized.peer.name.as_str();
        let record = own_certificate(&app.authority, Some(name), of).await?;
        let at = app.authority.clock.now();
        let event = AuditEvent::new(at, EventKind::Accepted, authorized.actor())
            .issuer(&record.issuer)
            .serial(of)
            .with("basis", "explicit");
        let acceptance = Acceptance {
            serial: of,
            at,
            basis: AcceptanceBasis::Explicit,
        };
        app.authority
            .store
            .record_acceptances(vec![acceptance], event)
            .await?;
        let record = own_certificate(&app.authority, Some(name), of).await?;
        Ok(Json(certificate_body(&app, &record, Vec::new())?).into_response())
    };
    authorized.answer(outcome).await
}

/// Gives the certificates of an issuing CA and those above it: `GET /v1/issuers/{issuer}/chain`.
#[utoipa::path(get, path = routes::CHAIN, operation_id = "chain", tag = "ra", params(("issuer" = String, Path)),
    responses((status = 200, body = ChainBody), (status = "4XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn chain(
    State(app): State<Arc<App>>,
    authorized: Authorized<Ra>,
    Path(issuer): Path<String>,
) -> Result<Json<ChainBody>, ProblemResponse> {
    let ca = issuer
        .parse::<IssuerName>()
        .ok()
        .and_then(|name| app.authority.issuing().find(|ca| *ca.name() == name));
    ca.map(|ca| {
        Json(ChainBody {
            issuer: ca.name().clone(),
            chain: ca.chain_pem(),
        })
    })
    .ok_or_else(|| {
        authorized.problem(NotDone::Refused(Refusal::new(
            RefusalKind::NotFound,
            "issuer-not-found",
        )))
    })
}

/// Lists the profiles that this RA may ask for: `GET /v1/profiles`.
#[utoipa::path(get, path = routes::PROFILES, operation_id = "profiles", tag = "ra",
    responses((status = 200, body = Vec<ProfileBody>), (status = "4XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn profiles(
    State(app): State<Arc<App>>,
    authorized: Authorized<Ra>,
) -> Json<Vec<ProfileBody>> {
    let now = app.authority.clock.now();
    let mut bodies = Vec::new();
    for ca in app.authority.issuing() {
        let policy = ca.policy.load();
        for profile in policy.profiles() {
            if authorized.peer.profiles.contains(profile.name()) {
                bodies.push(ProfileBody {
                    profile: profile.name().to_owned(),
                    issuer: ca.name().clone(),
                    description: profile.description().to_owned(),
                    max_validity_seconds: longest(profile, now).as_secs(),
                    key_algorithms: profile
                        .key_algorithms()
                        .iter()
                        .map(ToString::to_string)
                        .collect(),
                    required_evidence: profile.required_evidence().to_vec(),
                    hold: profile.hold(),
                });
            }
        }
    }
    Json(bodies)
}

/// The profile's longest validity, or the dated limit in force if that is shorter (BR 6.3.2).
fn longest(profile: &Profile, now: Timestamp) -> SignedDuration {
    let dated = profile.validity().limit_at(now).map(|limit| limit.max);
    dated.map_or(profile.max_validity(), |limit| {
        limit.min(profile.max_validity())
    })
}

/// A serial number from a path; one that cannot be is as unknown as one that is not there.
///
/// # Errors
/// `certificate-not-found`.
pub fn serial(text: &str) -> Result<SerialNumber, NotDone> {
    text.parse()
        .map_err(|_| NotDone::Refused(Refusal::certificate_not_found()))
}
