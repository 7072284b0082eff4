//! Running programs to their end.

use std::process::{Command, Output, Stdio};

/// What a program said: both streams, and its exit code (-1 after a signal).
#[derive(Debug, Clone)]
pub struct Said {
    /// Exit code.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Said {
    /// Both streams, one after the other.
    pub fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// Standard output as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.all()))
    }

    /// The same, if the program was content; panics with what it said if not.
    #[expect(
        clippy::return_self_not_must_use,
        reason = "the check may be all that is wanted"
    )]
    #[track_caller]
    pub fn well(self) -> Self {
        assert!(self.code == 0, "exit code {}: {}", self.code, self.all());
        self
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Runs a command, with nothing on its standard input.
pub fn run(command: &mut Command) -> Said {
    let program = command.get_program().to_owned();
    let output = command
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{} cannot be run: {error}", program.display()));
    output.into()
}

/// Runs a command that must succeed, and gives its standard output.
#[track_caller]
pub fn run_well(command: &mut Command) -> String {
    let said = run(command);
    assert!(said.code == 0, "{command:?} failed: {}", said.all());
    said.stdout
}
