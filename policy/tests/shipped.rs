//! The shipped policy files: they parse, and the documents beside them are current.
#![expect(
    clippy::panic,
    reason = "tests stop at the first thing that is missing"
)]

use policy::{IssuerKind, Policy};
use sha2::{Digest, Sha256};

const ESIGN: &str = include_str!("../esign.toml");
const INTERNAL: &str = include_str!("../internal.toml");
const MANAGEMENT: &str = include_str!("../management.toml");
const AGREEMENT: &str = include_str!("../agreements/subscriber-2026-1.md");
const SCHEMA: &str = include_str!("../schema.json");

fn parse(text: &str) -> Policy {
    match Policy::parse(text) {
        Ok(policy) => policy,
        Err(faults) => panic!("{faults}"),
    }
}

fn profiles(policy: &Policy) -> Vec<&str> {
    policy.profiles().map(policy::Profile::name).collect()
}

#[test]
fn the_signing_policy_serves_individuals_and_organisations() {
    let policy = parse(ESIGN);
    assert_eq!(policy.issuer_kind(), IssuerKind::Issuing);
    assert_eq!(
        profiles(&policy),
        ["esign-individual", "esign-organization"]
    );
}

#[test]
fn the_internal_policy_serves_servers_clients_and_devices() {
    let policy = parse(INTERNAL);
    assert_eq!(policy.issuer_kind(), IssuerKind::Issuing);
    assert_eq!(profiles(&policy), ["device", "tls-client", "tls-server"]);
}

#[test]
fn the_management_policy_serves_the_ca_itself() {
    let policy = parse(MANAGEMENT);
    assert_eq!(policy.issuer_kind(), IssuerKind::Management);
    assert_eq!(
        profiles(&policy),
        [
            "client-follower",
            "client-officer",
            "client-ra",
            "receipts",
            "server"
        ]
    );
}

#[test]
fn every_policy_has_the_grounds_of_the_agreement() {
    for text in [ESIGN, INTERNAL, MANAGEMENT] {
        let policy = parse(text);
        for id in [
            "sub.key_lost_or_leaked",
            "sub.request",
            "ca.false_or_incomplete_info",
            "ca.info_changed_not_notified",
            "ca.key_lost_not_notified",
            "ca.used_after_expiry",
            "ca.unlawful_use",
            "ca.agreement_breach",
            "ca.published_other",
            "ca.fault.misissued",
            "ca.fault.wrong_information",
            "ca.fault.key_compromised",
        ] {
            assert!(policy.ground(id).is_some(), "{id}");
        }
    }
}

#[test]
fn the_agreement_in_force_is_the_shipped_text() {
    let digest: [u8; 32] = Sha256::digest(AGREEMENT.as_bytes()).into();
    let policy = parse(ESIGN);
    assert_eq!(
        policy.agreements().last().expect("agreement").sha256,
        digest
    );
}

#[test]
fn the_schema_for_editors_is_current() {
    let stored: serde_json::Value = serde_json::from_str(SCHEMA).expect("JSON");
    let current = stored == policy::schema();
    assert!(
        current,
        "write it anew: chancery policy schema > policy/schema.json"
    );
}

#[test]
fn the_schema_accepts_the_shipped_files_as_json() {
    // What an editor does: the file as JSON against the schema. Parsing does the same, and a
    // misspelt key must be found by it.
    let faults = Policy::parse(&ESIGN.replace("renewal_window", "renewal_windov"))
        .expect_err("a misspelt key");
    let paths: Vec<&str> = faults
        .faults()
        .iter()
        .map(|fault| fault.path.as_str())
        .collect();
    assert!(
        paths.contains(&"\"7.1\".profiles.esign-individual.renewal_windov"),
        "{paths:?}"
    );
    assert!(
        paths.contains(&"\"7.1\".profiles.esign-organization.renewal_window"),
        "{paths:?}"
    );
}
