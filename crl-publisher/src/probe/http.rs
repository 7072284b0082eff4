//! Plain HTTP/1.1 as relying parties speak it: keep-alive, no redirects, every wait bounded.

use std::{
    collections::{BTreeMap, HashMap},
    net::SocketAddr,
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::{
    HeaderMap, Method, Request, Response, StatusCode, Uri,
    body::Incoming,
    client::conn::http1::{SendRequest, handshake},
    header::{CONTENT_TYPE, HOST, LOCATION},
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::Instant};

/// Fetches over connections that it keeps.
#[derive(Debug)]
pub struct HttpClient {
    resolve: BTreeMap<String, SocketAddr>,
    timeout: Duration,
    /// Open connections, by host and port as URLs have them.
    open: HashMap<String, SendRequest<Full<Bytes>>>,
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// An `http` URL.
    pub url: &'a str,
    /// Body and media type of a POST; a GET without.
    pub post: Option<(&'a [u8], &'static str)>,
    /// The most octets that are read.
    pub max_bytes: usize,
}

/// An answer with status 200.
#[derive(Debug)]
pub struct Reply {
    /// Its headers.
    pub headers: HeaderMap,
    /// Its whole body.
    pub body: Bytes,
    /// How long it took until it was complete.
    pub took: Duration,
}

/// Why there is no answer to look at.
#[derive(Debug, thiserror::Error)]
pub enum HttpFault {
    /// Not a URL with scheme `http` and a host.
    #[error("not an http URL")]
    Url,
    /// No address, or nobody listens there.
    #[error("cannot connect: {0}")]
    Unreachable(#[source] std::io::Error),
    /// Nothing, or not everything, within the time.
    #[error("no complete answer within {} s", .0.as_secs_f64())]
    TimedOut(Duration),
    /// The connection broke, or what came is not HTTP.
    #[error("the answer broke off: {0}")]
    BrokenOff(#[source] hyper::Error),
    /// A redirect, which many relying parties do not follow.
    #[error("redirected with status {status} to {to}")]
    Redirect {
        /// 3xx.
        status: u16,
        /// Where to.
        to: String,
    },
    /// Any status but 200.
    #[error("answered with status {0}")]
    Status(u16),
    /// Longer than it can be.
    #[error("the answer has more than {0} octets")]
    TooLarge(usize),
}

impl HttpFault {
    /// A stable slug.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Url => "url-unusable",
            Self::Unreachable(_) => "unreachable",
            Self::TimedOut(_) => "timed-out",
            Self::BrokenOff(_) => "answer-broken-off",
            Self::Redirect { .. } => "redirected",
            Self::Status(_) => "status-not-200",
            Self::TooLarge(_) => "answer-too-large",
        }
    }
}

/// Where a URL leads.
struct Place {
    authority: String,
    host: String,
    port: u16,
    path: String,
}

impl HttpClient {
    /// Connects to hosts in `resolve` at the addresses there.
    pub fn new(resolve: BTreeMap<String, SocketAddr>, timeout: Duration) -> Self {
        Self {
            resolve,
            timeout,
            open: HashMap::new(),
        }
    }

    /// Asks once. A connection that was kept and is closed by now is opened again.
    ///
    /// # Errors
    /// [`HttpFault`].
    pub async fn ask(&mut self, ask: &Ask<'_>) -> Result<Reply, HttpFault> {
        let limit = self.timeout;
        let place = Place::of(ask.url).ok_or(HttpFault::Url)?;
        let began = Instant::now();
        let asked = tokio::time::timeout(limit, self.exchange(&place, ask)).await;
        let reply = match asked {
            Ok(reply) => reply,
            Err(_) => Err(HttpFault::TimedOut(limit)),
        };
        match reply {
            Ok((headers, body)) => Ok(Reply {
                headers,
                body,
                took: began.elapsed(),
            }),
            Err(fault) => {
                // An answer that was not read to its end must not be taken for the next one.
                self.open.remove(&place.authority);
                Err(fault)
            }
        }
    }

    async fn exchange(
        &mut self,
        place: &Place,
        ask: &Ask<'_>,
    ) -> Result<(HeaderMap, Bytes), HttpFault> {
        let response = match self.on_kept_connection(place, ask).await? {
            Some(response) => response,
            None => self.on_new_connection(place, ask).await?,
        };
        check_status(&response)?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, ask.max_bytes).collect().await;
        let body = body.map_err(|error| match error.downcast::<hyper::Error>() {
            Ok(error) => HttpFault::BrokenOff(*error),
            Err(error) => {
                debug_assert!(error.is::<LengthLimitError>());
                HttpFault::TooLarge(ask.max_bytes)
            }
        })?;
        Ok((head.headers, body.to_bytes()))
    }

    /// `None` if there is none, or it was closed in the moment in which it was used.
    async fn on_kept_connection(
        &mut self,
        place: &Place,
        ask: &Ask<'_>,
    ) -> Result<Option<Response<Incoming>>, HttpFault> {
        let Some(mut kept) = self.open.remove(&place.authority) else {
            return Ok(None);
        };
        if kept.ready().await.is_err() {
            return Ok(None);
        }
        let Ok(response) = kept.send_request(request(place, ask)?).await else {
            return Ok(None);
        };
        self.open.insert(place.authority.clone(), kept);
        Ok(Some(response))
    }

    async fn on_new_connection(
        &mut self,
        place: &Place,
        ask: &Ask<'_>,
    ) -> Result<Response<Incoming>, HttpFault> {
        let stream = self.connect(place).await.map_err(HttpFault::Unreachable)?;
        let (mut sender, connection) = handshake(TokioIo::new(stream))
            .await
            .map_err(HttpFault::BrokenOff)?;
        // Ends when the sender is dropped or the server closes.
        tokio::spawn(connection);
        let response = sender.send_request(request(place, ask)?).await;
        self.open.insert(place.authority.clone(), sender);
        response.map_err(HttpFault::BrokenOff)
    }

    async fn connect(&self, place: &Place) -> std::io::Result<TcpStream> {
        let fixed = self.resolve.get(&place.authority);
        match fixed.or_else(|| self.resolve.get(&place.host)) {
            Some(address) => TcpStream::connect(address).await,
            None => TcpStream::connect((place.host.as_str(), place.port)).await,
        }
    }
}

impl Place {
    fn of(url: &str) -> Option<Self> {
        let uri: Uri = url.parse().ok()?;
        if uri.scheme_str() != Some("http") {
            return None;
        }
        let host = uri.host()?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        Some(Self {
            authority: uri.authority()?.as_str().to_owned(),
            host: host.trim_matches(['[', ']']).to_owned(),
            port: uri.port_u16().unwrap_or(80),
            path: path.to_owned(),
        })
    }
}

fn request(place: &Place, ask: &Ask<'_>) -> Result<Request<Full<Bytes>>, HttpFault> {
    let request = Request::builder()
        .uri(&place.path)
        .header(HOST, &place.authority);
    let request = match ask.post {
        None => request.method(Method::GET).body(Full::default()),
        Some((body, media_type)) => request
            .method(Method::POST)
            .header(CONTENT_TYPE, media_type)
            .body(Full::new(Bytes::copy_from_slice(body))),
    };
    request.map_err(|_| HttpFault::Url)
}

fn check_status(response: &Response<Incoming>) -> Result<(), HttpFault> {
    let status = response.status();
    if status == StatusCode::OK {
        return Ok(());
    }
    if !status.is_redirection() || status == StatusCode::NOT_MODIFIED {
        return Err(HttpFault::Status(status.as_u16()));
    }
    let to = response.headers().get(LOCATION);
    let to = to.and_then(|to| to.to_str().ok()).unwrap_or("nowhere");
    Err(HttpFault::Redirect {
        status: status.as_u16(),
        to: to.to_owned(),
    })
}

#[cfg(test)]
mod tests;
