//! The outgoing side: one of our processes calls another.

use std::path::PathBuf;

use rustls::ClientConfig;
use rustls::client::Resumption;
use rustls::version::TLS13;
use serde::Deserialize;

use super::files::{read_certificates, read_key, read_roots};
use super::{ALPN, TlsError, provider};

/// Who we are to a server, and which servers we believe.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientTlsFiles {
    /// Our certificate, then any intermediates; PEM.
    pub certificate: PathBuf,
    /// Our private key; PEM, readable by us alone.
    pub key: PathBuf,
    /// The CAs of the server's certificate; PEM.
    pub roots: PathBuf,
}

/// Reads the files into a configuration for TLS 1.3 with our certificate, HTTP/2 preferred.
///
/// # Errors
/// [`TlsError`].
pub fn client_config(files: &ClientTlsFiles) -> Result<ClientConfig, TlsError> {
    let roots = read_roots(std::slice::from_ref(&files.roots))?;
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS13])
        .map_err(TlsError::Pair)?
        .with_root_certificates(roots)
        .with_client_auth_cert(
            read_certificates(&files.certificate)?,
            read_key(&files.key)?,
        )
        .map_err(TlsError::Pair)?;
    config.alpn_protocols = ALPN.map(<[u8]>::to_vec).to_vec();
    // The server gives no tickets, see server_config.
    config.resumption = Resumption::disabled();
    Ok(config)
}
