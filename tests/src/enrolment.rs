//! Requests that the shipped policies permit, and the certificates that they get.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use api::IssuedBody;
use serde_json::{Value, json};
use testkit::judges::{Chain, OpenSsl, Verdict};

use crate::client::{Answer, Client};
use crate::command::run_well;
use crate::key::Key;
use crate::statement;

/// The profiles for which `ra-1` is registered.
pub const PROFILES: [&str; 5] = [
    "esign-individual",
    "esign-organization",
    "tls-server",
    "tls-client",
    "device",
];

/// A body for `POST /v1/certificates` that the policy permits, to be spoilt.
pub fn request(profile: &str, key: &Key, name: &str) -> Value {
    json!({
        "profile": profile,
        "csr": csr(profile, key, name),
        "statement": statement_for(profile, name),
    })
}

/// A CSR as the profile wants it: with names where the profile takes them from there.
pub fn csr(profile: &str, key: &Key, name: &str) -> String {
    let dns = format!("subjectAltName=DNS:{name}.example.com");
    match profile {
        "tls-server" => key.csr(&format!("/O=Example/CN={name}.example.com"), &[&dns]),
        "tls-client" | "device" => key.csr(&format!("/O=Example/CN={name}"), &[&dns]),
        _ => key.csr("/", &[]),
    }
}

/// A statement as the profile wants it.
pub fn statement_for(profile: &str, name: &str) -> Value {
    match profile {
        "esign-individual" => statement::individual(name),
        "esign-organization" => statement::organization(name),
        _ => statement::device(),
    }
}

/// Sends a body with a new idempotency key.
#[track_caller]
pub fn submit(ra: &Client, path: &str, body: &Value) -> Answer {
    ra.submit(path, &new_key(), body)
}

/// Asks for a first certificate, which must be issued.
#[track_caller]
pub fn enroll(ra: &Client, profile: &str, key: &Key, name: &str) -> IssuedBody {
    let body = request(profile, key, name);
    submit(ra, api::routes::CERTIFICATES, &body)
        .expect(201)
        .read()
}

/// An idempotency key that was never used.
pub fn new_key() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(1);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    format!("{}-{number}", std::process::id())
}

/// The path of something that is done to a certificate, such as `api::routes::RENEW`.
pub fn path(route: &str, serial: impl std::fmt::Display) -> String {
    route.replace("{serial}", &format!("{serial}"))
}

/// Whether OpenSSL accepts the certificate below the root.
///
/// # Errors
/// What OpenSSL found.
pub fn verify(issued: &IssuedBody) -> Verdict {
    let end = der(issued
        .certificate
        .certificate
        .as_deref()
        .unwrap_or_default());
    let chain: Vec<Vec<u8>> = issued.chain.iter().map(|pem| der(pem)).collect();
    let (root, intermediates) = chain.split_last().expect("a chain ends with the root");
    let intermediates: Vec<&[u8]> = intermediates.iter().map(Vec::as_slice).collect();
    OpenSsl::verify_chain(&Chain {
        root,
        intermediates: &intermediates,
        end: &end,
        ..Chain::default()
    })
}

/// DER of a PEM text.
pub fn der(pem: &str) -> Vec<u8> {
    let lines = pem.lines().filter(|line| !line.starts_with("-----"));
    let base64: String = lines.collect();
    let engine = &base64::engine::general_purpose::STANDARD;
    base64::Engine::decode(engine, base64).expect("PEM")
}

/// What `openssl crl -text` says of a DER list.
pub fn crl_text(path: &Path) -> String {
    let mut command = Command::new("openssl");
    command.args(["crl", "-inform", "DER", "-noout", "-text", "-in"]);
    run_well(command.arg(path))
}
