//! SoftHSM2 tokens in a directory of their own.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::command::{repository, run_well};

/// A SoftHSM2 token, destroyed with this value.
///
/// SoftHSM2 finds its tokens through the environment variable `SOFTHSM2_CONF`, which must be set
/// when a process starts. [`TestToken::new`] is for tests that start child processes and hand them
/// [`TestToken::environment`]; [`TestToken::in_process`] is for tests that open the token
/// themselves.
#[derive(Debug)]
pub struct TestToken {
    directory: PathBuf,
    label: String,
    serial: String,
    /// Absent in a child process: its parent removes the directory, even if the child crashes.
    _owned: Option<TempDir>,
}

impl TestToken {
    /// Makes a token for child processes of this one.
    pub fn new() -> Self {
        let owned = tempfile::Builder::new()
            .prefix("chancery-token-")
            .tempdir()
            .expect("a temporary directory can be made");
        let directory = owned.path().to_owned();
        let serial = make(&directory, LABEL);
        Self {
            directory,
            label: LABEL.into(),
            serial,
            _owned: Some(owned),
        }
    }

    /// Makes a token that this very process can open. Call it first in a test: the test is run
    /// again, from its beginning, in a child process that has `SOFTHSM2_CONF` set, and this process
    /// ends with the child's exit code. In the child this returns the token.
    pub fn in_process() -> Self {
        if let Some(directory) = std::env::var_os(DIRECTORY) {
            let directory = PathBuf::from(directory);
            let serial = std::fs::read_to_string(directory.join(SERIAL_FILE))
                .expect("the parent process wrote the serial number");
            return Self {
                directory,
                label: LABEL.into(),
                serial,
                _owned: None,
            };
        }
        let token = Self::new();
        std::fs::write(token.directory.join(SERIAL_FILE), &token.serial)
            .expect("the token's directory can be written");
        let code = token.run_this_test_again();
        drop(token);
        end_process(code)
    }

    fn run_this_test_again(&self) -> i32 {
        let arguments: Vec<_> = std::env::args_os().skip(1).collect();
        assert!(
            arguments.iter().any(|argument| argument == "--exact"),
            "run the tests with `cargo nextest run`: this one needs a process of its own"
        );
        let (variable, configuration) = self.environment();
        let status = Command::new(std::env::current_exe().expect("this program has a path"))
            .args(arguments)
            .env(variable, configuration)
            .env(DIRECTORY, &self.directory)
            .env(
                crate::postgres::RUNNER,
                crate::postgres::runner().to_string(),
            )
            .status()
            .expect("this program can be started again");
        status.code().unwrap_or(FAILED)
    }

    /// Adds another token beside this one, with the same PINs, and gives its serial number.
    pub fn add(&self, label: &str) -> String {
        make(&self.directory, label)
    }

    /// The variable that child processes need, and its value.
    pub fn environment(&self) -> (&'static str, PathBuf) {
        ("SOFTHSM2_CONF", self.directory.join("softhsm2.conf"))
    }

    /// The PKCS#11 module.
    pub fn module(&self) -> &'static Path {
        Path::new(MODULE)
    }

    /// The token's label.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The token's serial number.
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// A file with the user PIN.
    pub fn pin_file(&self) -> PathBuf {
        self.directory.join("pin")
    }

    /// A file with the security officer's PIN.
    pub fn so_pin_file(&self) -> PathBuf {
        self.directory.join("so-pin")
    }

    /// The directory that holds all this; a place for the test's own files too.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Runs `pkcs11-tool` on this token, as the outside witness of what stands on it.
    pub fn pkcs11_tool<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> String {
        let (variable, configuration) = self.environment();
        let pin = std::fs::read_to_string(self.pin_file()).expect("the PIN file can be read");
        run_well(
            Command::new("pkcs11-tool")
                .args(["--module", MODULE, "--token-label", &self.label])
                .args(["--login", "--pin", pin.trim_end()])
                .args(arguments)
                .env(variable, configuration),
        )
    }
}

impl Default for TestToken {
    fn default() -> Self {
        Self::new()
    }
}

fn make(directory: &Path, label: &str) -> String {
    let serial = run_well(
        Command::new(repository().join("softhsm-config/token.sh"))
            .arg("make")
            .arg(directory)
            .arg(label)
            .arg(directory.join("pin"))
            .arg(directory.join("so-pin")),
    );
    serial.trim_end().to_owned()
}

#[expect(
    clippy::exit,
    clippy::disallowed_methods,
    reason = "the test has run in the child: this process has only its verdict to pass on"
)]
fn end_process(code: i32) -> ! {
    std::process::exit(code)
}

const LABEL: &str = "test-token";
const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
const SERIAL_FILE: &str = "serial";
/// Tells the child process where its token is.
const DIRECTORY: &str = "CHANCERY_TEST_TOKEN";
/// What libtest exits with when a test fails.
const FAILED: i32 = 101;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::run;

    #[test]
    fn child_processes_can_use_a_token() {
        let token = TestToken::new();
        token.pkcs11_tool(["--keypairgen", "--key-type", "EC:prime256v1", "--id", "01"]);
        let seen = token.pkcs11_tool(["--list-objects", "--type", "privkey"]);
        assert!(seen.contains("ID:         01"), "{seen}");
        let directory = token.directory().to_owned();
        drop(token);
        assert!(!directory.exists());
    }

    #[test]
    fn a_second_token_has_another_serial_number() {
        let token = TestToken::new();
        assert_ne!(token.add("second"), token.serial());
    }

    #[test]
    fn this_process_can_use_a_token() {
        let token = TestToken::in_process();
        let (variable, configuration) = token.environment();
        assert_eq!(std::env::var_os(variable), Some(configuration.into()));
        assert_eq!(token.serial().len(), 16);
    }

    #[test]
    #[ignore = "fails; started by the test below"]
    fn fails_in_the_child() {
        TestToken::in_process();
        panic!("as it should");
    }

    #[test]
    fn a_failure_in_the_child_is_a_failure_of_the_test() {
        let name = "token::tests::fails_in_the_child";
        let said = run(Command::new(std::env::current_exe().unwrap()).args([
            name,
            "--exact",
            "--ignored",
            "--nocapture",
        ]));
        assert_ne!(said.code, 0);
        assert!(said.stderr.contains("as it should"), "{}", said.all());
    }
}
