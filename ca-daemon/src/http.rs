//! HTTP: routes of the RA and officer API and of the status feed.

pub mod body;
pub mod feed;
pub mod officer;
pub mod openapi;
pub mod path;
pub mod problem;
pub mod ra;
pub mod receipt;
pub mod request;

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use api::routes;
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{Request, Response};
use axum::middleware::from_fn_with_state;
use axum::routing::{delete, get, post};
use hyper::body::Incoming;
use tower::{Service, ServiceExt};
use tower_http::timeout::RequestBodyTimeoutLayer;

use crate::app::App;
use crate::refusal::{Refusal, RefusalKind};
use problem::{NotDone, ProblemResponse};

/// How long a body may stop in between.
const BODY_TIMEOUT: Duration = Duration::from_secs(15);

/// Routes of the RA and officer API.
pub fn api_routes(app: Arc<App>) -> Router {
    let limit = DefaultBodyLimit::max(app.max_body_bytes);
    Router::new()
        .merge(ra_routes())
        .merge(officer_routes(&app))
        .route(routes::OPENAPI, get(openapi::document))
        .fallback(not_found)
        .method_not_allowed_fallback(wrong_method)
        .layer(limit)
        .layer(RequestBodyTimeoutLayer::new(BODY_TIMEOUT))
        .with_state(app)
}

/// What an RA may ask for.
fn ra_routes() -> Router<Arc<App>> {
    Router::new()
        .route(routes::CERTIFICATES, post(ra::enroll).get(ra::list))
        .route(routes::CERTIFICATE, get(ra::look_up))
        .route(routes::RENEW, post(ra::renew))
        .route(routes::REPLACE, post(ra::replace))
        .route(routes::REVOKE, post(ra::revoke))
        .route(routes::RECEIPT, get(receipt::own))
        .route(routes::HOLD, post(ra::hold))
        .route(routes::RELEASE, post(ra::release))
        .route(routes::ACCEPT, post(ra::accept))
        .route(routes::REQUEST, get(ra::look_up_request))
        .route(routes::PROFILES, get(ra::profiles))
        .route(routes::CHAIN, get(ra::chain))
}

/// What an officer or an auditor may ask for.
fn officer_routes(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route(
            routes::PEERS,
            post(officer::peers::register).get(officer::peers::list),
        )
        .route(
            routes::PEER,
            get(officer::peers::look_up).patch(officer::peers::change),
        )
        .route(
            routes::PEER_CERTIFICATES,
            post(officer::peers::certificates::certify),
        )
        .route(routes::PEER_PINS, post(officer::peers::certificates::pin))
        .route(
            routes::PEER_PIN,
            delete(officer::peers::certificates::unpin),
        )
        .route(
            routes::SERVER_CERTIFICATES,
            post(officer::peers::certificates::certify_server),
        )
        .route(
            routes::RESPONDER_KEYS,
            post(officer::authority::register_responder_key)
                .get(officer::authority::responder_keys),
        )
        .route(
            routes::RESPONDER_KEY,
            delete(officer::authority::retire_responder_key),
        )
        .route(
            routes::CRLS,
            post(officer::authority::import_crl).get(officer::authority::crls),
        )
        .route(routes::BLOCKED_KEYS, post(officer::authority::block_key))
        .route(
            routes::RELOAD_POLICY,
            post(officer::authority::reload_policy),
        )
        .route(routes::RESUME_KEY, post(officer::keys::resume))
        .route(routes::RETIRE_ISSUER, post(officer::keys::retire))
        .route(
            routes::OFFICER_CERTIFICATES,
            get(officer::certificates::list),
        )
        .route(
            routes::OFFICER_CERTIFICATE,
            get(officer::certificates::look_up),
        )
        .route(routes::OFFICER_RECEIPT, get(receipt::any))
        .route(routes::BACKUPS, post(officer::backup::make))
        .route(routes::AUDIT, get(officer::audit::list))
        .layer(from_fn_with_state(Arc::clone(app), officer::audit_refusals))
        .route(routes::OFFICER_REVOKE, post(officer::certificates::revoke))
}

/// Routes of the status feed, for registered followers alone.
pub fn feed_routes(app: Arc<App>) -> Router {
    Router::new()
        .route(::feed::wire::FOLLOW_ROUTE, get(feed::follow))
        .route(::feed::wire::ACKNOWLEDGE_ROUTE, post(feed::acknowledge))
        .route(
            &format!(
                "{}/{{issuer}}/{{scope}}/{{number}}",
                ::feed::wire::CRL_ROUTE
            ),
            get(feed::crl),
        )
        .fallback(not_found)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(app.max_body_bytes))
        .layer(RequestBodyTimeoutLayer::new(BODY_TIMEOUT))
        .with_state(app)
}

async fn not_found(State(app): State<Arc<App>>) -> ProblemResponse {
    let refusal = Refusal::new(RefusalKind::NotFound, "no-such-route")
        .with_detail("see /openapi.json for the routes");
    ProblemResponse::new(NotDone::Refused(refusal), app.new_request_id())
}

async fn wrong_method(State(app): State<Arc<App>>) -> ProblemResponse {
    let refusal = Refusal::new(RefusalKind::WrongMethod, "wrong-method")
        .with_detail("see /openapi.json for the methods of this route");
    ProblemResponse::new(NotDone::Refused(refusal), app.new_request_id())
}

/// The routes as the service that `service::http` calls.
pub fn from_hyper(routes: Router) -> FromHyper {
    FromHyper { routes }
}

/// Turns hyper's request body into axum's.
#[derive(Clone, Debug)]
pub struct FromHyper {
    routes: Router,
}

impl Service<Request<Incoming>> for FromHyper {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Incoming>) -> Self::Future {
        Box::pin(self.routes.clone().oneshot(request.map(Body::new)))
    }
}
