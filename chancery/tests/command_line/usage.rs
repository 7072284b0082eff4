//! Help, usage errors, configuration errors, completions and manual pages.

use crate::program::Desk;

const CONFIG: &str = "url = \"https://127.0.0.1:9\"\n[tls]\ncertificate = \"ra.pem\"\n\
                      key = \"ra.key\"\nca = \"ca.pem\"\n[timeouts]\nwait = \"1s\"\n";

#[test]
fn help_teaches_with_examples_and_lists_the_exit_codes() {
    let help = Desk::new().chancery(["--help"]).well().out;
    for expected in [
        "ra enroll --profile tls-server",
        "Exit codes:",
        "75",
        "mode 0600",
    ] {
        assert!(help.contains(expected), "{expected} is not in {help}");
    }
}

#[test]
fn every_command_has_help() {
    let desk = Desk::new();
    for command in [
        "ra enroll",
        "ra renew",
        "ra replace",
        "ra revoke",
        "ra hold",
        "ra release",
        "ra accept",
        "ra status",
        "ra list",
        "ra profiles",
        "ra chain",
        "officer peers",
        "officer register",
        "officer change",
        "officer suspend",
        "officer issue-certificate",
        "officer import-crl",
        "officer reload-policy",
        "officer register-responder",
        "officer block-key",
        "officer revoke",
        "officer expiring",
        "ceremony init-token",
        "ceremony generate-key",
        "ceremony root",
        "ceremony csr",
        "ceremony sign-ca",
        "ceremony root-crl",
        "policy check",
        "policy explain",
        "policy render",
        "policy schema",
        "policy diff",
        "audit list",
        "key new",
        "completions",
        "man",
    ] {
        let arguments = command.split(' ').chain(["--help"]);
        let help = desk.chancery(arguments).well().out;
        assert!(help.contains("Usage:"), "{command}: {help}");
    }
}

#[test]
fn a_wrong_command_line_exits_with_2() {
    let desk = Desk::new();
    for arguments in [
        &["ra"][..],
        &[
            "ra",
            "revoke",
            "--serial",
            "not-hex",
            "--ground",
            "sub.request",
        ],
        &["ra", "status"],
        &["ra", "status", "--serial", "01", "--order-id", "1"],
        &[
            "ra",
            "enroll",
            "--profile",
            "p",
            "--out",
            "a.pem",
            "--p12",
            "a.p12",
        ],
        &["officer", "change", "--name", "x"],
        &["ra", "list"],
    ] {
        desk.chancery(arguments).with_code(2);
    }
}

#[test]
fn a_missing_configuration_exits_with_64_and_says_how_to_write_one() {
    let desk = Desk::new();
    let done = desk
        .chancery(["--config", "none.toml", "ra", "list"])
        .with_code(64);
    assert!(
        done.err.contains("none.toml") && done.err.contains("[tls]"),
        "{}",
        done.err
    );
}

#[test]
fn a_failure_is_json_on_standard_error_when_json_is_asked_for() {
    let desk = Desk::new();
    let done = desk
        .chancery(["--json", "--config", "none.toml", "ra", "list"])
        .with_code(64);
    let failure: serde_json::Value = serde_json::from_str(&done.err).unwrap();
    assert_eq!(failure["error"]["exit_code"], 64);
    assert_eq!(failure["error"]["where"], "none.toml");
    assert_eq!(done.out, "");
}

#[test]
fn an_unreachable_ca_exits_with_69() {
    let desk = Desk::new();
    desk.write("ra.toml", CONFIG);
    desk.openssl([
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-keyout",
        "ra.key",
        "-out",
        "ra.pem",
        "-subj",
        "/CN=ra",
        "-days",
        "1",
    ])
    .well();
    std::fs::copy(desk.path("ra.pem"), desk.path("ca.pem")).unwrap();
    desk.chancery(["--config", "ra.toml", "check-config"])
        .well();
    let done = desk
        .chancery(["--config", "ra.toml", "ra", "profiles"])
        .with_code(69);
    assert!(done.err.contains("127.0.0.1:9"), "{}", done.err);
}

#[test]
fn a_private_key_that_others_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new();
    desk.write("ra.toml", CONFIG);
    desk.openssl([
        "req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", "ra.key", "-out", "ra.pem",
        "-subj", "/CN=ra", "-days", "1",
    ])
    .well();
    std::fs::copy(desk.path("ra.pem"), desk.path("ca.pem")).unwrap();
    let open = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(desk.path("ra.key"), open).unwrap();
    let done = desk
        .chancery(["--config", "ra.toml", "check-config"])
        .with_code(64);
    assert!(done.err.contains("0600"), "{}", done.err);
}

#[test]
fn completions_and_manual_pages_are_made() {
    let desk = Desk::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = desk.chancery(["completions", shell]).well().out;
        assert!(script.contains("enroll"), "{shell}");
    }
    std::fs::create_dir(desk.path("man")).unwrap();
    desk.chancery(["man", "man"]).well();
    assert!(desk.read("man/chancery-ra-enroll.1").contains(".TH"));
}
