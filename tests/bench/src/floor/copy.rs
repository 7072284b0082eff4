//! Copying octets over one mutual TLS connection into a file, and nothing else.

use std::{
    convert::Infallible,
    fs::File,
    io::Write as _,
    net::SocketAddr,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, header, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use rustls::{RootCertStore, ServerConfig, server::WebPkiClientVerifier};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::connection::{Address, Body, Connection};

/// What is served, with the certificate of ca-daemon and for its followers.
pub(crate) struct Server {
    tls: TlsAcceptor,
    octets: Bytes,
}

impl Server {
    /// Takes the TLS files of ca-daemon in the directory of a world.
    ///
    /// # Errors
    /// A file cannot be read.
    pub(crate) fn new(run: &Path, octets: Bytes) -> anyhow::Result<Self> {
        let files = run.join("ca");
        let mut roots = RootCertStore::empty();
        for root in CertificateDer::pem_file_iter(files.join("management.pem"))? {
            roots.add(root?)?;
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let clients =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
        let chain = CertificateDer::pem_file_iter(files.join("server.pem"))?;
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(clients.build()?)
            .with_single_cert(
                chain.collect::<Result<_, _>>()?,
                PrivateKeyDer::from_pem_file(files.join("server.key"))?,
            )?;
        Ok(Self {
            tls: TlsAcceptor::from(Arc::new(config)),
            octets,
        })
    }
}

/// Copies what `server` has into a file as the follower of `address`, and gives the time that it took
/// from the request until the file is synced.
///
/// # Errors
/// The connection breaks, or the file cannot be written.
pub(crate) async fn copy(server: &Server, address: Address, to: &Path) -> anyhow::Result<Duration> {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let address = address.at(listener.local_addr()?);
    let (tls, octets) = (server.tls.clone(), server.octets.clone());
    let serving = tokio::spawn(async move {
        let (stream, _) = listener.accept().await?;
        let stream = TokioIo::new(tls.accept(stream).await?);
        let answer = service_fn(move |_: Request<hyper::body::Incoming>| {
            let body = Full::new(octets.clone());
            async { Ok::<_, Infallible>(Response::new(body)) }
        });
        http1::Builder::new()
            .serve_connection(stream, answer)
            .await?;
        anyhow::Ok(())
    });
    let mut connection = Connection::open(&address).await?;
    let begun = Instant::now();
    let request = Request::get("/").header(header::HOST, "127.0.0.1");
    let answer = connection.ask(request.body(Body::default())?).await?;
    let mut file = File::create(to)?;
    let mut body = answer.into_body();
    while let Some(frame) = body.frame().await {
        let piece = frame?.into_data().ok().context("trailers")?;
        file.write_all(&piece)?;
    }
    file.sync_all()?;
    let took = begun.elapsed();
    drop(connection);
    serving.await??;
    Ok(took)
}
