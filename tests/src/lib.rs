//! Black-box tests over the real binaries: a whole CA of one's own, and what its users need.
//!
//! In scope: [`World`], a CA set up and started by the scripts of `demo/`, with real tokens, real
//! daemons and a real database; clients, keys, CSRs and statements. Out of scope: anything that
//! looks inside a daemon. Everything here panics when it cannot do its work.
//!
//! The binaries come from `cargo build --workspace --bins`, beside the test's own.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "what a test stands on either works or ends the test"
)]

mod audit_log;
mod client;
mod command;
mod daemon;
pub mod enrolment;
mod fake_clock;
mod key;
pub mod other_ca;
mod ports;
mod proxy;
mod raw;
pub mod refusal;
pub mod revocation;
mod second_ca;
pub mod statement;
mod world;

pub use audit_log::AuditLog;
pub use client::{Answer, Client};
pub use command::{Said, run, run_well};
pub use daemon::Daemon;
pub use fake_clock::{FakeClock, tidy_clock_after};
pub use key::{Key, KeyKind};
pub use ports::Ports;
pub use proxy::{Network, Proxy};
pub use raw::RawConnection;
pub use second_ca::SecondCa;
pub use world::{World, WorldBuilder};
