//! The accept loop: TLS or plain, HTTP/1.1 and HTTP/2, with every wait bounded.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use hyper::Request;
use hyper::Response;
use hyper::body::{Body, Incoming};
use serde::Deserialize;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Duration, sleep};
use tokio_util::task::TaskTracker;
use tower::Service;

use crate::tls::Reloadable;
use crate::{HumanDuration, Lifecycle};

mod connection;

/// After an error of accept(2), such as too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Bounds of one listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpLimits {
    /// How long a TLS handshake may take; default 10 seconds.
    pub handshake_timeout: HumanDuration,
    /// How long the head of a request may take, and a connection be idle; default 30 seconds.
    pub header_timeout: HumanDuration,
    /// How many connections are open at once; more wait to be accepted. Default 1024.
    pub max_connections: usize,
    /// After what age a connection takes no more requests; default 10 minutes.
    pub max_connection_age: HumanDuration,
    /// How long, after that age, requests under way may take to finish; default 1 minute.
    pub drain_timeout: HumanDuration,
}

/// Request extension: the certificate that the client proved possession of, DER.
///
/// It chains to one of the listener's client CAs, but may be expired and says nothing about who the
/// client is: look its fingerprint up, and check its dates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerCertificate(pub Option<Arc<[u8]>>);

/// Request extension: where the connection comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemoteAddr(pub SocketAddr);

/// Why a listener could not be opened or went away.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address cannot be listened on.
    #[error("{address} cannot be listened on")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The listener's own address is not known.
    #[error("the listener has no address")]
    NoAddress(#[source] io::Error),
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            handshake_timeout: HumanDuration::from_secs(10),
            header_timeout: HumanDuration::from_secs(30),
            max_connections: 1024,
            max_connection_age: HumanDuration::from_secs(600),
            drain_timeout: HumanDuration::from_secs(60),
        }
    }
}

impl HttpLimits {
    /// What is out of range, each with its key path below `prefix`.
    pub fn faults(&self, prefix: &str) -> Vec<String> {
        let durations = [
            ("handshake_timeout", self.handshake_timeout),
            ("header_timeout", self.header_timeout),
            ("max_connection_age", self.max_connection_age),
        ];
        let mut faults: Vec<String> = durations
            .iter()
            .filter(|(_, duration)| duration.get().is_zero())
            .map(|(key, _)| format!("{prefix}.{key}: must be more than 0"))
            .collect();
        if !(1..=Semaphore::MAX_PERMITS).contains(&self.max_connections) {
            faults.push(format!("{prefix}.max_connections: must be at least 1"));
        }
        faults
    }
}

/// Listens on `address`; port 0 takes a free one.
///
/// # Errors
/// [`ServeError::Bind`].
pub async fn bind(address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| ServeError::Bind { address, source })
}

/// Serves HTTP/1.1 and HTTP/2 over TLS until the daemon stops; returns when every connection ended.
///
/// # Errors
/// [`ServeError`].
pub async fn serve_tls<S, B>(
    listener: TcpListener,
    tls: Arc<Reloadable>,
    service: S,
    limits: HttpLimits,
    lifecycle: &Lifecycle,
) -> Result<(), ServeError>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
{
    serve(listener, Some(tls), service, limits, lifecycle).await
}

/// Serves plain HTTP/1.1 until the daemon stops; returns when every connection ended.
///
/// # Errors
/// [`ServeError`].
pub async fn serve_plain<S, B>(
    listener: TcpListener,
    service: S,
    limits: HttpLimits,
    lifecycle: &Lifecycle,
) -> Result<(), ServeError>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
{
    serve(listener, None, service, limits, lifecycle).await
}

async fn serve<S, B>(
    listener: TcpListener,
    tls: Option<Arc<Reloadable>>,
    service: S,
    limits: HttpLimits,
    lifecycle: &Lifecycle,
) -> Result<(), ServeError>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
{
    let name = listener
        .local_addr()
        .map_err(ServeError::NoAddress)?
        .to_string();
    let places = Arc::new(Semaphore::new(limits.max_connections));
    let connections = TaskTracker::new();
    let stopping = lifecycle.stopping();
    loop {
        let accepted = tokio::select! {
            biased;
            () = stopping.cancelled() => break,
            accepted = accept(&listener, &places) => accepted,
        };
        let Some((stream, remote, place)) = accepted else {
            continue;
        };
        metrics::counter!("http_connections_total", "listener" => name.clone()).increment(1);
        let connection = connection::Connection {
            listener: name.clone(),
            remote,
            // Read anew for each connection: this is what makes a reload take effect.
            tls: tls.as_ref().map(|tls| tls.current()),
            limits,
            stopping: stopping.clone(),
            aborting: lifecycle.aborting(),
        };
        let (service, open) = (service.clone(), OpenConnection::new(name.clone()));
        connections.spawn(async move {
            connection.serve(stream, service).await;
            drop((open, place));
        });
    }
    drop(listener);
    connections.close();
    connections.wait().await;
    Ok(())
}

/// Counts one connection for as long as it is open.
struct OpenConnection(metrics::Gauge);

impl OpenConnection {
    fn new(listener: String) -> Self {
        let open = metrics::gauge!("http_connections_open", "listener" => listener);
        open.increment(1);
        Self(open)
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.decrement(1);
    }
}

/// The next connection and its place among `max_connections`; a free place is waited for first, so
/// that what is too much waits in the operating system's queue.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, remote)) => Some((stream, remote, place)),
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

#[cfg(test)]
mod tests;
