//! Requests as clients make them, and responses as OpenSSL and GnuTLS judge them.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod client;
mod never_issued;
mod preferred;
mod request;
mod response;
mod scene;
#[path = "../../../issuance/tests/it/support.rs"]
#[expect(
    dead_code,
    reason = "shared with the tests of issuance, which use all of it"
)]
mod support;
