//! What officers do.
#![expect(clippy::expect_used, reason = "what a test stands on works or ends it")]

#[cfg(test)]
mod authority;
#[cfg(test)]
mod peers;

use std::path::Path;
use std::process::Command;

use blackbox_tests::run_well;

fn fingerprint(pem: &Path) -> String {
    let mut command = Command::new("openssl");
    command.args(["x509", "-noout", "-fingerprint", "-sha256", "-in"]);
    digits(&run_well(command.arg(pem)))
}

fn digits(said: &str) -> String {
    let (_, digits) = said.trim().split_once('=').expect("a fingerprint");
    digits.replace(':', "").to_lowercase()
}
