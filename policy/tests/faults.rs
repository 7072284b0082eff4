//! Faulty policy files: every fault, where it stands, and nothing clamped.

mod common;

use common::{ESIGN, INTERNAL, MANAGEMENT};
use policy::{Fault, Policy};

fn faults(text: &str) -> Vec<Fault> {
    match Policy::parse(text) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.faults().to_vec(),
    }
}

/// Replaces what must be there.
fn change(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from} is not in the file");
    text.replacen(from, to, 1)
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table: one fault in a line")]
fn every_value_out_of_its_range_is_a_fault_at_its_key() {
    let cases = [
        (
            ESIGN,
            "contact = \"cps@example.com\"",
            "contact = \"cps\"",
            "\"1.5\".contact",
        ),
        (
            ESIGN,
            "http://pki.example.com",
            "https://pki.example.com",
            "\"2.1\".repository",
        ),
        (
            ESIGN,
            "http://ocsp.example.com",
            "http://ocsp.example.com/",
            "\"2.1\".ocsp",
        ),
        (
            ESIGN,
            "evidence_max_age = \"90d\"",
            "evidence_max_age = \"3 months\"",
            "\"3.2\".evidence_max_age",
        ),
        (
            ESIGN,
            "id = \"hukou\"",
            "id = \"name\"",
            "\"3.2\".evidence[4]",
        ),
        (
            ESIGN,
            "sha256 = \"66",
            "sha256 = \"zz",
            "\"4.1\".agreements[0].sha256",
        ),
        (
            ESIGN,
            "effective_at = \"2026-01-01\"",
            "effective_at = \"2025-01-01\"",
            "\"4.1\".agreements[0].effective_at",
        ),
        (
            ESIGN,
            "acknowledgement = \"10s\"",
            "acknowledgement = \"2h\"",
            "\"4.9\".acknowledgement",
        ),
        (
            ESIGN,
            "deadline = \"24h\"",
            "deadline = \"25h\"",
            "\"4.9\".grounds[0].deadline",
        ),
        (
            ESIGN,
            "compromise = true\n",
            "",
            "\"4.9\".grounds[0].compromise",
        ),
        (
            ESIGN,
            "id = \"sub.request\"",
            "id = \"hold\"",
            "\"4.9\".grounds[1].id",
        ),
        (
            ESIGN,
            "years_after_invalidity = 5",
            "years_after_invalidity = 4",
            "\"5.5\".years_after_invalidity",
        ),
        (
            ESIGN,
            "\"ecdsa-sha256\"",
            "\"ecdsa-sha1\"",
            "\"6.1\".signature_algorithms[0]",
        ),
        (
            ESIGN,
            "issuing = \"3653d\"",
            "issuing = \"7306d\"",
            "\"6.3\".issuing",
        ),
        (
            ESIGN,
            "next_update = \"7d\"",
            "next_update = \"11d\"",
            "\"7.2\".next_update",
        ),
        (
            ESIGN,
            "overlap = \"24h\"",
            "overlap = \"7d\"",
            "\"7.2\".overlap",
        ),
        (
            ESIGN,
            "validity = \"24h\"",
            "validity = \"7h\"",
            "\"7.3\".validity",
        ),
        (
            ESIGN,
            "renew_every = \"24h\"",
            "renew_every = \"14d\"",
            "\"7.3\".renew_every",
        ),
        (
            ESIGN,
            "\"ec-p384\"",
            "\"rsa-1024\"",
            "\"7.1\".profiles.esign-individual.key_algorithms[3]",
        ),
        (
            ESIGN,
            "[\"nonRepudiation\"]",
            "[\"keyCertSign\"]",
            "\"7.1\".profiles.esign-individual.key_usage",
        ),
        (
            ESIGN,
            "[\"nonRepudiation\"]",
            "[\"keyEncipherment\"]",
            "\"7.1\".profiles.esign-individual.key_usage",
        ),
        (
            ESIGN,
            "[\"documentSigning\"]",
            "[\"OCSPSigning\"]",
            "\"7.1\".profiles.esign-individual.extended_key_usage[0]",
        ),
        (
            ESIGN,
            "attribute = \"surname\"",
            "attribute = \"emailAddress\"",
            "\"7.1\".profiles.esign-individual.subject[1].attribute",
        ),
        (
            ESIGN,
            "evidence = [\"name\"",
            "evidence = [\"uscc\"",
            "\"7.1\".profiles.esign-individual.subject[1].evidence[0]",
        ),
        (
            ESIGN,
            "[\"name\", \"id_number\"",
            "[\"passport\", \"id_number\"",
            "\"7.1\".profiles.esign-individual.evidence.required_all[0]",
        ),
        (
            ESIGN,
            "max = \"1096d\"",
            "max = \"364d\"",
            "\"7.1\".profiles.esign-individual.validity.default",
        ),
        (
            ESIGN,
            "backdate = \"5m\"",
            "backdate = \"6m\"",
            "\"7.1\".profiles.esign-individual.validity.backdate",
        ),
        (
            ESIGN,
            "min = \"1h\"",
            "min = \"5m\"",
            "\"7.1\".profiles.esign-individual.validity.min",
        ),
        (
            ESIGN,
            "hold = true\n",
            "hold = true\nrevocation = false\n",
            "\"7.1\".profiles.esign-individual.hold",
        ),
        (ESIGN, "[text.\"1.6\"]", "[text.\"1.7\"]", "text.\"1.7\""),
        (
            ESIGN,
            "version = \"1.0.0\"",
            "version = \" \"",
            "\"1.2\".version",
        ),
        (
            INTERNAL,
            "from = \"2027-03-15\"",
            "from = \"2025-03-15\"",
            "\"7.1\".profiles.tls-server.validity.limits[2].from",
        ),
        (
            INTERNAL,
            "\"10.0.0.0/8\"",
            "\"10.0.0.1/8\"",
            "\"7.1\".profiles.tls-server.subject_alt_names.ip.within[0]",
        ),
        (
            MANAGEMENT,
            ".profiles.client-ra]",
            ".profiles.client-rb]",
            "\"7.1\".profiles.client-ra",
        ),
    ];
    for (text, from, to, path) in cases {
        let found = faults(&change(text, from, to));
        assert!(
            found.iter().any(|fault| fault.path == path),
            "{to}: {found:?}"
        );
    }
}

#[test]
fn shards_and_deltas_stay_within_the_complete_list() {
    let cases = [
        ("shards = 16", "shards = 4097", "shards"),
        (
            "next_update = \"48h\"",
            "next_update = \"8d\"",
            "delta.next_update",
        ),
        (
            "next_update = \"48h\"",
            "next_update = \"6h\"",
            "delta.next_update",
        ),
        ("interval = \"6h\"", "interval = \"25h\"", "delta.interval"),
        (
            "after_revocation = \"2s\"",
            "after_revocation = \"6s\"",
            "delta.after_revocation",
        ),
        (
            "after_revocation = \"2s\"",
            "after_revocation = \"0s\"",
            "delta.after_revocation",
        ),
    ];
    for (from, to, key) in cases {
        let found = faults(&change(ESIGN, from, to));
        let path = format!("\"7.2\".{key}");
        assert!(
            found.iter().any(|fault| fault.path == path),
            "{to}: {found:?}"
        );
    }
}

#[test]
fn a_tls_server_is_never_suspended() {
    let text = change(
        INTERNAL,
        "extended_key_usage = [\"serverAuth\"]\n",
        "extended_key_usage = [\"serverAuth\"]\nhold = true\n",
    );
    assert!(faults(&text).iter().any(|fault| fault.rule == "BR 4.9.13"));
}

#[test]
fn a_hold_needs_rules_of_suspension() {
    let begin = ESIGN.find("[\"4.9\".suspension]").unwrap_or(0);
    let end = ESIGN.find("[\"5.4\"]").unwrap_or(0);
    let text = format!("{}{}", &ESIGN[..begin], &ESIGN[end..]);
    let found = faults(&text);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found
            .iter()
            .all(|fault| fault.path.rsplit('.').next() == Some("hold")),
        "{found:?}"
    );
}

#[test]
fn all_faults_come_at_once_with_their_lines() {
    let text = change(ESIGN, "next_update = \"7d\"", "next_update = \"70d\"");
    let text = change(&text, "validity = \"24h\"", "validity = \"240d\"");
    let text = change(&text, "root = \"7305d\"", "root = \"long\"");
    let found = faults(&text);
    assert_eq!(found.len(), 4, "{found:?}");
    for fault in found {
        let line = text.lines().nth(fault.line - 1).unwrap_or_default();
        let key = fault.path.rsplit('.').next().unwrap_or_default();
        assert!(line.starts_with(key), "{fault}: {line}");
        assert!(
            fault
                .to_string()
                .starts_with(&format!("line {}: ", fault.line))
        );
    }
}

#[test]
fn unknown_keys_wrong_types_and_words_are_all_found() {
    let text = change(ESIGN, "hold = true", "hold = \"yes\"\nholt = true");
    let text = change(
        &text,
        "reason = \"keyCompromise\"",
        "reason = \"certificateHold\"",
    );
    let text = change(&text, "kind = \"issuing\"", "");
    let paths: Vec<String> = faults(&text).into_iter().map(|fault| fault.path).collect();
    assert_eq!(
        paths,
        [
            "kind",
            "\"4.9\".grounds[0].reason",
            "\"7.1\".profiles.esign-individual.hold",
            "\"7.1\".profiles.esign-individual.holt",
        ]
    );
}

#[test]
fn what_is_not_toml_is_said_to_be_so() {
    let found = faults("kind = \n[\"1.1\"\n");
    assert!(
        found.iter().all(|fault| fault.rule == "TOML 1.0"),
        "{found:?}"
    );
    assert!(!found.is_empty());
    assert!(!faults("").is_empty());
}

#[test]
fn a_difference_names_the_keys_that_changed() {
    let before = common::parse(ESIGN);
    assert_eq!(before.diff(&before), []);
    let text = change(
        ESIGN,
        "evidence_max_age = \"90d\"",
        "evidence_max_age = \"30d\"",
    );
    let text = change(&text, "\"ec-p384\", ", "");
    let changes: Vec<String> = before
        .diff(&common::parse(&text))
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        changes,
        [
            "~ \"3.2\".evidence_max_age: \"90d\" -> \"30d\"",
            "- \"7.1\".profiles.esign-individual.key_algorithms[ec-p384]: \"ec-p384\"",
        ]
    );
}
