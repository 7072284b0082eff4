//! Serves the shelf: GET and HEAD, with validators and caching headers (RFC 9110, RFC 9111).

mod caching;

use std::{convert::Infallible, sync::Arc};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode,
    header::{ALLOW, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS},
};
use pki::time::SharedClock;

use crate::shelf::{Shelf, Shelved};

/// The HTTP service; cheap to clone.
#[derive(Debug, Clone)]
pub struct HttpShelf {
    shelf: Arc<Shelf>,
    clock: SharedClock,
}

impl HttpShelf {
    /// Serves `shelf`.
    pub fn new(shelf: Arc<Shelf>, clock: SharedClock) -> Self {
        Self { shelf, clock }
    }

    /// Answers one request; the body of a request is not read.
    pub fn serve<B>(&self, request: &Request<B>) -> Result<Response<Full<Bytes>>, Infallible> {
        let path = request.uri().path();
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return Ok(method_not_allowed());
        }
        let found = path.strip_prefix('/').and_then(|path| self.shelf.get(path));
        let Some(shelved) = found else {
            return Ok(empty(StatusCode::NOT_FOUND));
        };
        let mut response = self.item(&shelved, request);
        if request.method() == Method::HEAD {
            *response.body_mut() = Full::default();
        }
        Ok(response)
    }

    fn item<B>(&self, shelved: &Shelved, request: &Request<B>) -> Response<Full<Bytes>> {
        let mut response = if caching::is_unchanged(request.headers(), shelved) {
            empty(StatusCode::NOT_MODIFIED)
        } else {
            let mut whole = Response::new(Full::new(shelved.item.body.clone()));
            let media_type = HeaderValue::from_static(shelved.item.media_type);
            whole.headers_mut().insert(CONTENT_TYPE, media_type);
            whole
        };
        let headers = response.headers_mut();
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        caching::write(headers, shelved, self.clock.now());
        response
    }
}

fn empty(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}

fn method_not_allowed() -> Response<Full<Bytes>> {
    let mut response = empty(StatusCode::METHOD_NOT_ALLOWED);
    let allowed = HeaderValue::from_static("GET, HEAD");
    response.headers_mut().insert(ALLOW, allowed);
    response
}

#[cfg(test)]
mod tests;
