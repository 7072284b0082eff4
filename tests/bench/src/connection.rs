//! One HTTP/1.1 connection that is kept: plain, or TLS with a client certificate.

use std::{net::SocketAddr, path::Path, sync::Arc};

use anyhow::Context as _;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, body::Incoming, client::conn::http1::SendRequest};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

/// The body of requests.
pub(crate) type Body = Full<Bytes>;

/// Where to connect to, and as whom.
#[derive(Clone)]
pub(crate) struct Address {
    address: SocketAddr,
    tls: Option<Arc<ClientConfig>>,
}

/// One connection.
pub(crate) struct Connection {
    sender: SendRequest<Body>,
}

impl Address {
    /// A plain listener.
    pub(crate) fn plain(address: SocketAddr) -> Self {
        Self { address, tls: None }
    }

    /// A TLS listener; the files are PEM.
    ///
    /// # Errors
    /// A file cannot be read.
    pub(crate) fn tls(
        address: SocketAddr,
        certificate: &Path,
        key: &Path,
        roots: &Path,
    ) -> anyhow::Result<Self> {
        let mut trusted = RootCertStore::empty();
        for root in CertificateDer::pem_file_iter(roots)? {
            trusted.add(root?)?;
        }
        let chain = CertificateDer::pem_file_iter(certificate)?.collect::<Result<Vec<_>, _>>()?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(trusted)
            .with_client_auth_cert(chain, PrivateKeyDer::from_pem_file(key)?)?;
        Ok(Self {
            address,
            tls: Some(Arc::new(config)),
        })
    }

    /// The same at another place.
    pub(crate) fn at(self, address: SocketAddr) -> Self {
        Self { address, ..self }
    }
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// No connection, or no TLS.
    pub(crate) async fn open(to: &Address) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(to.address).await?;
        stream.set_nodelay(true)?;
        let sender = match &to.tls {
            None => handshake(stream).await?,
            Some(config) => {
                let name = ServerName::from(to.address.ip());
                let connector = TlsConnector::from(Arc::clone(config));
                handshake(connector.connect(name, stream).await.context("TLS")?).await?
            }
        };
        Ok(Self { sender })
    }

    /// Sends a request; gives status and body of the answer.
    ///
    /// # Errors
    /// The connection broke.
    pub(crate) async fn send(&mut self, request: Request<Body>) -> anyhow::Result<(u16, Bytes)> {
        let response = self.ask(request).await?;
        let status = response.status().as_u16();
        Ok((status, response.into_body().collect().await?.to_bytes()))
    }

    /// Sends a request; the answer's body is still to come.
    ///
    /// # Errors
    /// The connection broke.
    pub(crate) async fn ask(
        &mut self,
        request: Request<Body>,
    ) -> anyhow::Result<Response<Incoming>> {
        self.sender.ready().await?;
        Ok(self.sender.send_request(request).await?)
    }
}

async fn handshake(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
) -> anyhow::Result<SendRequest<Body>> {
    let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    // Its end shows at the next request.
    tokio::spawn(connection);
    Ok(sender)
}
