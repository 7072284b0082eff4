//! TLS towards the CA: our certificate, and one root to trust.

use std::sync::Arc;

use rustls::{ClientConfig as TlsConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};

use crate::{client_config::ClientConfig, failure::Failure, files};

/// TLS 1.3 with the configured client certificate; trusts the configured CA and no other.
pub(crate) fn client_config(config: &ClientConfig) -> Result<TlsConfig, Failure> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(&config.ca)? {
        roots.add(certificate).map_err(|error| {
            Failure::config("this certificate cannot be a trust anchor")
                .in_file(&config.ca)
                .because(&error)
        })?;
    }
    let chain = certificates(&config.certificate)?;
    let key = files::read_secret(&config.key, "the private key of the TLS certificate")
        .map_err(Failure::into_config)?;
    let key = PrivateKeyDer::from_pem_slice(&key).map_err(|error| {
        Failure::config("this is no private key in PEM")
            .in_file(&config.key)
            .because(&error)
    })?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    TlsConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|error| Failure::internal("TLS 1.3 is not available").because(&error))?
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, key)
        .map_err(|error| {
            Failure::config("certificate and private key do not belong together")
                .in_file(&config.key)
                .because(&error)
        })
}

fn certificates(path: &std::path::Path) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let text = files::read(path, "the certificate").map_err(Failure::into_config)?;
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<_, _>>()
        .map_err(|error| {
            Failure::config("this is no PEM")
                .in_file(path)
                .because(&error)
        })?;
    if certificates.is_empty() {
        return Err(Failure::config("there is no certificate in PEM").in_file(path));
    }
    Ok(certificates)
}
