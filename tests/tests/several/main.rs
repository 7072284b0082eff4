//! Several ca-daemons on one database, followers behind bad networks, databases that are put back.
#![expect(clippy::unwrap_used, reason = "what a test stands on works or ends it")]

mod daemons;
mod followers;
mod restoring;
mod scene;
