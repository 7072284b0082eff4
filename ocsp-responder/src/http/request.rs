//! The OCSP request inside an HTTP request.

use std::error::Error;

use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::{Method, body::Body, http::request::Parts};
use ocsp::MAX_REQUEST_BYTES;

use super::{HttpTerms, get_path};

/// The longest path that is looked at: base64 of the longest request, every character encoded.
const MAX_PATH: usize = MAX_REQUEST_BYTES.div_ceil(3) * 4 * 3;

/// Why there is no OCSP request to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoRequest {
    /// Neither GET, HEAD nor POST.
    Method,
    /// Not below the base path.
    Path,
    /// Longer than any request that is answered.
    TooLarge,
    /// The body ended early.
    Broken,
    /// The body did not arrive in time.
    Slow,
    /// The path of a GET holds no base64.
    NotBase64,
}

/// Takes the DER out of the path of a GET or the body of a POST. The media type is not looked at:
/// what is no OCSP request will not parse as one.
pub(super) async fn request_der<B>(
    head: &Parts,
    body: B,
    terms: &HttpTerms,
) -> Result<Bytes, NoRequest>
where
    B: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>>,
{
    let path = head.uri.path();
    if !get_path::is_below(path, &terms.base_path) {
        return Err(NoRequest::Path);
    }
    match head.method {
        Method::GET | Method::HEAD if path.len() > MAX_PATH => Err(NoRequest::TooLarge),
        Method::GET | Method::HEAD => get_path::request_der(path, &terms.base_path)
            .map(Bytes::from)
            .ok_or(NoRequest::NotBase64),
        Method::POST => read(body, terms).await,
        _ => Err(NoRequest::Method),
    }
}

async fn read<B>(body: B, terms: &HttpTerms) -> Result<Bytes, NoRequest>
where
    B: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>>,
{
    let body = std::pin::pin!(body);
    let collected = Limited::new(body, MAX_REQUEST_BYTES).collect();
    match tokio::time::timeout(terms.body_timeout, collected).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(NoRequest::TooLarge),
        Ok(Err(_)) => Err(NoRequest::Broken),
        Err(_) => Err(NoRequest::Slow),
    }
}
