//! OpenSSL's command line.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::files::{CERTIFICATE, CRL, Files};
use super::{Refusal, Verdict, verdict};
use crate::command::{Said, run};

/// The program `openssl`.
#[derive(Debug, Clone, Copy)]
pub struct OpenSsl;

/// A certificate chain to be judged; everything is DER.
#[derive(Debug, Clone, Copy, Default)]
pub struct Chain<'a> {
    /// The trust anchor.
    pub root: &'a [u8],
    /// Certificates between the root and the end.
    pub intermediates: &'a [&'a [u8]],
    /// The certificate in question.
    pub end: &'a [u8],
    /// When not empty, every certificate below the root must be covered by one of these.
    pub crls: &'a [&'a [u8]],
    /// The moment to judge at, in seconds since 1970; now when absent.
    pub at: Option<i64>,
}

/// What an OCSP response says of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OcspAnswer {
    /// `good`.
    Good,
    /// `revoked`.
    Revoked,
    /// `unknown`.
    Unknown,
}

impl OpenSsl {
    /// Verifies a chain by RFC 5280's letter (`-x509_strict`), with policies, the root's own
    /// signature, and revocation if there are CRLs.
    ///
    /// # Errors
    /// What OpenSSL found; `certificate revoked` when a CRL lists one.
    pub fn verify_chain(chain: &Chain<'_>) -> Verdict {
        Self::verify_with(chain, &[])
    }

    /// As [`Self::verify_chain`], and a list that names a newer one is only good together with
    /// that (`-extended_crl -use_deltas`): give complete lists and deltas.
    ///
    /// # Errors
    /// As [`Self::verify_chain`].
    pub fn verify_chain_with_deltas(chain: &Chain<'_>) -> Verdict {
        Self::verify_with(chain, &["-extended_crl", "-use_deltas"])
    }

    fn verify_with(chain: &Chain<'_>, options: &[&str]) -> Verdict {
        let files = Files::new();
        let mut command = openssl(["verify", "-x509_strict", "-policy_check", "-check_ss_sig"]);
        command
            .args(options)
            .arg("-CAfile")
            .arg(files.pem("root.pem", CERTIFICATE, &[chain.root]));
        if !chain.intermediates.is_empty() {
            let path = files.pem("intermediates.pem", CERTIFICATE, chain.intermediates);
            command.arg("-untrusted").arg(path);
        }
        if !chain.crls.is_empty() {
            command.arg("-crl_check_all");
        }
        for (number, crl) in chain.crls.iter().enumerate() {
            let path = files.pem(&format!("{number}.crl"), CRL, &[crl]);
            command.arg("-CRLfile").arg(path);
        }
        if let Some(at) = chain.at {
            command.args(["-attime", &at.to_string()]);
        }
        let said = run(command.arg(files.pem("end.pem", CERTIFICATE, &[chain.end])));
        let content = said.code == 0 && said.stdout.trim_end().ends_with(": OK");
        verdict("openssl verify", content, said.all())
    }

    /// Verifies a CRL's signature and gives its text form. OpenSSL exits with 0 whatever it finds.
    ///
    /// # Errors
    /// The signature is not the issuer's, or the CRL cannot be read.
    pub fn verify_crl(issuer: &[u8], crl: &[u8]) -> Verdict {
        let files = Files::new();
        let said = run(openssl(["crl", "-inform", "DER", "-noout", "-text"])
            .arg("-in")
            .arg(files.write("list.crl", crl))
            .arg("-CAfile")
            .arg(files.pem("issuer.pem", CERTIFICATE, &[issuer])));
        let content = said.code == 0 && says_only_ok(&said.stderr);
        verdict("openssl crl", content, said.all())
    }

    /// Verifies a certification request's own signature and gives its text form. OpenSSL exits
    /// with 0 whatever it finds.
    ///
    /// # Errors
    /// The signature is not the key's, or the request cannot be read.
    pub fn verify_request(request: &[u8]) -> Verdict {
        let files = Files::new();
        let said = run(
            openssl(["req", "-inform", "DER", "-verify", "-noout", "-text"])
                .arg("-in")
                .arg(files.write("request.csr", request)),
        );
        let content = said.code == 0 && says_only_ok(&said.all());
        verdict("openssl req", content, said.all())
    }

    /// Verifies an OCSP response about a certificate: the responder's signature and right to
    /// speak, times, and that it is about this certificate.
    ///
    /// # Errors
    /// What OpenSSL found. An answer of `revoked` is no error.
    pub fn verify_ocsp(
        root: &[u8],
        issuer: &[u8],
        certificate: &[u8],
        response: &[u8],
    ) -> Verdict<OcspAnswer> {
        let files = Files::new();
        let response = files.write("response.der", response);
        let mut command = ocsp(&files, root, issuer, certificate);
        command.arg("-no_nonce").arg("-respin").arg(response);
        ocsp_answer(&run(&mut command))
    }

    /// Asks a responder about a certificate, with a nonce, and judges the answer as
    /// [`Self::verify_ocsp`] does. `digest` names the hash of the `CertID`, `sha1` or `sha256`.
    ///
    /// # Errors
    /// What OpenSSL found, an unreachable responder included.
    pub fn ask_ocsp(
        root: &[u8],
        issuer: &[u8],
        certificate: &[u8],
        url: &str,
        digest: &str,
    ) -> Verdict<OcspAnswer> {
        let files = Files::new();
        let issuer_path = files.pem("issuer.pem", CERTIFICATE, &[issuer]);
        let mut command = openssl(["ocsp", "-timeout", "3", "-nonce"]);
        command
            .arg(format!("-{digest}"))
            .arg("-issuer")
            .arg(&issuer_path)
            .arg("-cert")
            .arg(files.pem("end.pem", CERTIFICATE, &[certificate]))
            .args(["-url", url]);
        trust(&mut command, &files, root, &issuer_path);
        let said = run(&mut command);
        if said.stderr.contains("WARNING: no nonce in response") {
            return Err(refusal(&said));
        }
        ocsp_answer(&said)
    }

    /// A certificate's text form.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn certificate_text(certificate: &[u8]) -> Verdict {
        let files = Files::new();
        let said = run(openssl(["x509", "-inform", "DER", "-noout", "-text"])
            .arg("-in")
            .arg(files.write("end.der", certificate)));
        verdict("openssl x509", said.code == 0, said.all())
    }
}

fn openssl<const N: usize>(arguments: [&str; N]) -> Command {
    let mut command = Command::new("openssl");
    command.args(arguments);
    command
}

fn ocsp(files: &Files, root: &[u8], issuer: &[u8], certificate: &[u8]) -> Command {
    let issuer = files.pem("issuer.pem", CERTIFICATE, &[issuer]);
    let certificate: PathBuf = files.pem("end.pem", CERTIFICATE, &[certificate]);
    let mut command = openssl(["ocsp"]);
    command
        .arg("-issuer")
        .arg(&issuer)
        .arg("-cert")
        .arg(certificate);
    trust(&mut command, files, root, &issuer);
    command
}

fn trust(command: &mut Command, files: &Files, root: &[u8], issuer: &Path) {
    command
        .arg("-CAfile")
        .arg(files.pem("root.pem", CERTIFICATE, &[root]))
        .arg("-verify_other")
        .arg(issuer);
}

/// `openssl ocsp` exits with 0 for revoked as for good.
fn ocsp_answer(said: &Said) -> Verdict<OcspAnswer> {
    let verified = said.code == 0 && said.stderr.contains("Response verify OK");
    let stale = said.all().contains("Status times invalid");
    let status = |word: &str| said.stdout.contains(&format!("end.pem: {word}"));
    match (
        verified && !stale,
        status("good"),
        status("revoked"),
        status("unknown"),
    ) {
        (true, true, false, false) => Ok(OcspAnswer::Good),
        (true, false, true, false) => Ok(OcspAnswer::Revoked),
        (true, false, false, true) => Ok(OcspAnswer::Unknown),
        _ => Err(refusal(said)),
    }
}

fn refusal(said: &Said) -> Refusal {
    Refusal {
        judge: "openssl ocsp",
        said: said.all(),
    }
}

fn says_only_ok(words: &str) -> bool {
    words.contains("verify OK") && !words.contains("verify failure")
}
