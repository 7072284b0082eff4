//! Bad input: each kind gets its own code, nothing is signed, the refusal is audited.

#[cfg(test)]
mod csrs;
#[cfg(test)]
mod envelopes;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod peers;
#[cfg(test)]
mod robustness;
#[cfg(test)]
mod statements;

use blackbox_tests::statement;
use serde_json::{Value, json};

const CERTIFICATES: &str = api::routes::CERTIFICATES;
const JSON: (&str, &str) = ("content-type", "application/json");

/// A request for a device with this CSR.
fn device(csr: &str) -> Value {
    json!({ "profile": "device", "csr": csr, "statement": statement::device() })
}
