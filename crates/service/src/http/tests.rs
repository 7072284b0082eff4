use std::time::Instant;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::*;
use crate::lifecycle::LifecycleLimits;
use crate::testing::{Dates, TestPki};
use crate::tls::{ClientAuth, client_config};

/// Far longer than any of these tests.
const LONG: HumanDuration = HumanDuration::from_secs(3_600);
const SHORT: HumanDuration = HumanDuration::new(Duration::from_millis(50));

struct Server {
    address: SocketAddr,
    lifecycle: Lifecycle,
    serving: JoinHandle<Result<(), ServeError>>,
}

impl Server {
    async fn plain<S, B>(service: S, limits: HttpLimits) -> Self
    where
        S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
        S: Clone + Send + Sync + 'static,
        S::Future: Send,
        B: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
    {
        let listener = bind(([127, 0, 0, 1], 0).into()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let lifecycle = Lifecycle::new(LifecycleLimits::default());
        let daemon = lifecycle.clone();
        let serving =
            tokio::spawn(async move { serve_plain(listener, service, limits, &daemon).await });
        Self {
            address,
            lifecycle,
            serving,
        }
    }

    async fn tls(pki: &TestPki, limits: HttpLimits) -> Self {
        let listener = bind(([127, 0, 0, 1], 0).into()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let lifecycle = Lifecycle::new(LifecycleLimits::default());
        let files = pki.server_files("server", &["ca"]);
        let tls = Arc::new(Reloadable::new(files, ClientAuth::Required).unwrap());
        let daemon = lifecycle.clone();
        let service = tower::service_fn(who_are_you);
        let serving =
            tokio::spawn(async move { serve_tls(listener, tls, service, limits, &daemon).await });
        Self {
            address,
            lifecycle,
            serving,
        }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn end(self) {
        self.lifecycle.stop();
        self.serving.await.unwrap().unwrap();
    }
}

/// Answers with the address and the number of octets of the certificate that it was told.
async fn who_are_you(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let RemoteAddr(remote) = request.extensions().get().copied().unwrap();
    let PeerCertificate(peer) = request.extensions().get().cloned().unwrap();
    let certificate = peer.map_or(0, |certificate_der| certificate_der.len());
    let text = format!("{:?} {} {certificate}", request.version(), remote.ip());
    Ok(Response::new(Full::new(Bytes::from(text))))
}

fn limits() -> HttpLimits {
    HttpLimits {
        handshake_timeout: LONG,
        header_timeout: LONG,
        max_connections: 16,
        max_connection_age: LONG,
        drain_timeout: LONG,
    }
}

fn pki() -> TestPki {
    let pki = TestPki::new();
    pki.ca("ca");
    pki.leaf("ca", "server", Dates::Current);
    pki.leaf("ca", "client", Dates::Past);
    pki
}

async fn connect_tls(pki: &TestPki, server: &Server, protocol: &[u8]) -> TlsStream<TcpStream> {
    let mut config = client_config(&pki.client_files("client", "ca")).unwrap();
    config.alpn_protocols = vec![protocol.to_vec()];
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, server.connect().await)
        .await
        .unwrap()
}

async fn get(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> String {
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    read_all(stream).await
}

async fn read_all(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

#[tokio::test]
async fn requests_carry_address_and_certificate_of_the_client() {
    let pki = pki();
    let server = Server::tls(&pki, limits()).await;
    let pem = std::fs::read_to_string(pki.path("client.pem")).unwrap();
    let der = pki_pem_len(&pem);
    let answer = get(&mut connect_tls(&pki, &server, b"http/1.1").await).await;
    assert!(
        answer.ends_with(&format!("HTTP/1.1 127.0.0.1 {der}")),
        "{answer}"
    );
    server.end().await;
}

fn pki_pem_len(pem: &str) -> usize {
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    base64.trim_end_matches('=').len() * 3 / 4
}

#[tokio::test]
async fn http_2_is_served_to_those_who_ask_for_it() {
    let pki = pki();
    let server = Server::tls(&pki, limits()).await;
    let stream = connect_tls(&pki, &server, b"h2").await;
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
    let connection = tokio::spawn(connection);
    let request = Request::get("https://localhost/")
        .body(Empty::<Bytes>::new())
        .unwrap();
    let response = sender.send_request(request).await.unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert!(body.starts_with(b"HTTP/2.0 127.0.0.1 "), "{body:?}");
    // Stopping closes the connection, although the client would have kept it.
    server.end().await;
    connection.await.unwrap().unwrap();
}

#[tokio::test]
async fn over_plain_http_there_is_no_certificate() {
    let server = Server::plain(tower::service_fn(who_are_you), limits()).await;
    let answer = get(&mut server.connect().await).await;
    assert!(answer.ends_with("HTTP/1.1 127.0.0.1 0"), "{answer}");
    server.end().await;
}

#[tokio::test]
async fn a_client_that_says_nothing_is_cut_off() {
    let pki = pki();
    let handshake = HttpLimits {
        handshake_timeout: SHORT,
        ..limits()
    };
    let server = Server::tls(&pki, handshake).await;
    assert_eq!(read_all(&mut server.connect().await).await, "");
    server.end().await;

    let head = HttpLimits {
        header_timeout: SHORT,
        ..limits()
    };
    let server = Server::plain(tower::service_fn(who_are_you), head).await;
    assert_eq!(read_all(&mut server.connect().await).await, "");
    let mut half = server.connect().await;
    half.write_all(b"GET / HTTP/1.1\r\nHost:").await.unwrap();
    let answer = read_all(&mut half).await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 408"),
        "{answer}"
    );
    server.end().await;
}

#[tokio::test]
async fn a_connection_is_closed_when_it_is_too_old() {
    let age = HttpLimits {
        max_connection_age: SHORT,
        ..limits()
    };
    let server = Server::plain(tower::service_fn(who_are_you), age).await;
    let mut stream = server.connect().await;
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .unwrap();
    let began = Instant::now();
    // Without the limit this would not come to an end: the client keeps the connection.
    let answer = read_all(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(began.elapsed() < LONG.get());
    server.end().await;
}

#[tokio::test]
async fn what_is_too_much_waits_for_a_place() {
    let one = HttpLimits {
        max_connections: 1,
        ..limits()
    };
    let server = Server::plain(tower::service_fn(who_are_you), one).await;
    let mut first = server.connect().await;
    first
        .write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .unwrap();
    let mut begun = [0; 12];
    first.read_exact(&mut begun).await.unwrap();

    let mut second = server.connect().await;
    second
        .write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    let answered = tokio::time::timeout(SHORT.get(), second.read_u8()).await;
    assert!(
        answered.is_err(),
        "a second connection was served beside the only one"
    );
    drop(first);
    assert!(read_all(&mut second).await.starts_with("HTTP/1.1 200"));
    server.end().await;
}

/// Requests that tell when they have begun and end when they are let go.
#[derive(Clone)]
struct Held {
    begun: Arc<Semaphore>,
    let_go: Arc<Semaphore>,
}

impl Held {
    fn new() -> Self {
        Self {
            begun: Arc::new(Semaphore::new(0)),
            let_go: Arc::new(Semaphore::new(0)),
        }
    }

    async fn answer(self) -> Result<Response<Empty<Bytes>>, Infallible> {
        self.begun.add_permits(1);
        self.let_go.acquire().await.unwrap().forget();
        Ok(Response::new(Empty::new()))
    }
}

#[tokio::test]
async fn stopping_finishes_requests_and_takes_no_new_ones() {
    let held = Held::new();
    let service = tower::service_fn({
        let held = held.clone();
        move |_: Request<Incoming>| held.clone().answer()
    });
    let server = Server::plain(service, limits()).await;
    let mut stream = server.connect().await;
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .unwrap();
    held.begun.acquire().await.unwrap().forget();

    server.lifecycle.stop();
    while TcpStream::connect(server.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!server.serving.is_finished());
    held.let_go.add_permits(1);
    assert!(read_all(&mut stream).await.starts_with("HTTP/1.1 200"));
    server.serving.await.unwrap().unwrap();
}

#[tokio::test]
async fn breaking_off_ends_requests_that_do_not_end() {
    let held = Held::new();
    let service = tower::service_fn({
        let held = held.clone();
        move |_: Request<Incoming>| held.clone().answer()
    });
    let server = Server::plain(service, limits()).await;
    let mut stream = server.connect().await;
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .unwrap();
    held.begun.acquire().await.unwrap().forget();

    server.lifecycle.stop();
    server.lifecycle.aborting().cancel();
    server.serving.await.unwrap().unwrap();
    assert_eq!(read_all(&mut stream).await, "");
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let listener = bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let refused = bind(address).await.unwrap_err();
    assert!(
        refused.to_string().starts_with(&address.to_string()),
        "{refused}"
    );
}

#[test]
fn limits_of_nothing_are_faults() {
    let none = HttpLimits {
        header_timeout: HumanDuration::from_secs(0),
        max_connections: 0,
        ..limits()
    };
    assert_eq!(
        none.faults("api.limits"),
        [
            "api.limits.header_timeout: must be more than 0",
            "api.limits.max_connections: must be at least 1"
        ]
    );
    assert_eq!(HttpLimits::default().faults("limits"), Vec::<String>::new());
}
