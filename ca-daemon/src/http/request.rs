//! Requests that may be acted on: the peer known, active, in date and of the right role.

use std::marker::PhantomData;
use std::sync::Arc;

use api::{PeerRole, PeerStatus};
use audit::Actor;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use pki::Fingerprint;
use service::http::{PeerCertificate, RemoteAddr};
use store::{Peer, PinnedCertificate};
use uuid::Uuid;

use super::problem::{NotDone, ProblemResponse};
use crate::app::App;
use crate::in_flight::Place;
use crate::refusal::{Refusal, RefusalKind};

/// A role that a route is for.
pub trait Role: Send + Sync + 'static {
    /// Whether a peer of this role may use the route.
    fn permits(role: PeerRole) -> bool;
}

/// Registration authorities.
#[derive(Debug)]
pub struct Ra;
/// Security officers.
#[derive(Debug)]
pub struct Officer;
/// Officers and auditors: reading only.
#[derive(Debug)]
pub struct Reader;
/// OCSP responders and CRL publishers.
#[derive(Debug)]
pub struct Follower;

impl Role for Ra {
    fn permits(role: PeerRole) -> bool {
        role == PeerRole::Ra
    }
}
impl Role for Officer {
    fn permits(role: PeerRole) -> bool {
        role == PeerRole::Officer
    }
}
impl Role for Reader {
    fn permits(role: PeerRole) -> bool {
        matches!(role, PeerRole::Officer | PeerRole::Auditor)
    }
}
impl Role for Follower {
    fn permits(role: PeerRole) -> bool {
        matches!(role, PeerRole::Responder | PeerRole::Publisher)
    }
}

/// A request of a peer that may make it. Handlers see nothing else.
#[derive(Debug)]
pub struct Authorized<R> {
    /// Who asks, as the registry has it at this moment.
    pub peer: Peer,
    /// Our id of the request.
    pub request_id: Uuid,
    role: PhantomData<R>,
    /// Held until the request is answered.
    _place: Place,
}

impl<R> Authorized<R> {
    /// The peer as an audit event names it.
    pub fn actor(&self) -> Actor {
        actor_of(&self.peer)
    }

    /// What came of a request; the problem document if it was not done.
    ///
    /// # Errors
    /// The problem to be sent.
    pub async fn answer<T>(
        &self,
        outcome: impl Future<Output = Result<T, NotDone>>,
    ) -> Result<T, ProblemResponse> {
        outcome.await.map_err(|not_done| self.problem(not_done))
    }

    /// The problem document for a request that was not done.
    pub fn problem(&self, not_done: NotDone) -> ProblemResponse {
        ProblemResponse::new(not_done, self.request_id).to(self.actor())
    }
}

/// A peer as an audit event names it.
pub fn actor_of(peer: &Peer) -> Actor {
    let name = peer.name.clone();
    match peer.role {
        PeerRole::Ra => Actor::Ra(name),
        PeerRole::Officer => Actor::Officer(name),
        PeerRole::Auditor => Actor::Auditor(name),
        PeerRole::Responder | PeerRole::Publisher => Actor::Follower(name),
    }
}

impl<R: Role> FromRequestParts<Arc<App>> for Authorized<R> {
    type Rejection = ProblemResponse;

    async fn from_request_parts(
        parts: &mut Parts,
        app: &Arc<App>,
    ) -> Result<Self, Self::Rejection> {
        let request_id = app.new_request_id();
        let certificate = parts
            .extensions
            .get::<PeerCertificate>()
            .and_then(|peer| peer.0.clone());
        let source = parts
            .extensions
            .get::<RemoteAddr>()
            .map(|remote| remote.0.ip());
        match authorize::<R>(app, certificate.as_deref()).await {
            Ok(peer) => match app.in_flight.enter(&peer.name) {
                Some(place) => Ok(Self {
                    peer,
                    request_id,
                    role: PhantomData,
                    _place: place,
                }),
                None => Err(ProblemResponse::new(too_many(), request_id)),
            },
            Err((peer, not_done)) => {
                if let NotDone::Refused(refusal) = &not_done {
                    app.access_refusals
                        .note(app, peer, source, &refusal.code)
                        .await;
                }
                Err(ProblemResponse::new(not_done, request_id))
            }
        }
    }
}

/// No event for it: a peer must not be able to force a disk sync by asking too often.
fn too_many() -> NotDone {
    NotDone::Refused(
        Refusal::new(RefusalKind::TooMany, "too-many-requests")
            .with_detail("too many requests of yours are under way: wait for one to be answered"),
    )
}

type NotAuthorized = (Option<Peer>, NotDone);

/// Looks the certificate up in the registry, at every request: a change acts on open connections.
async fn authorize<R: Role>(app: &App, certificate: Option<&[u8]>) -> Result<Peer, NotAuthorized> {
    let forbidden = |code, detail: &str| {
        NotDone::Refused(Refusal::new(RefusalKind::Forbidden, code).with_detail(detail))
    };
    let Some(certificate) = certificate else {
        return Err((
            None,
            forbidden("client-certificate-missing", "show a client certificate"),
        ));
    };
    let fingerprint = Fingerprint::of(certificate);
    let found = app.authority.store.peer_by_fingerprint(&fingerprint).await;
    let found = found.map_err(|error| (None, error.into()))?;
    let Some((peer, pin)) = found else {
        let detail = "this certificate is not registered; ask an officer of the CA";
        return Err((None, forbidden("peer-unknown", detail)));
    };
    match standing::<R>(app, &peer, &pin) {
        Ok(()) => Ok(peer),
        Err((code, detail)) => Err((Some(peer), forbidden(code, detail))),
    }
}

fn standing<R: Role>(
    app: &App,
    peer: &Peer,
    pin: &PinnedCertificate,
) -> Result<(), (&'static str, &'static str)> {
    let now = app.authority.clock.now();
    if pin.retired_at.is_some() {
        return Err((
            "peer-certificate-retired",
            "use the certificate that replaced this one",
        ));
    }
    if pin.not_after < now {
        return Err((
            "peer-certificate-expired",
            "ask an officer to certify your key again",
        ));
    }
    match peer.status {
        PeerStatus::Active => {}
        PeerStatus::Suspended => {
            return Err(("peer-suspended", "an officer has suspended this peer"));
        }
        PeerStatus::Retired => return Err(("peer-retired", "this peer was retired for good")),
    }
    if now < peer.valid_from {
        return Err(("peer-not-yet-valid", "the registration is not in force yet"));
    }
    if peer.valid_to.is_some_and(|end| end < now) {
        return Err((
            "peer-expired",
            "the registration has ended; ask an officer to extend it",
        ));
    }
    if !R::permits(peer.role) {
        return Err((
            "role-not-allowed",
            "this route is for peers of another role",
        ));
    }
    Ok(())
}
