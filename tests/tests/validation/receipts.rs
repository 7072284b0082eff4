//! Receipts of revocations: what they say while responders are late and lists are made, and who
//! believes them.

use std::path::Path;
use std::process::Command;

use api::{RevocationReceipt, routes};
use blackbox_tests::{Answer, Client, Daemon, Said, World, run, run_well};
use pki::CrlScope;
use rustix::process::Signal;
use serde_json::{Value, json};
use testkit::judges::JwCrypto;
use testkit::wait_for;

use crate::followers::SecondResponder;
use crate::scene::{Issued, issue_device, quick_world};

fn ask(client: &Client, route: &str, issued: &Issued) -> Answer {
    client.get(&route.replace("{serial}", &issued.serial))
}

/// The receipt as jwcrypto reads it.
#[track_caller]
fn receipt(world: &World, issued: &Issued) -> RevocationReceipt {
    let answer = ask(world.ra(), routes::RECEIPT, issued).expect(200);
    let payload = JwCrypto::verify(&answer.text()).unwrap();
    serde_json::from_str(&payload).unwrap()
}

#[track_caller]
fn wait_for_receipt(
    world: &World,
    issued: &Issued,
    what: &str,
    condition: impl Fn(&RevocationReceipt) -> bool,
) -> RevocationReceipt {
    wait_for(what, || Some(receipt(world, issued)).filter(&condition))
}

/// Puts the policy of the internal CA in force with words changed.
fn change_policy(world: &World, changes: &[(&str, &str)]) {
    let policy = world.run().join("ca/policy/internal.toml");
    let mut text = std::fs::read_to_string(&policy).unwrap();
    for (old, new) in changes {
        assert!(text.contains(old), "{old} is not in the policy");
        text = text.replace(old, new);
    }
    std::fs::write(&policy, text).unwrap();
    let reload = routes::RELOAD_POLICY.replace("{issuer}", "internal-ca");
    world.officer().post(&reload, &json!({})).expect(200);
}

/// Lets the CA wait a second for responders instead of ten.
const HASTY: (&str, &str) = ("acknowledgement = \"10s\"", "acknowledgement = \"1s\"");

/// Number and text of the list that is published now, as OpenSSL reads them.
fn published(world: &World, scope: CrlScope) -> Option<(u64, String)> {
    let path = scope.path(&"internal-ca".parse().unwrap());
    let list = world.fetch(&format!("{}/{path}", world.crl_url()))?;
    let path = world.scratch().join("receipt.crl");
    std::fs::write(&path, list).unwrap();
    let mut openssl = Command::new("openssl");
    openssl.args([
        "crl",
        "-inform",
        "DER",
        "-noout",
        "-crlnumber",
        "-text",
        "-in",
    ]);
    let text = run_well(openssl.arg(&path));
    let number = text
        .lines()
        .find_map(|line| line.strip_prefix("crlNumber="))
        .unwrap();
    let number = u64::from_str_radix(number.trim().trim_start_matches("0x"), 16);
    Some((number.unwrap(), text.to_lowercase()))
}

/// Waits until a list that is published shows a certificate; gives its number.
#[track_caller]
fn wait_for_number(world: &World, scope: CrlScope, issued: &Issued) -> u64 {
    let bare = issued.serial.trim_start_matches('0');
    wait_for("it is on the list", || {
        let (number, text) = published(world, scope)?;
        text.contains(bare).then_some(number)
    })
}

fn numbers(receipt: &RevocationReceipt) -> Vec<(CrlScope, u64)> {
    let crls = receipt.crls.iter();
    crls.map(|crl| (crl.scope, crl.number.get())).collect()
}

fn names(receipt: &RevocationReceipt) -> Vec<&str> {
    let responders = receipt.responders.iter();
    responders.map(|by| by.responder.as_str()).collect()
}

#[test]
fn a_receipt_tells_who_has_a_revocation_on_sqlite() {
    tells_who_has_a_revocation(&quick_world());
}

#[test]
fn a_receipt_tells_who_has_a_revocation_on_postgresql() {
    let world = World::builder()
        .postgres()
        .variable("INTERNAL_CA_ALGORITHM", "ec-p256")
        .start();
    tells_who_has_a_revocation(&world);
}

fn tells_who_has_a_revocation(world: &World) {
    change_policy(world, &[HASTY]);
    let second = SecondResponder::start(world);
    let (issued, later) = (issue_device(world), issue_device(world));
    let refused = ask(world.ra(), routes::RECEIPT, &issued).expect(409);
    assert_eq!(refused.code(), "certificate-not-revoked");
    let before = wait_for("a list is published", || published(world, CrlScope::Full));
    let log = world.audit_from_now();

    // One responder stands still: it is named, and the receipt is not complete.
    second.process.signal(Signal::STOP);
    let answer = issued.try_revoke(world, "sub.key_lost_or_leaked");
    assert_eq!(answer.status, 202, "{}", answer.text());
    let body: Value = answer.json();
    let first = receipt(world, &issued);
    assert_eq!((first.format, first.complete), (1, false));
    assert_eq!(first.serial.to_string(), issued.serial);
    assert_eq!(first.ground, "sub.key_lost_or_leaked");
    assert_eq!(
        json!(first.effective_at),
        body["revocation"]["effective_at"]
    );
    assert_eq!(
        json!(first.requested_at),
        body["revocation"]["requested_at"]
    );
    assert!(first.requested_at <= first.approved_at && first.approved_at <= first.effective_at);
    assert_eq!(names(&first), ["ocsp-1"]);
    assert_eq!(first.pending_responders, [SecondResponder::NAME]);
    assert!(first.responders[0].acknowledged_at >= first.effective_at);

    // The list comes; the number is that of the first that shows the entry.
    let number = wait_for_number(world, CrlScope::Full, &issued);
    let listed = wait_for_receipt(world, &issued, "the list is acknowledged", |receipt| {
        (receipt.crls.iter()).any(|crl| !crl.publishers.is_empty())
    });
    assert!(number > before.0);
    let full = (listed.crls.iter()).find(|crl| crl.scope == CrlScope::Full);
    let full = full.unwrap();
    assert_eq!(full.number.get(), number);
    assert_eq!(full.publishers[0].number.get(), number);
    assert!(full.publishers[0].published_at >= full.this_update);
    assert!(!listed.complete);

    // The responder goes on: now the receipt is whole, and says nothing else than before.
    second.process.signal(Signal::CONT);
    let whole = wait_for_receipt(world, &issued, "it is whole", |receipt| receipt.complete);
    assert_eq!(names(&whole), ["ocsp-1", SecondResponder::NAME]);
    assert_eq!(whole.responders[0], first.responders[0]);
    assert_eq!(whole.crls, listed.crls);
    assert!(whole.pending_responders.is_empty() && whole.pending_crls.is_empty());

    // With nothing new to say the same octets come again, and nothing is signed.
    let one = ask(world.ra(), routes::RECEIPT, &issued).expect(200);
    let signed = log.of_kind("receipt-signed");
    let two = ask(world.officer(), routes::OFFICER_RECEIPT, &issued).expect(200);
    assert_eq!(one.body, two.body);
    assert_eq!(log.of_kind("receipt-signed").len(), signed.len());
    assert!(signed.iter().all(|event| event.actor == "ra:ra-1"));

    // A dead responder stays pending until it is retired.
    second.process.signal(Signal::KILL);
    assert_eq!(later.try_revoke(world, "sub.request").status, 202);
    let listed = wait_for_receipt(world, &later, "the list is acknowledged", |receipt| {
        (receipt.crls.iter()).any(|crl| !crl.publishers.is_empty())
    });
    assert_eq!(listed.pending_responders, [SecondResponder::NAME]);
    let said = world.chancery_officer(&["retire", "--name", SecondResponder::NAME]);
    assert_eq!(said.code, 0, "{}", said.all());
    let whole = wait_for_receipt(world, &later, "it is whole", |receipt| receipt.complete);
    assert_eq!(names(&whole), ["ocsp-1"]);
    assert_eq!(
        names(&receipt(world, &issued)).len(),
        2,
        "what was said stays"
    );
}

/// The certificate's shard is named with its number; a delta is if it came before the complete list.
#[test]
fn a_receipt_names_the_first_shard_and_the_first_delta() {
    let world = quick_world();
    change_policy(&world, &[("[\"7.2\"]\n", "[\"7.2\"]\nshards = 2\n")]);
    let (issued, later) = (issue_device(&world), issue_device(&world));
    issued.revoke(&world, "sub.key_lost_or_leaked");
    let shard = |issued: &Issued| {
        let last = issued.serial.get(issued.serial.len() - 1..).unwrap();
        CrlScope::Shard(u16::from_str_radix(last, 16).unwrap() % 2)
    };
    let whole = wait_for_receipt(&world, &issued, "it is whole", |receipt| receipt.complete);
    let scopes = [CrlScope::Full, shard(&issued)];
    let expected = scopes.map(|scope| (scope, wait_for_number(&world, scope, &issued)));
    assert_eq!(numbers(&whole), expected);

    // Complete lists and shards take their time now; the delta does not.
    let delta =
        "[\"7.2\".delta]\nnext_update = \"1h\"\ninterval = \"30m\"\nafter_revocation = \"1s\"\n";
    let slow = ("after_revocation = \"1s\"", "after_revocation = \"10m\"");
    let with_delta = format!("{delta}\n[\"7.3\"]\n");
    change_policy(&world, &[slow, ("[\"7.3\"]\n", &with_delta)]);
    later.revoke(&world, "sub.key_lost_or_leaked");
    let number = wait_for_number(&world, CrlScope::Delta, &later);
    let partly = wait_for_receipt(&world, &later, "the delta is acknowledged", |receipt| {
        (receipt.crls.iter()).any(|crl| !crl.publishers.is_empty())
    });
    assert_eq!(numbers(&partly), [(CrlScope::Delta, number)]);
    assert_eq!(partly.pending_crls, [CrlScope::Full, shard(&later)]);
    assert!(!partly.complete);
}

#[test]
fn nobody_sees_a_receipt_of_another_ra_and_a_hold_has_one_as_long_as_it_lasts() {
    let world = quick_world();
    let issued = issue_device(&world);
    let other = world.register_ra("ra-2", &["device"], json!({}));
    issued.hold(&world);
    let held = receipt(&world, &issued);
    assert_eq!(held.ground, "hold");
    assert_eq!(held.state, api::CertificateState::OnHold);
    let refused = ask(&other, routes::RECEIPT, &issued).expect(404);
    assert_eq!(refused.code(), "certificate-not-found");
    ask(world.ra(), routes::OFFICER_RECEIPT, &issued).expect(403);
    issued.release(&world);
    let refused = ask(world.ra(), routes::RECEIPT, &issued).expect(409);
    assert_eq!(refused.code(), "certificate-not-revoked");

    issued.revoke(&world, "sub.request");
    world.stop(Daemon::Ca);
    let config = world.run().join("ca/ca-daemon.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    let without = text.replace("[receipts]\ntoken = \"issuing\"\nkey_id = \"04\"\n", "");
    assert_ne!(text, without);
    std::fs::write(&config, without).unwrap();
    world.start_again(Daemon::Ca);
    let refused = ask(world.ra(), routes::RECEIPT, &issued).expect(409);
    assert_eq!(refused.code(), "receipts-not-configured");

    // A CA's key signs no receipts.
    world.stop(Daemon::Ca);
    std::fs::write(&config, text.replace("key_id = \"04\"", "key_id = \"02\"")).unwrap();
    let mut command = world.program("ca-daemon");
    command.env("SOFTHSM2_CONF", world.run().join("ca/softhsm2.conf"));
    let said = run(command.arg("--config").arg(&config).arg("run"));
    assert_ne!(said.code, 0);
    assert!(said.all().contains("key of internal-ca"), "{}", said.all());
}

#[test]
fn a_receipt_stands_without_the_ca_and_a_changed_one_falls() {
    let world = quick_world();
    let (issued, other) = (issue_device(&world), issue_device(&world));
    issued.revoke(&world, "sub.key_lost_or_leaked");
    let at = |name: &str| world.scratch().join(name);
    let pem = |name: &str, issued: &Issued| {
        let der = at(&format!("{name}.der"));
        std::fs::write(&der, &issued.der).unwrap();
        let mut openssl = Command::new("openssl");
        openssl.args(["x509", "-inform", "DER", "-in"]).arg(&der);
        run_well(openssl.arg("-out").arg(at(name)));
        at(name)
    };
    let (certificate, wrong) = (pem("certificate", &issued), pem("wrong", &other));
    let file = at("receipt.json");
    let path = file.display().to_string();
    let said = world.chancery_ra(&["receipt", "--serial", &issued.serial, "--out", &path]);
    assert!(said.well().stdout.contains("ocsp-1 has answered so since"));

    // The CA is gone.
    for daemon in Daemon::ALL {
        world.stop(daemon);
    }
    let verify = |file: &Path, roots: &Path, certificate: &Path| {
        let mut command = world.program("chancery");
        command.args(["receipt", "verify"]).arg(file);
        command.arg("--roots").arg(roots);
        run(command.arg("--certificate").arg(certificate))
    };
    let management = world.management();
    let good = verify(&file, &management, &certificate).well();
    for expected in ["good, ES256", "Revocation Receipts", "revoked for good"] {
        assert!(good.all().contains(expected), "{expected}: {}", good.all());
    }

    let refused = |said: Said, why: &str| {
        assert_eq!(said.code, 1, "{}", said.all());
        assert!(said.all().contains(why), "{why}: {}", said.all());
    };
    refused(
        verify(&file, &world.root(), &certificate),
        "does not lead to",
    );
    refused(verify(&file, &management, &wrong), "another certificate");
    let text = std::fs::read_to_string(&file).unwrap();
    for member in ["payload", "signature"] {
        let spoilt = spoilt(&text, member);
        JwCrypto::verify(&spoilt).unwrap_err();
        std::fs::write(at("spoilt.json"), spoilt).unwrap();
        let said = verify(&at("spoilt.json"), &management, &certificate);
        refused(said, "signature is not good");
    }
    std::fs::write(at("none.json"), "{}").unwrap();
    assert_eq!(verify(&at("none.json"), &management, &certificate).code, 65);
    openssl_trusts(&text, &world, &at("leaf.der"));
}

/// The receipt with one character of a member changed.
fn spoilt(receipt: &str, member: &str) -> String {
    let mut json: Value = serde_json::from_str(receipt).unwrap();
    let mut text = json[member].as_str().unwrap().as_bytes().to_vec();
    let middle = text.len() / 2;
    text[middle] = if text[middle] == b'A' { b'B' } else { b'A' };
    json[member] = String::from_utf8(text).unwrap().into();
    json.to_string()
}

/// The signer's certificate is good in OpenSSL's eyes, and is for nothing but documents.
fn openssl_trusts(receipt: &str, world: &World, leaf: &Path) {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    let json: Value = serde_json::from_str(receipt).unwrap();
    let header = URL_SAFE_NO_PAD.decode(json["protected"].as_str().unwrap());
    let header: Value = serde_json::from_slice(&header.unwrap()).unwrap();
    let der = STANDARD.decode(header["x5c"][0].as_str().unwrap()).unwrap();
    std::fs::write(leaf, der).unwrap();
    let verify = |more: &[&str]| {
        let mut openssl = Command::new("openssl");
        openssl.args(["verify", "-x509_strict", "-CAfile"]);
        run(openssl.arg(world.management()).args(more).arg(leaf))
    };
    assert_eq!(verify(&[]).code, 0, "{}", verify(&[]).all());
    assert_ne!(verify(&["-purpose", "sslclient"]).code, 0);
}
