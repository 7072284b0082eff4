//! What is checked and set up before a daemon does anything.

use std::future::Future;
use std::time::Duration;

/// How long blocking calls may outlive the end of the daemon's own work.
const BLOCKING_GRACE: Duration = Duration::from_secs(2);

/// Why a process may not start as it was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BootRefusal {
    /// Daemons need no privilege; with uid 0 a fault in one is a fault in all.
    #[error("must not run as root")]
    Root,
}

/// Refuses to run with an effective uid of 0.
///
/// # Errors
/// [`BootRefusal::Root`].
pub fn refuse_root() -> Result<(), BootRefusal> {
    if rustix::process::geteuid().is_root() {
        Err(BootRefusal::Root)
    } else {
        Ok(())
    }
}

/// Runs the daemon on a runtime of its own and gives back what it returned.
///
/// A blocking call that does not come back, such as one into a PKCS#11 module, cannot keep the
/// process alive: the runtime is left after a short grace.
///
/// # Errors
/// When the operating system refuses the runtime its threads.
pub fn run<F: Future>(daemon: F) -> std::io::Result<F::Output> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(daemon);
    runtime.shutdown_timeout(BLOCKING_GRACE);
    Ok(outcome)
}
