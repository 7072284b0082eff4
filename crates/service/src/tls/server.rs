//! The listening side.

use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::version::TLS13;
use serde::Deserialize;

use super::files::{read_certificates, read_key, read_roots};
use super::verifier::PassExpired;
use super::{ALPN, TlsError, provider};

/// Who we are to clients, and whose certificates they may show.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsFiles {
    /// Our certificate, then any intermediates; PEM.
    pub certificate: PathBuf,
    /// Our private key; PEM, readable by us alone.
    pub key: PathBuf,
    /// The CAs of clients' certificates: the management CA and any others whose certificates are
    /// pinned; PEM, each file one or more.
    #[serde(default)]
    pub client_ca: Vec<PathBuf>,
}

/// Whether clients must show a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientAuth {
    /// None or a foreign one ends the handshake with an alert. One of a client CA passes, **also
    /// when it is expired**, so that the application can say so with an error of its own: it must
    /// look the certificate up and check its dates for every request.
    Required,
    /// Clients are not asked.
    None,
}

/// A server configuration that can be read anew while connections are served.
#[derive(Debug)]
pub struct Reloadable {
    files: TlsFiles,
    client_auth: ClientAuth,
    current: ArcSwap<ServerConfig>,
}

impl Reloadable {
    /// Reads the files for the first time.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn new(files: TlsFiles, client_auth: ClientAuth) -> Result<Self, TlsError> {
        let current = ArcSwap::from_pointee(server_config(&files, client_auth)?);
        Ok(Self {
            files,
            client_auth,
            current,
        })
    }

    /// What the next connection is to be served with.
    pub fn current(&self) -> Arc<ServerConfig> {
        self.current.load_full()
    }

    /// Reads the files again; open connections keep what they have.
    ///
    /// # Errors
    /// [`TlsError`]; what was there before stays in use.
    pub fn reload(&self) -> Result<(), TlsError> {
        self.current
            .store(Arc::new(server_config(&self.files, self.client_auth)?));
        Ok(())
    }
}

/// Reads the files into a configuration for TLS 1.3, HTTP/2 preferred.
///
/// # Errors
/// [`TlsError`].
pub fn server_config(files: &TlsFiles, client_auth: ClientAuth) -> Result<ServerConfig, TlsError> {
    let builder = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS13])
        .map_err(TlsError::Pair)?;
    let builder = match client_auth {
        ClientAuth::None => builder.with_no_client_auth(),
        ClientAuth::Required => builder.with_client_cert_verifier(client_verifier(files)?),
    };
    let mut config = builder
        .with_single_cert(
            read_certificates(&files.certificate)?,
            read_key(&files.key)?,
        )
        .map_err(TlsError::Pair)?;
    config.alpn_protocols = ALPN.map(<[u8]>::to_vec).to_vec();
    // A resumed session would carry a certificate that nobody verified again.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

fn client_verifier(files: &TlsFiles) -> Result<Arc<PassExpired>, TlsError> {
    if files.client_ca.is_empty() {
        return Err(TlsError::NoClientCa);
    }
    let roots = Arc::new(read_roots(&files.client_ca)?);
    let webpki = WebPkiClientVerifier::builder_with_provider(roots, provider())
        .build()
        .map_err(TlsError::Verifier)?;
    Ok(Arc::new(PassExpired::new(webpki)))
}
