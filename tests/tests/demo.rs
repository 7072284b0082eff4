//! `make demo` and `make up`, as far as their scripts: the builds before them are CI's own.
#![expect(clippy::unwrap_used, reason = "what a test stands on works or ends it")]

use std::path::Path;
use std::process::Command;

use blackbox_tests::{Ports, Said, run};

/// Runs a script of `demo/` in a directory and on ports of its own.
fn script(name: &str, directory: &Path, ports: &Ports) -> Said {
    let test = std::env::current_exe().unwrap();
    let ports = [
        ("API_PORT", ports.api),
        ("FEED_PORT", ports.feed),
        ("OCSP_PORT", ports.ocsp),
        ("CRL_PORT", ports.crl),
        ("CA_OPERATIONS_PORT", ports.ca_operations),
        ("OCSP_OPERATIONS_PORT", ports.ocsp_operations),
        ("CRL_OPERATIONS_PORT", ports.crl_operations),
    ];
    let mut command = Command::new(format!("{}/../demo/{name}", env!("CARGO_MANIFEST_DIR")));
    command
        .env("RUN", directory.join("run"))
        .env("ENV_FILE", directory.join("env"));
    command.env("BIN", test.ancestors().nth(2).unwrap());
    command.envs(ports.map(|(name, port)| (name, port.to_string())));
    run(&mut command)
}

/// Processes whose configuration lies in the directory.
fn running(directory: &Path) -> usize {
    let command_lines = std::fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let path = entry.unwrap().path().join("cmdline");
        std::fs::read_to_string(path).ok()
    });
    let config = directory.join("run").display().to_string();
    command_lines
        .filter(|line| line.contains(&config) && line.contains("--config"))
        .count()
}

#[test]
fn the_demo_tells_its_story_and_stops_everything() {
    let directory = tempfile::tempdir().unwrap();
    let said = script("demo.sh", directory.path(), &Ports::find()).well();
    for expected in [
        "zhang.pem: OK",
        "zhang.pem: good",
        "zhang.pem: revoked",
        "error 23 at 0 depth lookup: certificate revoked",
        "everything is stopped now",
    ] {
        assert!(
            said.all().contains(expected),
            "{expected:?} is missing in: {}",
            said.all()
        );
    }
    assert_eq!(running(directory.path()), 0);
    assert!(!directory.path().join("env").exists());
}

#[test]
fn up_leaves_daemons_and_variables_and_down_takes_them_away() {
    let directory = tempfile::tempdir().unwrap();
    let ports = Ports::find();
    script("up.sh", directory.path(), &ports).well();
    let variables = std::fs::read_to_string(directory.path().join("env")).unwrap();
    for name in [
        "CA_URL",
        "OCSP_URL",
        "CRL_URL",
        "RA_CERT",
        "RA_KEY",
        "TLS_CA",
        "ROOT_CERT",
        "ISSUING_CERT",
        "RA_CONFIG",
    ] {
        let value = variables
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{name}=")));
        let value = value.unwrap_or_else(|| panic!("{name} is missing in {variables}"));
        assert!(
            value.starts_with("http") || Path::new(value).exists(),
            "{name}={value}"
        );
    }
    assert_eq!(running(directory.path()), 3);

    let said = script("down.sh", directory.path(), &ports).well();
    assert_eq!(said.all(), "");
    assert_eq!(running(directory.path()), 0);
    assert!(!directory.path().join("env").exists());
}
