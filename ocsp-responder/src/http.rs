//! OCSP over HTTP (RFC 6960 appendix A, RFC 9919 sections 6 and 7).

mod caching;
mod get_path;
mod request;

use std::{convert::Infallible, error::Error, sync::Arc, time::Duration};

use ::metrics::Histogram;
use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode,
    body::Body,
    header::{ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderValue},
};
use ocsp::ResponseStatus;
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
    parts: Arc<Parts>,
}

#[derive(Debug)]
struct Parts {
    responder: Arc<Responder>,
    clock: SharedClock,
    terms: HttpTerms,
    duration: Histogram,
}

impl HttpResponder {
    /// Serves `responder`.
    pub fn new(responder: Arc<Responder>, clock: SharedClock, terms: HttpTerms) -> Self {
        let parts = Parts {
            responder,
            clock,
            terms,
            duration: metrics::request_duration(),
        };
        Self {
            parts: Arc::new(parts),
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
        let response = self.parts.respond(request).await;
        self.parts.duration.record(begun.elapsed());
        Ok(response)
    }
}

impl Parts {
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
            Err(NoRequest::NotBase64) => {
                let malformed = self.responder.refuse(ResponseStatus::MalformedRequest);
                return ocsp_response(malformed.der);
            }
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
        let mut response = if caching::is_unchanged(&head.headers, &shareable.validators.etag) {
            let mut unchanged = Response::new(Full::default());
            *unchanged.status_mut() = StatusCode::NOT_MODIFIED;
            unchanged
        } else {
            ocsp_response(answer.der)
        };
        caching::write(response.headers_mut(), shareable, self.clock.now());
        response
    }
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
