//! Imported lists, the server's certificate, revocation by an officer.

use crate::digits;
use crate::fingerprint;
use api::CrlBody;
use blackbox_tests::enrolment::enroll;
use blackbox_tests::refusal::Refusals;
use blackbox_tests::revocation::ocsp;
use blackbox_tests::{Daemon, Key, KeyKind, World, run_well};
use pki::CrlScope;
use serde_json::json;
use std::process::Command;
use testkit::judges::OcspAnswer;
use testkit::wait_until;

#[test]
fn lists_of_offline_cas_are_checked_before_they_are_imported() {
    let world = World::start();
    let read = |path: &str| std::fs::read_to_string(world.run().join(path)).unwrap();
    let import = |issuer: &str, crl: &str| {
        let body = json!({ "issuer": issuer, "crl": crl });
        world.officer().post(api::routes::CRLS, &body)
    };
    let refusals = Refusals::watch(&world);
    let root = read("root/root.crl");
    let same = import("root", &root);
    refusals.audited("the same again", &same, 409, "crl-number-not-ahead");
    let not_pem = import("root", "hello");
    refusals.audited("not PEM", &not_pem, 400, "malformed-member");
    let unknown = import("nobody", &root);
    refusals.audited("unknown", &unknown, 404, "issuer-not-found");
    let own = import("esign-ca", &root);
    assert_eq!(own.status / 100, 4, "{}", own.text());
    let foreign = import("root", &crl_of_somebody_else(&world));
    refusals.audited("foreign", &foreign, 422, "crl-not-of-issuer");
    wait_until("all lists are published", || {
        let crls: Vec<CrlBody> = world.officer().get(api::routes::CRLS).expect(200).read();
        let complete = crls.iter().filter(|crl| crl.scope == CrlScope::Full);
        complete.count() == 3 && crls.iter().all(|crl| crl.published_by == ["crl-1"])
    });
}

#[test]
fn the_servers_certificate_is_renewed_while_it_serves() {
    let world = World::start();
    let ca = world.run().join("ca");
    let before = fingerprint(&ca.join("server.pem"));
    assert_eq!(shown(&world), before);
    let key = Key::new(&ca, KeyKind::P256);
    let names = "subjectAltName=DNS:localhost,IP:127.0.0.1";
    let body = json!({ "csr": key.csr("/CN=localhost", &[names]) });
    let answer = world
        .officer()
        .post(api::routes::SERVER_CERTIFICATES, &body)
        .expect(201);
    let pem = answer.json()["certificate"].as_str().unwrap().to_owned();
    std::fs::rename(key.path(), ca.join("server.key")).unwrap();
    std::fs::write(ca.join("server.pem"), pem).unwrap();
    world.reload(Daemon::Ca);
    let after = fingerprint(&ca.join("server.pem"));
    assert_ne!(before, after);
    wait_until("the new certificate is shown", || shown(&world) == after);
    world.ra().get("/v1/profiles").expect(200);
    world.client("ra", "ra-1").get("/v1/profiles").expect(200);

    // A fault leaves what works in use.
    std::fs::write(ca.join("server.pem"), "hello").unwrap();
    world.reload(Daemon::Ca);
    wait_until("the fault is logged", || {
        world.log(Daemon::Ca).contains("the old ones stay")
    });
    assert_eq!(shown(&world), after);
}

#[test]
fn an_officer_revokes_any_certificate() {
    let world = World::start();
    let other = world.register_ra("ra-2", &["device"], json!({}));
    let issued = enroll(&other, "device", &world.key(KeyKind::P256), "device-1");
    let serial = issued.certificate.summary.serial.to_string();
    let revoke = ["revoke", "--serial", &serial, "--ground", "ca.unlawful_use"];
    let said = world.chancery_officer(&revoke);
    assert_eq!(said.code, 0, "{}", said.all());
    assert_eq!(ocsp(&world, &issued), OcspAnswer::Revoked);
    let revoked = world.audit().of_kind("revoked");
    assert!(
        revoked
            .iter()
            .any(|event| event.actor == "officer:officer-1")
    );
}

/// The fingerprint of the certificate that ca-daemon shows to a new connection.
fn shown(world: &World) -> String {
    let port = world.ports().api;
    let script = format!(
        "openssl s_client -connect 127.0.0.1:{port} </dev/null 2>/dev/null \
         | openssl x509 -noout -fingerprint -sha256"
    );
    digits(&run_well(Command::new("sh").args(["-c", &script])))
}

fn crl_of_somebody_else(world: &World) -> String {
    let directory = world.scratch();
    let script = "
        printf '[ca]\\ndefault_ca=x\\n[x]\\ndatabase=index\\ndefault_md=sha256\\ncrl_extensions=e\\ncrlnumber=number\\n[e]\\nauthorityKeyIdentifier=keyid\\n' >ca.cnf
        : >index; echo 05 >number
        openssl req -x509 -new -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -keyout x.key \
            -out x.pem -config /dev/null -addext subjectKeyIdentifier=hash -subj '/C=CN/O=Example Certification Services/CN=Example Root CA'
        openssl ca -gencrl -config ca.cnf -keyfile x.key -cert x.pem -crldays 30";
    run_well(
        Command::new("sh")
            .args(["-ec", script])
            .current_dir(directory),
    )
}
