//! What this crate makes, judged by OpenSSL and by the crate's own readers.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod certificate;
mod crl;
mod crl_reader;
mod golden;
mod issuer;
mod request;
mod support;
