//! What goes to standard output and standard error.

use std::io::{self, IsTerminal as _, Write as _};

use serde::Serialize;

use crate::{failure::Failure, progress::Progress};

/// Where answers, notes and failures go: JSON for scripts, text for people.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    json: bool,
    quiet: bool,
}

impl Output {
    pub(crate) const fn new(json: bool, quiet: bool) -> Self {
        Self { json, quiet }
    }

    /// Shows the answer of the command: one JSON document, or text.
    pub(crate) fn show<T: Serialize>(
        self,
        value: &T,
        text: impl FnOnce(&T) -> String,
    ) -> Result<(), Failure> {
        if self.json {
            let json = serde_json::to_string_pretty(value)
                .map_err(|error| Failure::internal("the answer has no JSON").because(&error))?;
            return self.text(&json);
        }
        self.text(&text(value))
    }

    /// Shows text as it is, ending in exactly one line feed.
    #[expect(
        clippy::unused_self,
        reason = "all that is printed goes through Output"
    )]
    pub(crate) fn text(self, text: &str) -> Result<(), Failure> {
        match writeln!(io::stdout(), "{}", text.trim_end_matches('\n')) {
            // Whoever reads the pipe has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Err(error) => Err(Failure::output("standard output cannot be written").because(&error)),
            Ok(()) => Ok(()),
        }
    }

    /// Tells a person something beside the answer; scripts and `--quiet` do not hear it.
    pub(crate) fn note(self, text: &str) {
        if !self.json && !self.quiet {
            // A note that cannot be written has no reader.
            let _ = writeln!(io::stderr(), "{text}");
        }
    }

    /// Tells why the command failed.
    pub(crate) fn fail(self, failure: &Failure) {
        let text = if self.json {
            serde_json::json!({ "error": failure }).to_string()
        } else {
            failure.to_string()
        };
        // There is nowhere left to complain to.
        let _ = writeln!(io::stderr(), "{text}");
    }

    /// A spinner on a terminal, nothing elsewhere.
    pub(crate) fn progress(self, message: &str) -> Progress {
        if self.json || self.quiet || !io::stderr().is_terminal() {
            Progress::silent()
        } else {
            Progress::spinner(message)
        }
    }
}
