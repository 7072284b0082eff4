//! OCSP over HTTP (RFC 6960 appendix A, RFC 9919 sections 6 and 7).

mod caching;
mod get_path;
mod request;

use std::{convert::Infallible, error::Error, sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode,
    body::Body,
    header::{ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderValue},
};
use ocsp::{ResponseStatus, unsigned};
use pki::time::SharedClock;
use tokio::time::Instant;

use self::request::{NoRequest, request_der};
use crate::{
    answer::{Answer, Responder},
    metrics,
};

/// What the HTTP side needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpTerms {
    /// What every path begins with: `/`, or the path of the URL in certificates' AIA.
    pub base_path: String,
    /// How long a body may take to arrive.
    pub body_timeout: Duration,
}

/// The HTTP service; cheap to clone.
#[derive(Debug, Clone)]
pub struct HttpResponder {
    responder: Arc<Responder>,
    clock: SharedClock,
    terms: Arc<HttpTerms>,
}

impl HttpResponder {
    /// Serves `responder`.
    pub fn new(responder: Arc<Responder>, clock: SharedClock, terms: HttpTerms) -> Self {
        Self {
            responder,
            clock,
            terms: Arc::new(terms),
        }
    }

    /// Answers one HTTP request. What OCSP can say is said by OCSP with status 200 (RFC 6960
    /// appendix A.2); HTTP speaks for itself only when there was no OCSP request to answer.
    ///
    /// # Errors
    /// None; the type is what the listener wants.
    pub async fn serve<B>(self, request: Request<B>) -> Result<Response<Full<Bytes>>, Infallible>
    where
        B: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>>,
    {
        let begun = Instant::now();
        let response = self.respond(request).await;
        metrics::request_took(begun.elapsed().as_secs_f64());
        Ok(response)
    }

    async fn respond<B>(&self, request: Request<B>) -> Response<Full<Bytes>>
    where
        B: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>>,
    {
        let (head, body) = request.into_parts();
        let der = match request_der(&head, body, &self.terms).await {
            Ok(der) => der,
            Err(NoRequest::Method) => return method_not_allowed(),
            Err(NoRequest::Path) => return plain(StatusCode::NOT_FOUND),
            Err(NoRequest::TooLarge) => return closing(StatusCode::PAYLOAD_TOO_LARGE),
            Err(NoRequest::Broken) => return closing(StatusCode::BAD_REQUEST),
            Err(NoRequest::Slow) => return closing(StatusCode::REQUEST_TIMEOUT),
            Err(NoRequest::NotBase64) => return malformed(),
        };
        let answer = self.responder.answer(&der).await;
        let mut response = if head.method == Method::POST {
            ocsp_response(answer.der)
        } else {
            self.get_response(&head, answer)
        };
        if head.method == Method::HEAD {
            *response.body_mut() = Full::default();
        }
        response
    }

    /// Answers a GET: what many may share, caches may keep.
    fn get_response(
        &self,
        head: &hyper::http::request::Parts,
        answer: Answer,
    ) -> Response<Full<Bytes>> {
        let Some(shareable) = answer.shareable else {
            return ocsp_response(answer.der);
        };
        let etag = caching::etag(&answer.der);
        let mut response = if caching::is_unchanged(&head.headers, &etag) {
            let mut unchanged = Response::new(Full::default());
            *unchanged.status_mut() = StatusCode::NOT_MODIFIED;
            unchanged
        } else {
            ocsp_response(answer.der)
        };
        let now = self.clock.now();
        let lifetime = caching::Lifetime::new(shareable.validity, now, shareable.max_age);
        lifetime.write(response.headers_mut(), &etag);
        response
    }
}

fn malformed() -> Response<Full<Bytes>> {
    let status = ResponseStatus::MalformedRequest;
    metrics::answered(metrics::Outcome::Exception(status));
    ocsp_response(unsigned(status).into())
}

fn ocsp_response(der: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(der));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, OCSP_RESPONSE);
    headers.insert(CACHE_CONTROL, NO_STORE);
    response
}

fn plain(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}

/// For requests whose body was not read to its end.
fn closing(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = plain(status);
    response
        .headers_mut()
        .insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

fn method_not_allowed() -> Response<Full<Bytes>> {
    let mut response = plain(StatusCode::METHOD_NOT_ALLOWED);
    let allowed = HeaderValue::from_static("GET, HEAD, POST");
    response.headers_mut().insert(ALLOW, allowed);
    response
}

const OCSP_RESPONSE: HeaderValue = HeaderValue::from_static("application/ocsp-response");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

#[cfg(test)]
mod tests;
