//! The registry of peers: register, look up, change.

pub mod certificates;

use std::sync::Arc;

use api::{
    ChangePeerRequest, PeerBody, PeerCertificateBody, PeerStatus, RegisterPeerRequest, routes,
};
use audit::{AuditEvent, Detail, EventKind};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use store::{Peer, PeerChange, PinnedCertificate, RegistryRefusal};

use self::certificates::{certify_peer, parse_certificate, pin_of};
use crate::app::App;
use crate::http::body::{self, ReadBody};
use crate::http::path::Path;
use crate::http::problem::{NotDone, ProblemResponse};
use crate::http::request::{Authorized, Officer, Reader};
use crate::refusal::{Refusal, RefusalKind};

type Answer<T> = Result<T, ProblemResponse>;

/// Registers a peer and certifies its key or pins its certificate: `POST /v1/officer/peers`.
#[utoipa::path(post, path = routes::PEERS, operation_id = "register_peer", tag = "officer", request_body = RegisterPeerRequest,
    responses((status = 201, body = PeerBody), (status = "4XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn register(
    State(app): State<Arc<App>>,
    authorized: Authorized<Officer>,
    headers: HeaderMap,
    body: ReadBody,
) -> Answer<(StatusCode, Json<PeerBody>)> {
    let outcome = async {
        let request: RegisterPeerRequest = body::json(&headers, &body::octets(body)?)?;
        register_peer(&app, &authorized, request).await
    };
    let body = authorized.answer(outcome).await?;
    Ok((StatusCode::CREATED, Json(body)))
}

async fn register_peer(
    app: &App,
    authorized: &Authorized<Officer>,
    request: RegisterPeerRequest,
) -> Result<PeerBody, NotDone> {
    check_profiles(app, &request.profiles)?;
    let peer = new_peer(app, &request)?;
    if app.authority.store.peer(&peer.name).await?.is_some() {
        return Err(refused(RegistryRefusal::NameTaken));
    }
    let (certificate, issued) = match (&request.csr, &request.certificate) {
        (Some(csr), None) => (certify_peer(app, authorized, &peer, csr).await?, true),
        (None, Some(pem)) => (parse_certificate(pem)?, false),
        (None, None) | (Some(_), Some(_)) => {
            return Err(NotDone::malformed_member(
                "give either csr or certificate: the peer must be known by one",
            ));
        }
    };
    let event = AuditEvent::new(
        app.authority.clock.now(),
        EventKind::PeerRegistered,
        authorized.actor(),
    )
    .with("peer", Detail::word(&peer.name))
    .with("role", Detail::word(role_name(&peer)))
    .with(
        "fingerprint",
        Detail::word(certificate.fingerprint().to_string()),
    );
    let name = peer.name.clone();
    let recorded = app
        .authority
        .store
        .register_peer(peer, vec![pin_of(&certificate)], event)
        .await?;
    recorded.map_err(refused)?;
    let mut body = peer_body(app, &name).await?;
    body.issued = issued.then(|| certificate.to_pem());
    Ok(body)
}

fn new_peer(app: &App, request: &RegisterPeerRequest) -> Result<Peer, NotDone> {
    let kebab = request.name.parse::<pki::IssuerName>();
    kebab.map_err(|_| NotDone::malformed_member("name: 1 to 64 of a-z, 0-9 and -"))?;
    Ok(Peer {
        name: request.name.clone(),
        role: request.role,
        status: PeerStatus::Active,
        valid_from: request
            .valid_from
            .unwrap_or_else(|| app.authority.clock.now()),
        valid_to: request.valid_to,
        agreement_ref: request.agreement_ref.clone(),
        profiles: request.profiles.iter().cloned().collect(),
        subject_kinds: request.subject_kinds.clone(),
        daily_quota: request.daily_quota,
        max_validity_days: request.max_validity_days,
    })
}

/// Lists the registered peers: `GET /v1/officer/peers`.
#[utoipa::path(get, path = routes::PEERS, operation_id = "peers", tag = "officer",
    responses((status = 200, body = Vec<PeerBody>), (status = "4XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn list(
    State(app): State<Arc<App>>,
    authorized: Authorized<Reader>,
) -> Answer<Json<Vec<PeerBody>>> {
    let outcome = async {
        let mut bodies = Vec::new();
        for peer in app.authority.store.peers(None).await? {
            let pins = app.authority.store.pins(&peer.name).await?;
            bodies.push(body_of(peer, pins));
        }
        Ok(Json(bodies))
    };
    authorized.answer(outcome).await
}

/// Looks a peer up: `GET /v1/officer/peers/{name}`.
#[utoipa::path(get, path = routes::PEER, operation_id = "peer", tag = "officer", params(("name" = String, Path)),
    responses((status = 200, body = PeerBody), (status = "4XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn look_up(
    State(app): State<Arc<App>>,
    authorized: Authorized<Reader>,
    Path(name): Path<String>,
) -> Answer<Json<PeerBody>> {
    peer_body(&app, &name)
        .await
        .map(Json)
        .map_err(|not_done| authorized.problem(not_done))
}

/// Changes what a peer may do: `PATCH /v1/officer/peers/{name}`.
#[utoipa::path(patch, path = routes::PEER, operation_id = "change_peer", tag = "officer", params(("name" = String, Path)),
    request_body = ChangePeerRequest,
    responses((status = 200, body = PeerBody), (status = "4XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn change(
    State(app): State<Arc<App>>,
    authorized: Authorized<Officer>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: ReadBody,
) -> Answer<Json<PeerBody>> {
    let outcome = async {
        let request: ChangePeerRequest = body::json(&headers, &body::octets(body)?)?;
        check_profiles(&app, request.profiles.as_deref().unwrap_or_default())?;
        let event = changed(
            &request,
            event(&app, &authorized, EventKind::PeerChanged, &name),
        );
        let change = PeerChange {
            status: request.status,
            valid_to: request.valid_to,
            profiles: request
                .profiles
                .map(|profiles| profiles.into_iter().collect()),
            subject_kinds: request.subject_kinds,
            daily_quota: request.daily_quota,
            max_validity_days: request.max_validity_days,
        };
        app.authority
            .store
            .change_peer(&name, change, event)
            .await?
            .map_err(refused)?;
        peer_body(&app, &name).await.map(Json)
    };
    authorized.answer(outcome).await
}

async fn peer_body(app: &App, name: &str) -> Result<PeerBody, NotDone> {
    let peer = app.authority.store.peer(name).await?;
    let peer = peer.ok_or_else(|| refused(RegistryRefusal::PeerNotFound))?;
    let pins = app.authority.store.pins(name).await?;
    Ok(body_of(peer, pins))
}

fn body_of(peer: Peer, pins: Vec<PinnedCertificate>) -> PeerBody {
    let certificates = pins.into_iter().map(|pin| PeerCertificateBody {
        fingerprint: pin.fingerprint,
        not_after: pin.not_after,
        retired_at: pin.retired_at,
    });
    PeerBody {
        name: peer.name,
        role: peer.role,
        status: peer.status,
        valid_from: peer.valid_from,
        valid_to: peer.valid_to,
        agreement_ref: peer.agreement_ref,
        profiles: peer.profiles.into_iter().collect(),
        subject_kinds: peer.subject_kinds,
        daily_quota: peer.daily_quota,
        max_validity_days: peer.max_validity_days,
        certificates: certificates.collect(),
        issued: None,
    }
}

fn event(app: &App, authorized: &Authorized<Officer>, kind: EventKind, peer: &str) -> AuditEvent {
    AuditEvent::new(app.authority.clock.now(), kind, authorized.actor())
        .with("peer", Detail::word(peer))
}

/// Says in the audit event what is changed.
fn changed(request: &ChangePeerRequest, mut event: AuditEvent) -> AuditEvent {
    if let Some(status) = request.status {
        event = event.with("status", Detail::word(status_name(status)));
    }
    if let Some(valid_to) = request.valid_to {
        event = event.with("valid_to", Detail::word(valid_to.to_string()));
    }
    if let Some(profiles) = &request.profiles {
        event = event.with("profiles", Detail::words(profiles));
    }
    if let Some(kinds) = &request.subject_kinds {
        event = event.with(
            "subject_kinds",
            Detail::words(kinds.iter().map(|kind| kind.as_str())),
        );
    }
    if let Some(quota) = request.daily_quota {
        event = event.with("daily_quota", Detail::number(quota));
    }
    if let Some(days) = request.max_validity_days {
        event = event.with("max_validity_days", Detail::number(days));
    }
    event
}

fn status_name(status: PeerStatus) -> &'static str {
    match status {
        PeerStatus::Active => "active",
        PeerStatus::Suspended => "suspended",
        PeerStatus::Retired => "retired",
    }
}

fn role_name(peer: &Peer) -> &'static str {
    match peer.role {
        api::PeerRole::Ra => "ra",
        api::PeerRole::Officer => "officer",
        api::PeerRole::Responder => "responder",
        api::PeerRole::Publisher => "publisher",
        api::PeerRole::Auditor => "auditor",
    }
}

fn check_profiles(app: &App, profiles: &[String]) -> Result<(), NotDone> {
    match profiles
        .iter()
        .find(|name| app.authority.ca_for_profile(name).is_none())
    {
        Some(unknown) => Err(NotDone::malformed_member(&format!(
            "profiles: no policy has a profile {unknown:?}"
        ))),
        None => Ok(()),
    }
}

/// A refusal of the registry as a refusal of the request.
pub fn refused(refusal: RegistryRefusal) -> NotDone {
    let kind = match refusal {
        RegistryRefusal::PeerNotFound
        | RegistryRefusal::FingerprintNotFound
        | RegistryRefusal::ResponderKeyNotFound
        | RegistryRefusal::IssuerNotFound => RefusalKind::NotFound,
        RegistryRefusal::NameTaken
        | RegistryRefusal::FingerprintTaken
        | RegistryRefusal::PeerRetired
        | RegistryRefusal::NotAResponder
        | RegistryRefusal::IssuerTaken => RefusalKind::Conflict,
    };
    NotDone::Refused(Refusal::new(kind, refusal.code()).with_detail(refusal.to_string()))
}
