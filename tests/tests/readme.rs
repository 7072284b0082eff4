//! The README's commands, run as they stand there.
#![expect(clippy::unwrap_used, reason = "what a test stands on works or ends it")]

use std::ffi::OsString;
use std::fs;
use std::process::Command;

use blackbox_tests::{World, run};

/// The blocks marked `sh`, in order.
fn commands(readme: &str) -> Vec<&str> {
    let blocks = readme.split("```sh\n").skip(1);
    blocks
        .filter_map(|rest| rest.split_once("```"))
        .map(|(block, _)| block)
        .collect()
}

/// Fits the paths of a newcomer's checkout to the test's own world. `! command` stands for a
/// command that must be refused: the shell itself would not mind if it were not.
fn fitted(block: &str, world: &World, first: &str) -> String {
    let lines = block.lines().map(|line| match line.strip_prefix("! ") {
        Some(command) => format!("must_be_refused {command}"),
        None => line.to_owned(),
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    let environment = world.run().with_file_name("env");
    text.replace(". demo/env", &format!(". {}", environment.display()))
        .replace("$PWD/target/debug:", "")
        .replace("/tmp/first", first)
}

/// The search path with the workspace's binaries in front.
fn path() -> OsString {
    let test = std::env::current_exe().unwrap();
    let binaries = test.ancestors().nth(2).unwrap().to_owned();
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths([binaries].into_iter().chain(std::env::split_paths(&path))).unwrap()
}

#[test]
fn the_commands_of_the_readme_work_in_their_order() {
    let repository = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let readme = fs::read_to_string(format!("{repository}/README.md")).unwrap();
    let blocks = commands(&readme);
    assert!(
        blocks.len() >= 8,
        "the README has {} blocks of commands",
        blocks.len()
    );

    let world = World::start();
    let first = world.run().join("first");
    let first = first.display().to_string();
    let mut script = "set -euo pipefail\n\
        must_be_refused() { if \"$@\"; then echo \"not refused: $*\" >&2; exit 1; fi; }\n"
        .to_owned();
    for block in blocks {
        script.push_str(&fitted(block, &world, &first));
        script.push('\n');
    }
    let mut bash = Command::new("bash");
    let said = run(bash
        .arg("-c")
        .arg(&script)
        .env("PATH", path())
        .current_dir(repository))
    .well();
    for expected in [
        "www.pem: OK",
        "www.pem: good",
        "www.pem: revoked",
        "certificate revoked",
    ] {
        assert!(
            said.all().contains(expected),
            "{expected:?} is missing in: {}",
            said.all()
        );
    }
}
