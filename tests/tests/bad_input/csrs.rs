//! Certification requests.

use crate::CERTIFICATES;
use crate::device;
use base64::Engine as _;
use blackbox_tests::enrolment::{request, submit};
use blackbox_tests::refusal::Refusals;
use blackbox_tests::{KeyKind, World, statement};
use serde_json::json;
use std::path::{Path, PathBuf};

#[test]
fn requests_that_are_not_well_formed() {
    let world = World::start();
    let refusals = Refusals::watch(&world);
    for file in csr_fixtures() {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        let code = name.split('.').next().unwrap();
        let octets = std::fs::read(&file).unwrap();
        let answer = submit(world.ra(), CERTIFICATES, &device(&pem(&octets)));
        if code == "good" {
            assert!(answer.status < 500, "{name}: {}", answer.text());
        } else {
            refusals.audited(&name, &answer, 422, code);
        }
        let _ = world.audit_from_now();
    }
}

#[test]
fn csrs_that_ask_for_what_nobody_gets() {
    let world = World::start();
    let refusals = Refusals::watch(&world);
    let key = world.key(KeyKind::P256);
    let dns = "subjectAltName=DNS:device-1.example.com";
    let cases: [(&str, &[&str], &str); 5] = [
        ("CA", &["basicConstraints=critical,CA:TRUE"], "csr-asks-ca"),
        (
            "CA's usage",
            &["keyUsage=keyCertSign,cRLSign"],
            "csr-key-usage-not-allowed",
        ),
        (
            "purpose",
            &["extendedKeyUsage=codeSigning"],
            "csr-extended-key-usage-not-allowed",
        ),
        (
            "extension",
            &["nameConstraints=permitted;DNS:example.com"],
            "csr-extension-not-allowed",
        ),
        (
            "name outside",
            &["subjectAltName=DNS:www.example.org"],
            "san-not-allowed",
        ),
    ];
    for (what, extensions, code) in cases {
        let csr = key.csr("/CN=device-1", extensions);
        let answer = submit(world.ra(), CERTIFICATES, &device(&csr));
        refusals.audited(what, &answer, 422, code);
    }
    let server = |csr: String| json!({ "profile": "tls-server", "csr": csr, "statement": statement::device() });
    let wildcard = ["subjectAltName=DNS:*.example.com"];
    let csr = key.csr("/CN=*.example.com", &wildcard);
    let answer = submit(world.ra(), CERTIFICATES, &server(csr));
    refusals.audited("wildcard", &answer, 422, "san-wildcard-not-allowed");
    let csr = key.csr("/CN=www.example.com", &[]);
    let answer = submit(world.ra(), CERTIFICATES, &server(csr));
    refusals.audited("no alternative name", &answer, 422, "san-missing");
    let csr = key.csr("/CN=www.example.com", &[dns]);
    let answer = submit(world.ra(), CERTIFICATES, &server(csr));
    refusals.audited(
        "common name alone",
        &answer,
        422,
        "attribute-not-in-alt-names",
    );

    let mut body = request("esign-individual", &key, "张三");
    body["csr"] = json!(key.csr("/C=CN/CN=李四", &[]));
    let answer = submit(world.ra(), CERTIFICATES, &body);
    refusals.audited("other names in the CSR", &answer, 422, "csr-name-differs");
}

fn csr_fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/pki/tests/fixtures/csr");
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "der"));
    files.sort();
    assert!(files.len() > 40, "the corpus is {} files", files.len());
    files
}

fn pem(der: &[u8]) -> String {
    let base64 = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> = base64
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    let lines = lines.join("\n");
    format!("-----BEGIN CERTIFICATE REQUEST-----\n{lines}\n-----END CERTIFICATE REQUEST-----\n")
}
