//! Certificates as files.

use std::path::Path;

use api::IssuedBody;
use pki::Certificate;

use crate::{failure::Failure, files};

/// The certificate that was issued, PEM.
pub(crate) fn certificate(issued: &IssuedBody) -> Result<&str, Failure> {
    issued
        .certificate
        .certificate
        .as_deref()
        .ok_or_else(|| Failure::internal("the CA's answer has no certificate"))
}

/// Writes the certificate, the chain above it with the root, and what a TLS server sends: the
/// certificate and the chain without the root (RFC 8446 section 4.4.2).
pub(crate) fn write(
    issued: &IssuedBody,
    out: &Path,
    chain: Option<&Path>,
    full_chain: Option<&Path>,
) -> Result<(), Failure> {
    let leaf = certificate(issued)?;
    files::write(out, ended(leaf).as_bytes())?;
    if let Some(path) = chain {
        let chain: String = issued.chain.iter().map(|pem| ended(pem)).collect();
        files::write(path, chain.as_bytes())?;
    }
    if let Some(path) = full_chain {
        let above = without_root(&issued.chain)?;
        let chain: String = [leaf].into_iter().chain(above).map(ended).collect();
        files::write(path, chain.as_bytes())?;
    }
    Ok(())
}

/// PEM text that ends in one line feed.
pub(crate) fn ended(pem: &str) -> String {
    format!("{}\n", pem.trim_end())
}

fn without_root(chain: &[String]) -> Result<Vec<&str>, Failure> {
    let mut above = Vec::new();
    for pem in chain {
        let certificate = Certificate::parse_pem(pem).map_err(|error| {
            Failure::internal("the CA's answer has a malformed chain").because(&error)
        })?;
        if certificate.issuer_der() != certificate.subject_der() {
            above.push(pem.as_str());
        }
    }
    Ok(above)
}
