//! GnuTLS's `certtool` and `ocsptool`: a second opinion with honest exit codes.

use std::process::Command;

use super::files::{CERTIFICATE, CRL, Files};
use super::{Verdict, verdict};
use crate::command::run;

/// The programs `certtool` and `ocsptool`.
#[derive(Debug, Clone, Copy)]
pub struct GnuTls;

impl GnuTls {
    /// Verifies a chain, given from the end certificate to the one below the root; all DER.
    ///
    /// # Errors
    /// What `certtool` found.
    pub fn verify_chain(root: &[u8], chain: &[&[u8]]) -> Verdict {
        let files = Files::new();
        let with_root = [chain, &[root]].concat();
        let said = run(Command::new("certtool")
            .arg("--verify")
            .arg("--load-ca-certificate")
            .arg(files.pem("root.pem", CERTIFICATE, &[root]))
            .arg("--infile")
            .arg(files.pem("chain.pem", CERTIFICATE, &with_root)));
        verdict("certtool --verify", said.code == 0, said.all())
    }

    /// Verifies a CRL's signature.
    ///
    /// # Errors
    /// What `certtool` found.
    pub fn verify_crl(issuer: &[u8], crl: &[u8]) -> Verdict {
        let files = Files::new();
        let said = run(Command::new("certtool")
            .arg("--verify-crl")
            .arg("--load-ca-certificate")
            .arg(files.pem("issuer.pem", CERTIFICATE, &[issuer]))
            .arg("--infile")
            .arg(files.pem("list.crl", CRL, &[crl])));
        verdict("certtool --verify-crl", said.code == 0, said.all())
    }

    /// Verifies an OCSP response that the issuer, or a responder it delegated, signed.
    ///
    /// # Errors
    /// What `ocsptool` found.
    pub fn verify_ocsp(issuer: &[u8], response: &[u8]) -> Verdict {
        let files = Files::new();
        let said = run(Command::new("ocsptool")
            .arg("--verify-response")
            .arg("--load-signer")
            .arg(files.pem("issuer.pem", CERTIFICATE, &[issuer]))
            .arg("--load-response")
            .arg(files.write("response.der", response)));
        verdict("ocsptool", said.code == 0, said.all())
    }

    /// Asks a responder about a certificate, with a nonce, and verifies the answer; gives what
    /// `ocsptool` says, in which the status is a line `Certificate Status: good` and so on.
    ///
    /// # Errors
    /// What `ocsptool` found, an unreachable responder included.
    pub fn ask_ocsp(issuer: &[u8], certificate: &[u8], url: &str) -> Verdict {
        let files = Files::new();
        let said = run(Command::new("ocsptool")
            .arg(format!("--ask={url}"))
            .arg("--nonce")
            .arg("--load-cert")
            .arg(files.pem("end.pem", CERTIFICATE, &[certificate]))
            .arg("--load-issuer")
            .arg(files.pem("issuer.pem", CERTIFICATE, &[issuer]))
            .arg("--load-signer")
            .arg(files.pem("signer.pem", CERTIFICATE, &[issuer])));
        let words = said.all();
        let content = said.code == 0 && words.contains("Certificate Status:");
        verdict("ocsptool --ask", content, words)
    }
}
