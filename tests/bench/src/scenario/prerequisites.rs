//! What must be there before anything is measured, each with what to do when it is not.

use std::{path::Path, process::Command};

use anyhow::ensure;

use super::{
    PROGRAMS,
    setting::{self, Plan},
};

/// Looks for all of it.
///
/// # Errors
/// Something is missing; the text says what to do.
pub(super) fn check(binaries: &Path, settings: &[Plan]) -> anyhow::Result<()> {
    for program in PROGRAMS {
        ensure!(
            binaries.join(program).exists(),
            "{program} is not in {}: cargo build --locked --profile dist --workspace --bins, or let \
             `make bench` do it",
            binaries.display()
        );
    }
    ensure!(
        setting::module().is_some(),
        "SoftHSM2 is not installed (no libsofthsm2.so below /usr/lib): make test-prerequisites"
    );
    for program in ["bash", "curl", "openssl", "sqlite3"] {
        ensure!(
            Command::new(program).arg("--version").output().is_ok(),
            "{program} is not installed: make test-prerequisites"
        );
    }
    ensure!(
        !settings.iter().any(Plan::is_postgres) || Path::new("/usr/lib/postgresql").exists(),
        "PostgreSQL's server is not installed: make test-prerequisites, or --setting sqlite"
    );
    Ok(())
}
