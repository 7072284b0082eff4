//! OpenSSL's reading of answers.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

/// What OpenSSL reads in a response.
#[derive(Debug)]
pub(crate) struct Reading {
    /// `successful`, `trylater` and so on.
    pub(crate) status: String,
    /// `good`, `revoked` or `unknown`, in the order of the response.
    pub(crate) statuses: Vec<String>,
    /// All of it.
    pub(crate) text: String,
}

impl Reading {
    pub(crate) fn of(response: &[u8]) -> Self {
        let mut openssl = Command::new("openssl")
            .args(["ocsp", "-respin", "/dev/stdin", "-noverify", "-resp_text"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        openssl.stdin.take().unwrap().write_all(response).unwrap();
        let output = openssl.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let after = |label: &str| -> Vec<String> {
            let lines = text
                .lines()
                .filter_map(|line| line.trim().strip_prefix(label));
            lines
                .map(|rest| rest.split_whitespace().next().unwrap_or("").to_owned())
                .collect()
        };
        let status = after("OCSP Response Status:").concat();
        // Without content OpenSSL says the status in another way.
        let status = if status.is_empty() {
            exception(response)
        } else {
            status
        };
        Self {
            status,
            statuses: after("Cert Status:"),
            text,
        }
    }

    /// The only certificate's status.
    pub(crate) fn only(&self) -> &str {
        assert_eq!(self.statuses.len(), 1, "{}", self.text);
        &self.statuses[0]
    }
}

fn exception(response: &[u8]) -> String {
    let name = match response {
        [0x30, 3, 0x0a, 1, 1] => "malformedrequest",
        [0x30, 3, 0x0a, 1, 2] => "internalerror",
        [0x30, 3, 0x0a, 1, 3] => "trylater",
        [0x30, 3, 0x0a, 1, 6] => "unauthorized",
        _ => "unreadable",
    };
    name.to_owned()
}
