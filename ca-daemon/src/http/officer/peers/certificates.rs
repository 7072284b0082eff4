//! Certificates of peers and of the TLS server: certify, pin, unpin.

use std::sync::Arc;

use api::{CertifyPeerRequest, CertifyServerRequest, PeerBody, PinCertificateRequest, routes};
use audit::{Detail, EventKind};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use pki::{Certificate, Fingerprint};
use store::{Peer, PinnedCertificate, RegistryRefusal};

use super::{Answer, event, peer_body, refused};
use crate::app::App;
use crate::http::body::{self, ReadBody};
use crate::http::path::Path;
use crate::http::problem::NotDone;
use crate::http::request::{Authorized, Officer};
use crate::management::{Holder, certify_key};

/// Certifies a further key of a peer: `POST /v1/officer/peers/{name}/certificates`.
#[utoipa::path(post, path = routes::PEER_CERTIFICATES, operation_id = "certify_peer", tag = "officer", params(("name" = String, Path)),
    request_body = CertifyPeerRequest,
    responses((status = 201, body = PeerBody), (status = "4XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn certify(
    State(app): State<Arc<App>>,
    authorized: Authorized<Officer>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: ReadBody,
) -> Answer<(StatusCode, Json<PeerBody>)> {
    let outcome = async {
        let request: CertifyPeerRequest = body::json(&headers, &body::octets(body)?)?;
        let peer = app.authority.store.peer(&name).await?;
        let peer = peer.ok_or_else(|| refused(RegistryRefusal::PeerNotFound))?;
        let certificate = certify_peer(&app, &authorized, &peer, &request.csr).await?;
        let mut body = add_pin(&app, &authorized, &name, &certificate).await?;
        body.issued = Some(certificate.to_pem());
        Ok(body)
    };
    let body = authorized.answer(outcome).await?;
    Ok((StatusCode::CREATED, Json(body)))
}

/// Pins a certificate of another CA for a peer: `POST /v1/officer/peers/{name}/pins`.
#[utoipa::path(post, path = routes::PEER_PINS, operation_id = "pin_certificate", tag = "officer", params(("name" = String, Path)),
    request_body = PinCertificateRequest,
    responses((status = 201, body = PeerBody), (status = "4XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn pin(
    State(app): State<Arc<App>>,
    authorized: Authorized<Officer>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: ReadBody,
) -> Answer<(StatusCode, Json<PeerBody>)> {
    let outcome = async {
        let request: PinCertificateRequest = body::json(&headers, &body::octets(body)?)?;
        let certificate = parse_certificate(&request.certificate)?;
        add_pin(&app, &authorized, &name, &certificate).await
    };
    let body = authorized.answer(outcome).await?;
    Ok((StatusCode::CREATED, Json(body)))
}

/// Unpins a certificate of a peer: `DELETE /v1/officer/peers/{name}/pins/{fingerprint}`.
#[utoipa::path(delete, path = routes::PEER_PIN, operation_id = "unpin_certificate", tag = "officer",
    params(("name" = String, Path), ("fingerprint" = String, Path)),
    responses((status = 200, body = PeerBody), (status = "4XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn unpin(
    State(app): State<Arc<App>>,
    authorized: Authorized<Officer>,
    Path((name, fingerprint)): Path<(String, String)>,
) -> Answer<Json<PeerBody>> {
    let outcome = async {
        let fingerprint: Fingerprint = fingerprint
            .parse()
            .map_err(|_| refused(RegistryRefusal::FingerprintNotFound))?;
        let event = event(&app, &authorized, EventKind::FingerprintRetired, &name)
            .with("fingerprint", Detail::word(fingerprint.to_string()));
        let retired = app
            .authority
            .store
            .retire_fingerprint(&name, fingerprint, event)
            .await?;
        retired.map_err(refused)?;
        peer_body(&app, &name).await.map(Json)
    };
    authorized.answer(outcome).await
}

/// Certifies a TLS server key: `POST /v1/officer/server-certificates`.
#[utoipa::path(post, path = routes::SERVER_CERTIFICATES, operation_id = "certify_server", tag = "officer", request_body = CertifyServerRequest,
    responses((status = 201, body = PinCertificateRequest), (status = "4XX", body = api::Problem, content_type = "application/problem+json")))]
pub async fn certify_server(
    State(app): State<Arc<App>>,
    authorized: Authorized<Officer>,
    headers: HeaderMap,
    body: ReadBody,
) -> Answer<(StatusCode, Json<PinCertificateRequest>)> {
    let outcome = async {
        let request: CertifyServerRequest = body::json(&headers, &body::octets(body)?)?;
        let actor = authorized.actor();
        let id = authorized.request_id;
        certify_key(&app.authority, id, actor, &Holder::Server, &request.csr).await
    };
    let issued = authorized.answer(outcome).await?;
    let certificate = issued.certificate().to_pem();
    Ok((
        StatusCode::CREATED,
        Json(PinCertificateRequest { certificate }),
    ))
}

/// Certifies a key of a peer.
///
/// # Errors
/// What the management policy denies, or a failure of ours.
pub(super) async fn certify_peer(
    app: &App,
    authorized: &Authorized<Officer>,
    peer: &Peer,
    csr: &str,
) -> Result<Certificate, NotDone> {
    let holder = Holder::Peer {
        name: peer.name.clone(),
        role: peer.role,
    };
    let actor = authorized.actor();
    let issued = certify_key(&app.authority, authorized.request_id, actor, &holder, csr).await?;
    Ok(issued.certificate().clone())
}

async fn add_pin(
    app: &App,
    authorized: &Authorized<Officer>,
    name: &str,
    certificate: &Certificate,
) -> Result<PeerBody, NotDone> {
    let event = event(app, authorized, EventKind::FingerprintAdded, name).with(
        "fingerprint",
        Detail::word(certificate.fingerprint().to_string()),
    );
    let added = app
        .authority
        .store
        .add_fingerprint(name, pin_of(certificate), event)
        .await?;
    added.map_err(refused)?;
    peer_body(app, name).await
}

/// The pin of a certificate.
pub fn pin_of(certificate: &Certificate) -> PinnedCertificate {
    PinnedCertificate {
        fingerprint: certificate.fingerprint(),
        not_after: certificate.not_after(),
        retired_at: None,
    }
}

/// Reads a certificate that another CA issued.
///
/// # Errors
/// `malformed-member`.
pub(super) fn parse_certificate(pem: &str) -> Result<Certificate, NotDone> {
    Certificate::parse_pem(pem)
        .map_err(|error| NotDone::malformed_member(&format!("certificate: {error}")))
}
