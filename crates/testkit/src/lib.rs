//! For tests only: a token and a database of one's own, outside judges, bounded waiting.
//!
//! In scope: what tests of several crates share. Everything here panics when it cannot do its
//! work, with a message that says what is missing on the machine. Out of scope: fakes of our own
//! types; tests use the real token and the real database.
//!
//! The tests run under `cargo nextest run`, one process per test: a PKCS#11 module is initialised
//! once per process, and [`TestToken::in_process`] runs the test again in a child process.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "what a test stands on either works or ends the test"
)]

mod command;
pub mod judges;
mod port;
mod postgres;
mod s3;
mod token;
mod wait;

pub use port::free_port;
pub use postgres::TestPostgres;
pub use s3::S3Server;
pub use token::TestToken;
pub use wait::{eventually, wait_for, wait_until};
