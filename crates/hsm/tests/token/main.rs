//! A real SoftHSM2 token: every kind of key, every refusal, and recovery.
//!
//! Each test begins with [`TestToken::in_process`], which runs it in a process of its own with its
//! own tokens.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod admin;
mod common;
mod keys;
mod login;
mod recovery;
mod signing;
