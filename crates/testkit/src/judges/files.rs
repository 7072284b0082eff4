//! Handing DER to programs that want files.

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;

/// A directory of files for one run of a judge.
pub(super) struct Files(TempDir);

impl Files {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary directory can be made"))
    }

    /// Writes DER objects as one PEM file.
    pub(super) fn pem(&self, name: &str, label: &str, objects: &[&[u8]]) -> PathBuf {
        let text: String = objects.iter().map(|der| pem(label, der)).collect();
        self.write(name, text.as_bytes())
    }

    /// Writes octets as they are.
    pub(super) fn write(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).expect("a temporary file can be written");
        path
    }
}

/// RFC 7468.
fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut lines = String::new();
    for line in text.as_bytes().chunks(64) {
        lines.push_str(&String::from_utf8_lossy(line));
        lines.push('\n');
    }
    format!("-----BEGIN {label}-----\n{lines}-----END {label}-----\n")
}

pub(super) const CERTIFICATE: &str = "CERTIFICATE";
pub(super) const CRL: &str = "X509 CRL";
