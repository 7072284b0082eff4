//! OCSP requests of every kind, and what an answer says.

use std::path::Path;
use std::process::Command;

use blackbox_tests::{Answer, Client, World, run_well};
use reqwest::Method;
use testkit::wait_until;

use crate::der;
use crate::scene::Issued;

/// A request by OpenSSL about serial numbers (hexadecimal) of one issuer, without a nonce.
pub fn request(issuer: &Path, digest: &str, serials: &[&str]) -> Vec<u8> {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut command = Command::new("openssl");
    command.args(["ocsp", "-no_nonce", "-issuer"]).arg(issuer);
    for serial in serials {
        command.arg(format!("-{digest}"));
        command.args(["-serial", &format!("0x{serial}")]);
    }
    run_well(command.arg("-reqout").arg(file.path()));
    std::fs::read(file.path()).unwrap()
}

/// The same request with a nonce of so many octets (RFC 9654 section 2.1).
pub fn with_nonce(request: &[u8], octets: usize) -> Vec<u8> {
    let nonce: Vec<u8> = (0..octets)
        .map(|n| u8::try_from(n % 251).unwrap())
        .collect();
    with_nonce_value(request, &der::element(0x04, &[&nonce]))
}

/// The same request with an extension for a nonce that holds these octets.
pub fn with_nonce_value(request: &[u8], value: &[u8]) -> Vec<u8> {
    const NONCE: &[u8] = &[0x06, 0x09, 0x2b, 6, 1, 5, 5, 7, 0x30, 1, 2];
    let (tbs, _) = der::split(request).unwrap();
    let (list, _) = der::split(tbs).unwrap();
    let extension = der::element(0x30, &[NONCE, &der::element(0x04, &[value])]);
    let extensions = der::element(0xa2, &[&der::element(0x30, &[&extension])]);
    der::element(0x30, &[&der::element(0x30, &[list, &extensions])])
}

/// A request about a certificate of the internal CA.
pub fn about(world: &World, issued: &Issued) -> Vec<u8> {
    request(&world.issuer("internal-ca"), "sha256", &[&issued.serial])
}

/// Waits until a responder has heard of a certificate: it hears of it from the feed, some time
/// after the RA's 201.
pub fn wait_until_known(client: &Client, request: &[u8], issued: &Issued) {
    wait_until("the responder knows the certificate", || {
        let answer = post(client, request);
        response_status(&answer) == ResponseStatus::Successful
            && cert_status(&answer.body, &issued.serial) == CertStatus::Good
    });
}

/// Asks over POST.
pub fn post(client: &Client, request: &[u8]) -> Answer {
    let headers = [("content-type", "application/ocsp-request")];
    client.send(Method::POST, "/", &headers, request.to_vec())
}

/// Asks over GET, as RFC 6960 appendix A.1 encodes a request.
pub fn get(client: &Client, request: &[u8], headers: &[(&str, &str)]) -> Answer {
    client.send(Method::GET, &get_path(request), headers, Vec::new())
}

/// The path of a GET.
pub fn get_path(request: &[u8]) -> String {
    let encoded = base64(request)
        .replace('+', "%2B")
        .replace('/', "%2F")
        .replace('=', "%3D");
    format!("/{encoded}")
}

pub fn base64(octets: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(octets)
}

/// responseStatus (RFC 6960 section 4.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseStatus {
    Successful,
    Malformed,
    TryLater,
    Unauthorized,
    Other(u8),
}

/// The responseStatus of an answer, which must be one whole OCSP response in a 200.
#[track_caller]
pub fn response_status(answer: &Answer) -> ResponseStatus {
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(
        answer.header("content-type"),
        Some("application/ocsp-response")
    );
    assert!(
        der::is_whole(&answer.body),
        "not one DER element: {answer:?}"
    );
    let (contents, _) = der::split(&answer.body).unwrap();
    assert_eq!(contents[..2], [0x0a, 1], "no ENUMERATED first");
    match contents[2] {
        0 => ResponseStatus::Successful,
        1 => ResponseStatus::Malformed,
        3 => ResponseStatus::TryLater,
        6 => ResponseStatus::Unauthorized,
        other => ResponseStatus::Other(other),
    }
}

/// certStatus of one certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertStatus {
    Good,
    Revoked,
    Unknown,
}

/// What a response says of a serial number: certStatus comes straight after it (RFC 6960
/// section 4.2.1). The judges look at the rest.
#[track_caller]
pub fn cert_status(response: &[u8], serial: &str) -> CertStatus {
    let serial = integer(serial);
    let at = der::find(response, &serial).expect("the serial number in the response");
    match response[at + serial.len()] {
        0x80 => CertStatus::Good,
        0xa1 => CertStatus::Revoked,
        0x82 => CertStatus::Unknown,
        tag => panic!("no certStatus: {tag:#x}"),
    }
}

/// A positive INTEGER.
fn integer(hexadecimal: &str) -> Vec<u8> {
    let mut octets = hex::decode(hexadecimal).unwrap();
    if octets[0] >= 0x80 {
        octets.insert(0, 0);
    }
    der::element(0x02, &[&octets])
}

/// Asks about one certificate over POST and expects a signed answer.
#[track_caller]
pub fn status(client: &Client, request: &[u8], serial: &str) -> CertStatus {
    let answer = post(client, request);
    assert_eq!(response_status(&answer), ResponseStatus::Successful);
    cert_status(&answer.body, serial)
}
