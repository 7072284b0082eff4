//! What every daemon needs: configuration, logs, metrics, lifecycle, TLS, health.
//!
//! In scope: everything between a process and its machine. Out of scope: what a daemon is for;
//! nothing here knows a certificate authority, except for the clock that the others share.

pub mod boot;
pub mod clock;
pub mod config;
pub mod exit;
pub mod fs;
pub mod health;
pub mod http;
pub mod lifecycle;
pub mod logging;
pub mod notify;
pub mod ops;
#[cfg(test)]
mod testing;
pub mod tls;
mod units;

pub use clock::SystemClock;
pub use exit::Exit;
pub use health::Health;
pub use lifecycle::Lifecycle;
pub use units::{ByteSize, HumanDuration, UnitError};
