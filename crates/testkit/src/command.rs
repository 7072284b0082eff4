//! Running outside programs to their end.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What a program said: both streams, and its exit code (-1 after a signal).
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Said {
    /// Both streams, one after the other.
    pub(crate) fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

/// Runs a command; panics when the program is not there.
pub(crate) fn run(command: &mut Command) -> Said {
    let program = command.get_program().to_owned();
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{} cannot be run: {error}", program.display()));
    said(&output)
}

/// Runs a command that must succeed, and gives its standard output.
pub(crate) fn run_well(command: &mut Command) -> String {
    let said = run(command);
    assert!(said.code == 0, "{command:?} failed: {}", said.all());
    said.stdout
}

/// The repository's root.
pub(crate) fn repository() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = manifest.ancestors().nth(2);
    root.expect("the crate lies two levels under the root")
        .to_owned()
}

fn said(output: &Output) -> Said {
    Said {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
