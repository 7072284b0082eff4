//! Each judge approves of what is right and, so that its approval means something, refuses what
//! is not. The documents are made by OpenSSL, not by us.

mod scopes;

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::*;
use crate::command::run_well;

/// A root, an issuing CA, a good, a revoked and a careless certificate, CRLs and OCSP responses.
struct Fixture(TempDir);

impl Fixture {
    fn new() -> Self {
        let fixture = Self(tempfile::tempdir().unwrap());
        std::fs::write(
            fixture.path().join("pki.cnf"),
            include_str!("tests/pki.cnf"),
        )
        .unwrap();
        fixture.sh(include_str!("tests/pki.sh"));
        fixture
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn sh(&self, script: &str) -> String {
        run_well(
            Command::new("sh")
                .args(["-ec", script])
                .current_dir(self.path()),
        )
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path().join(name)).unwrap()
    }

    /// The file with its last octet, part of the signature, changed.
    fn spoilt(&self, name: &str) -> Vec<u8> {
        let mut der = self.read(name);
        *der.last_mut().unwrap() ^= 1;
        der
    }
}

#[test]
fn openssl_judges_chains() {
    let files = Fixture::new();
    let (root, issuing) = (files.read("root.der"), files.read("issuing.der"));
    let (good, revoked) = (files.read("good.der"), files.read("revoked.der"));
    let (crl, root_crl) = (files.read("issuing.crl"), files.read("root.crl"));
    let chain = Chain {
        root: &root,
        intermediates: &[&issuing],
        end: &good,
        crls: &[&crl, &root_crl],
        at: None,
    };
    OpenSsl::verify_chain(&chain).unwrap();

    let refused = |chain: Chain<'_>| OpenSsl::verify_chain(&chain).unwrap_err();
    let spoilt = files.spoilt("good.der");
    assert!(
        refused(Chain {
            end: &spoilt,
            ..chain
        })
        .mentions("signature failure")
    );
    assert!(
        refused(Chain {
            end: &revoked,
            ..chain
        })
        .mentions("certificate revoked")
    );
    assert!(
        refused(Chain {
            intermediates: &[],
            ..chain
        })
        .mentions("unable to get local issuer")
    );
    assert!(
        refused(Chain {
            crls: &[&crl],
            ..chain
        })
        .mentions("unable to get certificate CRL")
    );
    assert!(
        refused(Chain {
            at: Some(0),
            ..chain
        })
        .mentions("not yet valid")
    );
    let spoilt_root = files.spoilt("root.der");
    assert!(
        refused(Chain {
            root: &spoilt_root,
            ..chain
        })
        .mentions("signature failure")
    );
}

#[test]
fn openssl_judges_crls() {
    let files = Fixture::new();
    let (issuing, root) = (files.read("issuing.der"), files.read("root.der"));
    let text = OpenSsl::verify_crl(&issuing, &files.read("issuing.crl")).unwrap();
    assert!(text.contains("Key Compromise"));
    assert!(OpenSsl::verify_crl(&issuing, &files.spoilt("issuing.crl")).is_err());
    assert!(OpenSsl::verify_crl(&root, &files.read("issuing.crl")).is_err());
    assert!(OpenSsl::verify_crl(&issuing, b"no CRL").is_err());
}

#[test]
fn openssl_judges_requests() {
    let files = Fixture::new();
    let text = OpenSsl::verify_request(&files.read("good.csr")).unwrap();
    assert!(text.contains("CN = Someone"));
    assert!(OpenSsl::verify_request(&files.spoilt("good.csr")).is_err());
    assert!(OpenSsl::verify_request(b"no request").is_err());
}

#[test]
fn openssl_judges_ocsp_responses() {
    let files = Fixture::new();
    let (root, issuing) = (files.read("root.der"), files.read("issuing.der"));
    let ask = |certificate: &str, response: &[u8]| {
        OpenSsl::verify_ocsp(&root, &issuing, &files.read(certificate), response)
    };
    let good = files.read("good.ocsp");
    assert_eq!(ask("good.der", &good).unwrap(), OcspAnswer::Good);
    let revoked = files.read("revoked.ocsp");
    assert_eq!(ask("revoked.der", &revoked).unwrap(), OcspAnswer::Revoked);
    let unknown = files.read("careless.ocsp");
    assert_eq!(ask("careless.der", &unknown).unwrap(), OcspAnswer::Unknown);

    assert!(ask("revoked.der", &good).is_err());
    assert!(ask("good.der", &files.read("foreign.ocsp")).is_err());
    assert!(ask("good.der", &good[..good.len() - 1]).is_err());
    assert!(ask("good.der", &files.read("stale.ocsp")).is_err());
}

#[test]
fn openssl_cannot_ask_a_responder_that_is_not_there() {
    let files = Fixture::new();
    let (root, issuing) = (files.read("root.der"), files.read("issuing.der"));
    let url = format!("http://127.0.0.1:{}/", crate::free_port());
    let asked = OpenSsl::ask_ocsp(&root, &issuing, &files.read("good.der"), &url, "sha256");
    assert!(asked.is_err());
}

#[test]
fn openssl_shows_certificates() {
    let files = Fixture::new();
    let text = OpenSsl::certificate_text(&files.read("good.der")).unwrap();
    assert!(text.contains("CN = Someone"));
    assert!(OpenSsl::certificate_text(b"no certificate").is_err());
}

#[test]
fn gnutls_judges_chains_crls_and_responses() {
    let files = Fixture::new();
    let (root, issuing, good) = (
        files.read("root.der"),
        files.read("issuing.der"),
        files.read("good.der"),
    );
    GnuTls::verify_chain(&root, &[&good, &issuing]).unwrap();
    assert!(GnuTls::verify_chain(&root, &[&files.spoilt("good.der"), &issuing]).is_err());
    assert!(GnuTls::verify_chain(&root, &[&good]).is_err());

    GnuTls::verify_crl(&issuing, &files.read("issuing.crl")).unwrap();
    assert!(GnuTls::verify_crl(&issuing, &files.spoilt("issuing.crl")).is_err());
    assert!(GnuTls::verify_crl(&root, &files.read("issuing.crl")).is_err());

    GnuTls::verify_ocsp(&issuing, &files.read("good.ocsp")).unwrap();
    assert!(GnuTls::verify_ocsp(&issuing, &files.read("foreign.ocsp")).is_err());
}

#[test]
fn pkilint_judges_certificates() {
    let files = Fixture::new();
    let (issuing, good) = (files.read("issuing.der"), files.read("good.der"));
    Pkilint::judge(Document::Certificate(&good), &[]).unwrap();
    let (issuer, certificate) = (issuing.as_slice(), good.as_slice());
    let chain = Document::IssuedBy {
        issuer,
        certificate,
    };
    Pkilint::judge(chain, &[]).unwrap();

    let careless = files.read("careless.der");
    let refused = Pkilint::judge(Document::Certificate(&careless), &[]).unwrap_err();
    assert!(refused.mentions("ERROR"), "{refused}");
    let root = files.read("root.der");
    let foreign = Document::IssuedBy {
        issuer: &root,
        certificate,
    };
    let refused = Pkilint::judge(foreign, &[]).unwrap_err();
    assert!(
        refused.mentions("pkix.signature_verification_failed"),
        "{refused}"
    );
    assert!(Pkilint::judge(Document::Certificate(b"no certificate"), &[]).is_err());
}

#[test]
fn pkilint_allows_what_the_list_allows_and_nothing_else() {
    let files = Fixture::new();
    let careless = files.read("careless.der");
    let document = Document::Certificate(&careless);
    let findings = Pkilint::findings(document).unwrap();
    let codes: Vec<&'static str> = findings
        .iter()
        .map(|finding| &*finding.code.clone().leak())
        .collect();
    let reason = "the certificate is careless on purpose";
    let all: Vec<Allowed> = codes.iter().map(|code| Allowed { code, reason }).collect();
    Pkilint::judge(document, &all).unwrap();
    let last = all.last().unwrap().code;
    let but_last: Vec<Allowed> = all
        .iter()
        .copied()
        .filter(|rule| rule.code != last)
        .collect();
    assert!(
        Pkilint::judge(document, &but_last)
            .unwrap_err()
            .mentions(last)
    );
}

#[test]
fn pkilint_judges_crls_and_responses() {
    let files = Fixture::new();
    Pkilint::judge(Document::Crl(&files.read("issuing.crl")), &[]).unwrap();
    Pkilint::judge(Document::AuthorityCrl(&files.read("root.crl")), &[]).unwrap();
    let bare = files.read("bare.crl");
    let refused = Pkilint::judge(Document::Crl(&bare), &[]).unwrap_err();
    assert!(refused.mentions("pkix.crl_number_missing"), "{refused}");

    let good = files.read("good.ocsp");
    Pkilint::judge(Document::OcspResponse(&good), &[]).unwrap();
    assert!(Pkilint::judge(Document::OcspResponse(&good[..good.len() - 1]), &[]).is_err());
}
