//! Spinners for what takes long, on a terminal alone.

use std::time::Duration;

use indicatif::ProgressBar;

/// A spinner that goes away when it is dropped.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// No spinner.
    pub(crate) fn silent() -> Self {
        Self {
            bar: ProgressBar::hidden(),
        }
    }

    /// A spinner on standard error.
    pub(crate) fn spinner(message: &str) -> Self {
        let bar = ProgressBar::new_spinner().with_message(message.to_owned());
        bar.enable_steady_tick(TICK);
        Self { bar }
    }

    /// Says what is being waited for now.
    pub(crate) fn say(&self, message: &str) {
        self.bar.set_message(message.to_owned());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

const TICK: Duration = Duration::from_millis(100);
