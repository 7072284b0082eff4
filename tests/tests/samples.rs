//! The sample configurations are good, and a misspelt key in one is found.
#![expect(clippy::unwrap_used, reason = "what a test stands on works or ends it")]

use std::path::{Path, PathBuf};

use blackbox_tests::{Said, World, run};

const PROGRAMS: [&str; 4] = ["ca-daemon", "ocsp-responder", "crl-publisher", "chancery"];

#[test]
fn samples_are_good_where_the_files_that_they_name_are_there() {
    let world = World::start();
    let installed = install(&world);
    for program in PROGRAMS {
        let config = installed.join(file_name(program));
        let said = check(&world, program, &config);
        assert_eq!(said.code, 0, "{program}: {}", said.all());

        let text = std::fs::read_to_string(&config).unwrap();
        std::fs::write(&config, format!("colour = \"red\"\n{text}")).unwrap();
        let said = check(&world, program, &config);
        assert_ne!(said.code, 0, "{program} takes a key that nobody knows");
        assert!(said.all().contains("colour"), "{program}: {}", said.all());
    }
}

#[test]
fn the_demonstrations_configurations_are_good() {
    let world = World::start();
    for (program, config) in [
        ("ca-daemon", "ca/ca-daemon.toml"),
        ("ocsp-responder", "ocsp/ocsp-responder.toml"),
        ("crl-publisher", "crl/crl-publisher.toml"),
        ("chancery", "ra/ra.toml"),
        ("chancery", "officer/officer.toml"),
    ] {
        let said = check(&world, program, &world.run().join(config));
        assert_eq!(said.code, 0, "{config}: {}", said.all());
    }
}

fn check(world: &World, program: &str, config: &Path) -> Said {
    let mut command = world.program(program);
    run(command.arg("--config").arg(config).arg("check-config"))
}

const fn file_name(program: &str) -> &str {
    match program.as_bytes() {
        b"chancery" => "client.toml",
        b"ca-daemon" => "ca-daemon.toml",
        b"ocsp-responder" => "ocsp-responder.toml",
        _ => "crl-publisher.toml",
    }
}

/// Puts the samples and the files that they name into one directory, as on a machine of their own.
fn install(world: &World) -> PathBuf {
    let installed = world.scratch().join("etc");
    std::fs::create_dir_all(installed.join("policy")).unwrap();
    let run = world.run();
    for (from, to) in [
        ("ca/esign-ca.pem", "esign-ca.pem"),
        ("ca/internal-ca.pem", "internal-ca.pem"),
        ("ca/management.pem", "management-ca.pem"),
        ("ca/root.pem", "root.pem"),
        ("ca/server.pem", "ca-daemon.pem"),
        ("ca/policy/esign.toml", "policy/esign.toml"),
        ("ca/policy/internal.toml", "policy/internal.toml"),
        ("ca/policy/management.toml", "policy/management.toml"),
        ("ra/ra-1.pem", "ra-1.pem"),
        ("ra/ra-1.key", "ra-1.key"),
    ] {
        std::fs::copy(run.join(from), installed.join(to)).unwrap();
    }
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/samples");
    for program in PROGRAMS {
        let text = std::fs::read_to_string(samples.join(file_name(program))).unwrap();
        let directory = format!("{}/", installed.display());
        let text = text.replace("/etc/chancery/", &directory);
        std::fs::write(installed.join(file_name(program)), text).unwrap();
    }
    installed
}
