//! `policy`: the shipped files, and files with faults.

use crate::program::{Desk, shipped_policy};

#[test]
fn the_shipped_policies_are_good() {
    let files = ["esign.toml", "internal.toml", "management.toml"].map(shipped_policy);
    let arguments = ["--json", "policy", "check"]
        .map(str::to_owned)
        .into_iter()
        .chain(files);
    let checked = Desk::new().chancery(arguments).well().json();
    assert_eq!(checked.as_array().unwrap().len(), 3);
    assert!(
        checked
            .as_array()
            .unwrap()
            .iter()
            .all(|checked| checked["good"] == true)
    );
}

#[test]
fn every_fault_is_told_with_its_line_and_key() {
    let desk = Desk::new();
    let policy = std::fs::read_to_string(shipped_policy("esign.toml")).unwrap();
    desk.write(
        "bad.toml",
        &format!("surprise = 1\n{policy}").replace("\"1.0.0\"", "1"),
    );
    let done = desk.chancery(["policy", "check", "bad.toml"]).with_code(1);
    assert!(done.out.contains("bad.toml:1: surprise"), "{}", done.out);
    assert!(done.out.contains("\"1.2\".version"), "{}", done.out);
}

#[test]
fn a_request_is_explained_with_every_broken_rule() {
    let desk = Desk::new();
    desk.chancery(["key", "new", "--key-out", "a.key", "--csr-out", "a.csr"])
        .well();
    let policy = shipped_policy("esign.toml");
    let arguments = [
        "policy",
        "explain",
        &policy,
        "--profile",
        "esign-individual",
        "--csr",
        "a.csr",
    ];
    let done = desk.chancery(arguments).with_code(1);
    assert!(done.out.contains("decision: denied"), "{}", done.out);
    let json = desk
        .chancery(["--json"].into_iter().chain(arguments))
        .with_code(1)
        .json();
    assert_eq!(json["decision"], "deny");
    let violations = json["violations"].as_array().unwrap();
    assert!(violations.len() > 1, "{violations:?}");
    for violation in violations {
        assert!(
            violation["citation"].as_str().unwrap().starts_with("CPS "),
            "{violation}"
        );
    }
}

#[test]
fn a_good_request_is_permitted_with_its_plan() {
    let desk = Desk::new();
    let names = ["--cn", "www.example.com", "--dns", "www.example.com"];
    let key = ["key", "new", "--key-out", "a.key", "--csr-out", "a.csr"];
    desk.chancery(key.into_iter().chain(names)).well();
    let policy = shipped_policy("internal.toml");
    let done = desk.chancery([
        "policy",
        "explain",
        &policy,
        "--profile",
        "tls-server",
        "--csr",
        "a.csr",
        "--cn",
        "www.example.com",
        "--dns",
        "www.example.com",
    ]);
    assert_eq!(done.code, 0, "{}\n{}", done.out, done.err);
    assert!(done.out.contains("decision: permitted"), "{}", done.out);
}

#[test]
fn two_policies_are_compared_rule_by_rule() {
    let desk = Desk::new();
    let policy = std::fs::read_to_string(shipped_policy("esign.toml")).unwrap();
    desk.write("old.toml", &policy);
    desk.write(
        "new.toml",
        &format!(
            "# another comment\n{}",
            policy.replace("\"1.0.0\"", "\"2.0.0\"")
        ),
    );
    let same = desk
        .chancery(["policy", "diff", "old.toml", "old.toml"])
        .well();
    assert!(same.out.contains("say the same"), "{}", same.out);
    let changes = desk
        .chancery(["--json", "policy", "diff", "old.toml", "new.toml"])
        .well()
        .json();
    let paths: Vec<_> = changes
        .as_array()
        .unwrap()
        .iter()
        .map(|change| &change["path"])
        .collect();
    assert!(
        paths.iter().any(|path| *path == "\"1.2\".version"),
        "{paths:?}"
    );
    assert!(
        paths
            .iter()
            .all(|path| path.as_str().unwrap().ends_with("version")),
        "{paths:?}"
    );
}

#[test]
fn the_schema_is_json_schema() {
    let schema = Desk::new().chancery(["policy", "schema"]).well().json();
    assert!(
        schema["$schema"]
            .as_str()
            .unwrap()
            .contains("json-schema.org")
    );
}
