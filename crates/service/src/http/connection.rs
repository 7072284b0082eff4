//! One connection: handshake, requests, end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use hyper::body::{Body, Incoming};
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;
use tower::{Service, ServiceExt as _};

use super::{HttpLimits, PeerCertificate, RemoteAddr};

/// A client could open many cheap streams on one of its few connections.
const MAX_CONCURRENT_STREAMS: u32 = 128;
const MAX_HEADER_BYTES: usize = 32 * 1024;
const MAX_HEADER_LIST: u32 = 32 * 1024;

/// What a connection needs besides the stream and the service.
pub(super) struct Connection {
    pub(super) listener: String,
    pub(super) remote: SocketAddr,
    pub(super) tls: Option<Arc<ServerConfig>>,
    pub(super) limits: HttpLimits,
    pub(super) stopping: CancellationToken,
    pub(super) aborting: CancellationToken,
}

#[derive(Clone, Copy)]
enum Protocol {
    Http1,
    Http2,
}

impl Connection {
    pub(super) async fn serve<S, B>(self, stream: TcpStream, service: S)
    where
        S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
        S: Clone + Send + 'static,
        S::Future: Send,
        B: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
        B: Send + 'static,
    {
        // Answers are small and awaited: do not wait for more to send.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, remote = %self.remote, "no TCP_NODELAY");
        }
        let Some(config) = self.tls.clone() else {
            let peer = PeerCertificate(None);
            return self.requests(stream, Protocol::Http1, peer, service).await;
        };
        let Some(stream) = self.handshake(stream, config).await else {
            return;
        };
        let (_, session) = stream.get_ref();
        let protocol = match session.alpn_protocol() {
            Some(b"h2") => Protocol::Http2,
            _ => Protocol::Http1,
        };
        let peer = session.peer_certificates().and_then(|chain| chain.first());
        let peer = PeerCertificate(peer.map(|certificate| Arc::from(certificate.as_ref())));
        self.requests(stream, protocol, peer, service).await;
    }

    async fn handshake(
        &self,
        stream: TcpStream,
        config: Arc<ServerConfig>,
    ) -> Option<TlsStream<TcpStream>> {
        let handshake = TlsAcceptor::from(config).accept(stream);
        let reason = tokio::select! {
            () = self.aborting.cancelled() => return None,
            done = timeout(self.limits.handshake_timeout.get(), handshake) => match done {
                Ok(Ok(stream)) => return Some(stream),
                Ok(Err(error)) => {
                    tracing::debug!(%error, remote = %self.remote, "TLS handshake failed");
                    "refused"
                }
                Err(_) => {
                    tracing::debug!(remote = %self.remote, "TLS handshake took too long");
                    "timeout"
                }
            },
        };
        let listener = self.listener.clone();
        metrics::counter!("tls_handshake_failures_total", "listener" => listener, "reason" => reason)
            .increment(1);
        None
    }

    async fn requests<I, S, B>(self, io: I, protocol: Protocol, peer: PeerCertificate, service: S)
    where
        I: AsyncRead + AsyncWrite + Unpin + 'static,
        S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
        S: Clone + Send + 'static,
        S::Future: Send,
        B: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
        B: Send + 'static,
    {
        let remote = RemoteAddr(self.remote);
        let service = service.map_request(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(peer.clone());
            request.extensions_mut().insert(remote);
            request
        });
        let builder = builder(protocol, &self.limits);
        let connection =
            builder.serve_connection(TokioIo::new(io), TowerToHyperService::new(service));
        let mut connection = pin!(connection);
        tokio::select! {
            ended = connection.as_mut() => return note_end(&ended, remote),
            () = self.told_to_close() => connection.as_mut().graceful_shutdown(),
        }
        tokio::select! {
            ended = connection.as_mut() => note_end(&ended, remote),
            () = self.aborting.cancelled() => {}
            () = sleep(self.limits.drain_timeout.get()) => {}
        }
    }

    async fn told_to_close(&self) {
        tokio::select! {
            () = sleep(self.limits.max_connection_age.get()) => {}
            () = self.stopping.cancelled() => {}
        }
    }
}

fn note_end<E: std::fmt::Debug>(ended: &Result<(), E>, RemoteAddr(remote): RemoteAddr) {
    if let Err(error) = ended {
        tracing::debug!(?error, %remote, "connection broke");
    }
}

/// The protocol is known from ALPN, or is HTTP/1.1: hyper's own detection waits without bound.
fn builder(protocol: Protocol, limits: &HttpLimits) -> auto::Builder<TokioExecutor> {
    let builder = auto::Builder::new(TokioExecutor::new());
    let mut builder = match protocol {
        Protocol::Http1 => builder.http1_only(),
        Protocol::Http2 => builder.http2_only(),
    };
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout.get())
        .max_buf_size(MAX_HEADER_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(limits.header_timeout.get())
        .keep_alive_timeout(limits.header_timeout.get())
        .max_concurrent_streams(MAX_CONCURRENT_STREAMS)
        .max_header_list_size(MAX_HEADER_LIST);
    builder
}
