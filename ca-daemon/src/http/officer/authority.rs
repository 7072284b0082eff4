//! Keys of responders, imported CRLs, blocked keys, policies.

use std::sync::Arc;

use api::{
    ActivePolicyBody, BlockKeyRequest, CrlBody, ImportCrlRequest, RegisterResponderKeyRequest,
    ResponderKeyBody, routes,
};
use audit::{AuditEvent, Detail, EventKind};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use issuance::crl_reader::CrlView;
use pki::{Certificate, CrlScope, IssuerName, PublicKey, SpkiHash};
use store::{CrlRecord, CrlRefusal, RegistryRefusal, ResponderKey};

use super::peers::refused;
use crate::app::App;
use crate::http::body::{self, ReadBody};
use crate::http::path::Path;
use crate::http::problem::{NotDone, ProblemResponse};
use crate::http::request::{Authorized, Officer, Reader};
use crate::policies;
use crate::refusal::{Refusal, RefusalKind};

type Answer<T> = Result<T, ProblemResponse>;

/// Registers a further key of an OCSP responder, or other issuers for one: `POST /v1/officer/responder-keys`.
#[utoipa::path(post, path = routes::RESPONDER_KEYS, operation_id = "register_responder_key", tag = "officer", request_body = RegisterResponderKeyRequest,
    responses((status = 201, body = ResponderKeyBody), (status = "4XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn register_responder_key(
    State(app): State<Arc<App>>,
    authorized: Authorized<Officer>,
    headers: HeaderMap,
    body: ReadBody,
) -> Answer<(StatusCode, Json<ResponderKeyBody>)> {
    let outcome = async {
        let request: RegisterResponderKeyRequest = body::json(&headers, &body::octets(body)?)?;
        let spki_der = pki::pem::decode("PUBLIC KEY", &request.public_key)
            .map_err(|_| NotDone::malformed_member("public_key: PEM of a SubjectPublicKeyInfo"))?;
        let key = PublicKey::parse(&spki_der)
            .map_err(|error| NotDone::malformed_member(&format!("public_key: {error}")))?;
        if let Some(unknown) = request
            .issuers
            .iter()
            .find(|issuer| app.authority.ca(issuer).is_none())
        {
            return Err(NotDone::malformed_member(&format!(
                "issuers: {unknown} is no CA of this daemon"
            )));
        }
        let responder_key = ResponderKey {
            follower: request.responder.clone(),
            issuers: request.issuers.iter().cloned().collect(),
            spki_hash: key.hash(),
            spki_der,
        };
        let event = event(&app, &authorized, EventKind::ResponderKeyRegistered)
            .with("responder", Detail::word(&request.responder))
            .with("spki_sha256", Detail::word(key.hash().to_string()));
        let registered = app
            .authority
            .store
            .register_responder_key(responder_key, event)
            .await?;
        registered.map_err(refused)?;
        Ok(ResponderKeyBody {
            responder: request.responder,
            spki_sha256: key.hash().to_string(),
            issuers: request.issuers,
        })
    };
    let body = authorized.answer(outcome).await?;
    Ok((StatusCode::CREATED, Json(body)))
}

/// Lists the registered responder keys: `GET /v1/officer/responder-keys`.
#[utoipa::path(get, path = routes::RESPONDER_KEYS, operation_id = "responder_keys", tag = "officer",
    responses((status = 200, body = Vec<ResponderKeyBody>), (status = "4XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn responder_keys(
    State(app): State<Arc<App>>,
    authorized: Authorized<Reader>,
) -> Answer<Json<Vec<ResponderKeyBody>>> {
    let outcome = async {
        let keys = app.authority.store.responder_keys().await?;
        let body = |key: ResponderKey| ResponderKeyBody {
            responder: key.follower,
            spki_sha256: key.spki_hash.to_string(),
            issuers: key.issuers.into_iter().collect(),
        };
        Ok(Json(keys.into_iter().map(body).collect()))
    };
    authorized.answer(outcome).await
}

/// Retires a key of an OCSP responder: `DELETE /v1/officer/responder-keys/{responder}/{spki_sha256}`.
#[utoipa::path(delete, path = routes::RESPONDER_KEY, operation_id = "retire_responder_key", tag = "officer",
    params(("responder" = String, Path), ("spki_sha256" = String, Path)),
    responses((status = 204), (status = "4XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn retire_responder_key(
    State(app): State<Arc<App>>,
    authorized: Authorized<Officer>,
    Path((responder, spki_sha256)): Path<(String, String)>,
) -> Answer<StatusCode> {
    let outcome = async {
        let hash: SpkiHash = spki_sha256
            .parse()
            .map_err(|_| refused(RegistryRefusal::ResponderKeyNotFound))?;
        let event = event(&app, &authorized, EventKind::ResponderKeyRetired)
            .with("responder", Detail::word(&responder))
            .with("spki_sha256", Detail::word(hash.to_string()));
        let store = &app.authority.store;
        let retired = store.retire_responder_key(&responder, hash, event).await?;
        retired.map_err(refused)?;
        Ok(StatusCode::NO_CONTENT)
    };
    authorized.answer(outcome).await
}

/// Imports the CRL of an offline CA: `POST /v1/officer/crls`.
#[utoipa::path(post, path = routes::CRLS, operation_id = "import_crl", tag = "officer", request_body = ImportCrlRequest,
    responses((status = 201, body = CrlBody), (status = "4XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn import_crl(
    State(app): State<Arc<App>>,
    authorized: Authorized<Officer>,
    headers: HeaderMap,
    body: ReadBody,
) -> Answer<(StatusCode, Json<CrlBody>)> {
    let outcome = async {
        let request: ImportCrlRequest = body::json(&headers, &body::octets(body)?)?;
        let record = checked_crl(&app, &request).await?;
        let event = event(&app, &authorized, EventKind::CrlImported)
            .issuer(&request.issuer)
            .with("number", record.number.get());
        let body = CrlBody {
            issuer: record.issuer.clone(),
            scope: record.scope,
            number: record.number,
            this_update: record.this_update,
            next_update: record.next_update,
            published_by: Vec::new(),
        };
        let imported = app.authority.store.import_crl(record, event).await?;
        imported.map_err(|refusal: CrlRefusal| {
            NotDone::Refused(
                Refusal::new(RefusalKind::Conflict, refusal.code())
                    .with_detail(refusal.to_string()),
            )
        })?;
        Ok(body)
    };
    let body = authorized.answer(outcome).await?;
    Ok((StatusCode::CREATED, Json(body)))
}

/// A list is imported only for a registered CA whose key is elsewhere, and only if that CA signed it.
async fn checked_crl(app: &App, request: &ImportCrlRequest) -> Result<CrlRecord, NotDone> {
    if app.authority.ca(&request.issuer).is_some() {
        return Err(NotDone::malformed_member(
            "issuer: this daemon signs the lists of this CA itself",
        ));
    }
    let issuer = app.authority.store.issuer(&request.issuer).await?;
    let issuer = issuer
        .ok_or_else(|| NotDone::Refused(Refusal::new(RefusalKind::NotFound, "issuer-not-found")))?;
    let issuer = Certificate::parse(&issuer.certificate_der)?;
    let crl_der = pki::pem::decode("X509 CRL", &request.crl)
        .map_err(|_| NotDone::malformed_member("crl: PEM of a CertificateList"))?;
    let view = CrlView::parse(&crl_der)
        .map_err(|error| NotDone::malformed_member(&format!("crl: {error}")))?;
    let denied = |code, detail: &str| {
        NotDone::Refused(Refusal::new(RefusalKind::Denied, code).with_detail(detail))
    };
    if view.issuer_der() != issuer.subject_der() || view.verify(issuer.public_key()).is_err() {
        return Err(denied("crl-not-of-issuer", "crl: not signed by this CA"));
    }
    if view.next_update() <= app.authority.clock.now() {
        return Err(denied(
            "crl-expired",
            "crl: its nextUpdate lies in the past",
        ));
    }
    Ok(CrlRecord {
        issuer: request.issuer.clone(),
        scope: CrlScope::Full,
        base: None,
        number: view.number(),
        this_update: view.this_update(),
        next_update: view.next_update(),
        crl_der: crl_der.clone().into(),
        as_of: 0,
    })
}

/// Lists the current CRLs and who publishes them: `GET /v1/officer/crls`.
#[utoipa::path(get, path = routes::CRLS, operation_id = "crls", tag = "officer",
    responses((status = 200, body = Vec<CrlBody>), (status = "4XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn crls(
    State(app): State<Arc<App>>,
    authorized: Authorized<Reader>,
) -> Answer<Json<Vec<CrlBody>>> {
    let current = app.authority.store.current_crls().await;
    let current = current.map_err(|error| authorized.problem(error.into()))?;
    let body = |crl: store::CurrentCrl| CrlBody {
        issuer: crl.issuer,
        scope: crl.scope,
        number: crl.number,
        this_update: crl.this_update,
        next_update: crl.next_update,
        published_by: crl.published_by,
    };
    Ok(Json(current.into_iter().map(body).collect()))
}

/// Never certifies a key again: `POST /v1/officer/blocked-keys`.
#[utoipa::path(post, path = routes::BLOCKED_KEYS, operation_id = "block_key", tag = "officer", request_body = BlockKeyRequest,
    responses((status = 204), (status = "4XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn block_key(
    State(app): State<Arc<App>>,
    authorized: Authorized<Officer>,
    headers: HeaderMap,
    body: ReadBody,
) -> Answer<StatusCode> {
    let outcome = async {
        let request: BlockKeyRequest = body::json(&headers, &body::octets(body)?)?;
        let hash: SpkiHash = request
            .spki_sha256
            .parse()
            .map_err(|_| NotDone::malformed_member("spki_sha256: 64 hexadecimal digits"))?;
        let event = event(&app, &authorized, EventKind::KeyBlocked)
            .with("spki_sha256", Detail::word(hash.to_string()));
        app.authority
            .store
            .block_key(hash, &request.reason, event)
            .await?;
        Ok(StatusCode::NO_CONTENT)
    };
    authorized.answer(outcome).await
}

/// Reads a policy file again and puts it in force: `POST /v1/officer/policies/{issuer}/reload`.
#[utoipa::path(post, path = routes::RELOAD_POLICY, operation_id = "reload_policy", tag = "officer", params(("issuer" = String, Path)),
    responses((status = 200, body = ActivePolicyBody), (status = "4XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn reload_policy(
    State(app): State<Arc<App>>,
    authorized: Authorized<Officer>,
    Path(issuer): Path<String>,
) -> Answer<Json<ActivePolicyBody>> {
    let outcome = async {
        let name = issuer.parse::<IssuerName>().ok();
        let ca = name.and_then(|name| app.authority.ca(&name));
        let ca = ca.ok_or_else(|| {
            NotDone::Refused(Refusal::new(RefusalKind::NotFound, "issuer-not-found"))
        })?;
        policies::reload(&app.authority, ca, authorized.actor())
            .await
            .map(Json)
    };
    authorized.answer(outcome).await
}

fn event(app: &App, authorized: &Authorized<Officer>, kind: EventKind) -> AuditEvent {
    AuditEvent::new(app.authority.clock.now(), kind, authorized.actor())
        .request(authorized.request_id)
}
