//! pyHanko's certificate validator: the library that checks signatures in PDF files, and that
//! reads CRLs of every scope and OCSP responses.

use std::io::Write as _;
use std::process::{Command, Stdio};

use base64::Engine as _;
use serde::Deserialize;
use serde_json::json;

use super::{Refusal, Verdict};
use crate::command::repository;

/// `pyhanko_certvalidator`, from the virtual environment `.venv` in the repository's root.
#[derive(Debug, Clone, Copy)]
pub struct PyHanko;

/// A certificate to be judged, and what is known about it; everything is DER.
#[derive(Debug, Clone, Copy, Default)]
pub struct Evidence<'a> {
    /// The trust anchor.
    pub root: &'a [u8],
    /// Certificates between the root and the end.
    pub intermediates: &'a [&'a [u8]],
    /// The certificate in question.
    pub end: &'a [u8],
    /// Lists, of any scope.
    pub crls: &'a [&'a [u8]],
    /// OCSP responses.
    pub ocsps: &'a [&'a [u8]],
    /// Fetches what is missing from the URLs in the certificates.
    pub online: bool,
}

/// What the validator says of a certificate whose chain holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing speaks against it, and revocation was checked for every certificate but the root.
    Valid,
    /// It, or a certificate above it, is revoked or on hold.
    Revoked,
}

#[derive(Deserialize)]
struct Said {
    verdict: String,
    said: String,
}

impl PyHanko {
    /// Validates a chain; without proof for every certificate below the root that it is not
    /// revoked, it is refused.
    ///
    /// # Errors
    /// What the validator found. `revoked` is no error.
    pub fn judge(evidence: &Evidence<'_>) -> Verdict<Standing> {
        let said = ask(evidence);
        match said.verdict.as_str() {
            "valid" => Ok(Standing::Valid),
            "revoked" => Ok(Standing::Revoked),
            _ => Err(Refusal {
                judge: "pyhanko",
                said: said.said,
            }),
        }
    }
}

fn ask(evidence: &Evidence<'_>) -> Said {
    let python = repository().join(".venv/bin/python");
    let script = repository().join("crates/testkit/src/judges/pyhanko.py");
    let mut child = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("`make test` installs .venv with pyhanko-certvalidator");
    let mut input = child.stdin.take().expect("the input is a pipe");
    let question = question(evidence).to_string();
    input
        .write_all(question.as_bytes())
        .expect("pyhanko reads its input");
    drop(input);
    let output = child.wait_with_output().expect("pyhanko ends");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| Said {
        verdict: "broken".to_owned(),
        said: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

fn question(evidence: &Evidence<'_>) -> serde_json::Value {
    let all = |ders: &[&[u8]]| ders.iter().map(|der| text(der)).collect::<Vec<_>>();
    json!({
        "root": all(&[evidence.root]),
        "intermediates": all(evidence.intermediates),
        "end": all(&[evidence.end]),
        "crls": all(evidence.crls),
        "ocsps": all(evidence.ocsps),
        "online": evidence.online,
    })
}

fn text(der: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(der)
}
