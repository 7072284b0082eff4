//! The real program: what it prints, writes and exits with, judged by OpenSSL.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod ceremony;
mod keys;
mod policies;
mod program;
mod usage;
