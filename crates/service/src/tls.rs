//! TLS 1.3 for both ends, with keys and certificates from files.
//!
//! Signatures, chains and names are checked by rustls and webpki on aws-lc. What is our own is one
//! decision: a client certificate that is good but expired passes, see [`ClientAuth::Required`].

mod client;
mod files;
mod server;
mod verifier;

use std::path::PathBuf;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs;

use crate::fs::SecretError;

pub use client::{ClientTlsFiles, client_config};
pub use server::{ClientAuth, Reloadable, TlsFiles, server_config};

/// Protocols behind TLS (RFC 7301), the preferred one first.
const ALPN: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// Why keys and certificates cannot be used for TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file of certificates cannot be read.
    #[error("{} cannot be read", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file holds no certificate, or something that is not PEM.
    #[error("{} holds no certificates in PEM", .path.display())]
    Certificates {
        /// The file.
        path: PathBuf,
    },
    /// The key file may not be read, or not by us alone.
    #[error("the private key cannot be read")]
    Key(#[from] SecretError),
    /// The key file holds no private key.
    #[error("{} holds no private key in PEM", .path.display())]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// A certificate in it cannot be a trust anchor.
    #[error("{} cannot be trusted", .path.display())]
    Root {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: rustls::Error,
    },
    /// Clients must show certificates, but no CA of theirs is named.
    #[error("client certificates are required, but client_ca names no file")]
    NoClientCa,
    /// The key does not belong to the certificate, or is of a kind that TLS 1.3 does not use.
    #[error("key and certificate cannot be used")]
    Pair(#[source] rustls::Error),
    /// The client CAs cannot be used.
    #[error("client CAs cannot be used")]
    Verifier(#[source] rustls::server::VerifierBuilderError),
}

/// Makes aws-lc the process's cryptography for TLS, also for libraries that ask for a default.
///
/// Does nothing the second time.
pub fn install_provider() {
    // The error carries the provider that lost the race; it is the same one.
    let _ = CryptoProvider::install_default(aws_lc_rs::default_provider());
}

fn provider() -> Arc<CryptoProvider> {
    install_provider();
    CryptoProvider::get_default()
        .map_or_else(|| Arc::new(aws_lc_rs::default_provider()), Arc::clone)
}

#[cfg(test)]
mod tests;
