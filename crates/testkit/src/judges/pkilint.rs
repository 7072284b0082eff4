//! pkilint: is a certificate, CRL or OCSP response what the standards say? It verifies no
//! signature of CRLs and OCSP responses; the other judges do.

use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use super::files::Files;
use super::{Refusal, Verdict};
use crate::command::{Said, repository, run};

/// The linters of pkilint, from the virtual environment `.venv` in the repository's root.
#[derive(Debug, Clone, Copy)]
pub struct Pkilint;

/// What is to be linted, as DER.
#[derive(Debug, Clone, Copy)]
pub enum Document<'a> {
    /// Any certificate, by RFC 5280 and its kin.
    Certificate(&'a [u8]),
    /// A certificate together with its issuer's: names, key identifiers, signature.
    IssuedBy {
        /// The issuer's certificate.
        issuer: &'a [u8],
        /// The certificate.
        certificate: &'a [u8],
    },
    /// A CRL over end-entity certificates, by RFC 5280.
    Crl(&'a [u8]),
    /// A CRL over CA certificates, by RFC 5280.
    AuthorityCrl(&'a [u8]),
    /// An OCSP response, by RFC 6960.
    OcspResponse(&'a [u8]),
    /// An OCSP responder's certificate, by the TLS Baseline Requirements.
    OcspResponderCertificate(&'a [u8]),
    /// A root certificate, by the TLS Baseline Requirements.
    RootCertificate(&'a [u8]),
}

/// One thing that pkilint says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// `WARNING`, `ERROR` or `FATAL`.
    pub severity: String,
    /// The rule, `pkix.crl_number_missing`.
    pub code: String,
    /// What it found.
    pub message: String,
}

/// A rule that may be broken, and why.
#[derive(Debug, Clone, Copy)]
pub struct Allowed {
    /// The rule's code.
    pub code: &'static str,
    /// Why breaking it is right here; never empty.
    pub reason: &'static str,
}

impl Pkilint {
    /// Lints a document; content when every finding of at least WARNING is allowed by this
    /// crate's list or by `allowed`. An error can only be allowed by `allowed`.
    ///
    /// # Errors
    /// The findings that are not allowed, or what pkilint said when it could not read the
    /// document.
    pub fn judge(document: Document<'_>, allowed: &[Allowed]) -> Verdict<()> {
        let is_allowed = |finding: &Finding| {
            let general = finding.severity == "WARNING" && permits(GENERALLY_ALLOWED, finding);
            general || permits(allowed, finding)
        };
        let findings = Self::findings(document)?;
        let broken: Vec<String> = findings
            .iter()
            .filter(|finding| !is_allowed(finding))
            .map(|finding| {
                let Finding {
                    severity,
                    code,
                    message,
                } = finding;
                format!("{severity} {code}: {message}")
            })
            .collect();
        if broken.is_empty() {
            Ok(())
        } else {
            Err(refusal(broken.join("\n")))
        }
    }

    /// All findings of at least WARNING.
    ///
    /// # Errors
    /// What pkilint said when it could not read the document.
    pub fn findings(document: Document<'_>) -> Verdict<Vec<Finding>> {
        let files = Files::new();
        let der = |name: &str, der: &[u8]| files.write(name, der);
        let said = match document {
            Document::Certificate(certificate) => lint(
                "lint_pkix_cert",
                &[],
                &[&der("certificate.der", certificate)],
            ),
            Document::IssuedBy {
                issuer,
                certificate,
            } => lint(
                "lint_pkix_signer_signee_cert_chain",
                &[],
                &[
                    &der("issuer.der", issuer),
                    &der("certificate.der", certificate),
                ],
            ),
            Document::Crl(crl) => lint(
                "lint_crl",
                &["-t", "CRL", "-p", "PKIX"],
                &[&der("list.crl", crl)],
            ),
            Document::AuthorityCrl(crl) => lint(
                "lint_crl",
                &["-t", "ARL", "-p", "PKIX"],
                &[&der("list.crl", crl)],
            ),
            Document::OcspResponse(response) => {
                lint("lint_ocsp_response", &[], &[&der("response.der", response)])
            }
            Document::OcspResponderCertificate(certificate) => lint(
                "lint_cabf_serverauth_cert",
                &["-t", "OCSP-RESPONDER"],
                &[&der("certificate.der", certificate)],
            ),
            Document::RootCertificate(certificate) => lint(
                "lint_cabf_serverauth_cert",
                &["-t", "ROOT-CA"],
                &[&der("certificate.der", certificate)],
            ),
        };
        read(&said)
    }
}

fn lint(program: &str, kind: &[&str], files: &[&Path]) -> Said {
    let program = repository().join(".venv/bin").join(program);
    assert!(
        program.exists(),
        "pkilint is not installed: python3 -m venv .venv && .venv/bin/pip install pkilint"
    );
    run(Command::new(program)
        .arg("lint")
        .args(["-s", "WARNING", "-f", "JSON"])
        .args(kind)
        .args(files))
}

/// The exit code is the number of findings, and 1 for what cannot be read: only JSON on standard
/// output is an answer.
fn read(said: &Said) -> Verdict<Vec<Finding>> {
    let report: Report = serde_json::from_str(&said.stdout).map_err(|_| refusal(said.all()))?;
    let descriptions = report
        .results
        .into_iter()
        .flat_map(|result| result.finding_descriptions);
    Ok(descriptions
        .map(|finding| Finding {
            severity: finding.severity,
            code: finding.code,
            message: finding.message.unwrap_or_default(),
        })
        .collect())
}

#[derive(Deserialize)]
struct Report {
    results: Vec<ReportedNode>,
}

#[derive(Deserialize)]
struct ReportedNode {
    finding_descriptions: Vec<ReportedFinding>,
}

#[derive(Deserialize)]
struct ReportedFinding {
    severity: String,
    code: String,
    message: Option<String>,
}

fn permits(allowed: &[Allowed], finding: &Finding) -> bool {
    allowed.iter().any(|rule| rule.code == finding.code)
}

fn refusal(said: String) -> Refusal {
    Refusal {
        judge: "pkilint",
        said,
    }
}

/// Warnings that every document of ours may draw.
const GENERALLY_ALLOWED: &[Allowed] = &[];
