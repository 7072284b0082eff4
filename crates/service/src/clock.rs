//! The only place that reads the machine's clock.

use jiff::Timestamp;

/// The machine's clock, as the rest of the code is handed it.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl pki::time::Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is where the time comes from"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
