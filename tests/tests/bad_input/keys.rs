//! Keys.

use crate::CERTIFICATES;
use crate::device;
use blackbox_tests::enrolment::{enroll, request, submit};
use blackbox_tests::refusal::Refusals;
use blackbox_tests::{Key, KeyKind, World, run_well};
use serde_json::json;
use std::path::Path;
use std::process::Command;

#[test]
fn keys_that_are_weak() {
    let world = World::builder().configure(list_a_weak_key).start();
    let refusals = Refusals::watch(&world);
    for (kind, code) in [
        (KeyKind::Rsa(1024), "key-rsa-too-short"),
        (KeyKind::Rsa(2048), "key-type-not-allowed"),
        (KeyKind::P521, "key-type-not-allowed"),
    ] {
        let body = request("device", &world.key(kind), "device-1");
        let answer = submit(world.ra(), CERTIFICATES, &body);
        refusals.audited(&format!("{kind:?}"), &answer, 422, code);
    }
    let exponent = world.scratch().join("exponent.key");
    let mut command = Command::new("openssl");
    command.args(["genpkey", "-quiet", "-algorithm", "RSA"]);
    command.args([
        "-pkeyopt",
        "rsa_keygen_bits:3072",
        "-pkeyopt",
        "rsa_keygen_pubexp:3",
    ]);
    run_well(command.arg("-out").arg(&exponent));
    let listed = world.run().join("ca/listed.key");
    for (what, file, code) in [
        ("exponent 3", exponent, "key-exponent-too-small"),
        ("Debian's list", listed, "key-debian-weak"),
    ] {
        let body = request("device", &Key::from_file(file), "device-1");
        let answer = submit(world.ra(), CERTIFICATES, &body);
        refusals.audited(what, &answer, 422, code);
    }
    let roca = include_str!("../../fixtures/roca.csr");
    let answer = submit(world.ra(), CERTIFICATES, &device(roca));
    refusals.audited("ROCA", &answer, 422, "key-roca");
}

#[test]
fn keys_that_are_known() {
    let world = World::start();
    let refusals = Refusals::watch(&world);
    let blocked = world.key(KeyKind::P256);
    let block = json!({ "spki_sha256": blocked.spki_sha256(), "reason": "seen in the wild" });
    world
        .officer()
        .post(api::routes::BLOCKED_KEYS, &block)
        .expect(204);
    let body = request("device", &blocked, "device-1");
    let answer = submit(world.ra(), CERTIFICATES, &body);
    refusals.audited("blocked", &answer, 422, "key-blocked");

    for ca in ["esign-ca", "internal-ca"] {
        let csr = std::fs::read_to_string(world.run().join(format!("ca/{ca}.csr"))).unwrap();
        let answer = submit(world.ra(), CERTIFICATES, &device(&csr));
        refusals.audited(ca, &answer, 422, "key-of-ca");
    }
    let csr = std::fs::read_to_string(world.run().join("ra/ra-1.csr")).unwrap();
    let answer = submit(world.ra(), CERTIFICATES, &device(&csr));
    refusals.audited(
        "a peer's key",
        &answer,
        422,
        "key-certified-for-other-subject",
    );

    let key = world.key(KeyKind::P256);
    enroll(world.ra(), "device", &key, "device-1");
    let refusals = Refusals::watch(&world);
    let body = request("device", &key, "device-2");
    let answer = submit(world.ra(), CERTIFICATES, &body);
    refusals.audited(
        "another's key",
        &answer,
        422,
        "key-certified-for-other-subject",
    );
    let body = request("esign-individual", &key, "张三");
    let answer = submit(world.ra(), CERTIFICATES, &body);
    refusals.audited(
        "another's key",
        &answer,
        422,
        "key-certified-for-other-subject",
    );
}

/// Makes an RSA key and has ca-daemon's list of weak keys contain it.
fn list_a_weak_key(run: &Path) {
    let ca = run.join("ca");
    let key = Key::new(&ca, KeyKind::Rsa(3072));
    let listed = ca.join("listed.key");
    std::fs::rename(key.path(), &listed).unwrap();
    let script =
        "openssl rsa -in listed.key -noout -modulus | openssl dgst -sha1 -r | cut -c 21-40";
    let digits = run_well(Command::new("sh").args(["-c", script]).current_dir(&ca));
    let list = ca.join("weak-keys.txt");
    std::fs::write(&list, format!("# A list of one.\n{digits}")).unwrap();
    let config = ca.join("ca-daemon.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    let line = format!("weak_key_lists = [\"{}\"]\n", list.display());
    std::fs::write(config, line + &text).unwrap();
}
