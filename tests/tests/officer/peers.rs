//! Peers and their certificates.

use crate::fingerprint;
use api::{PeerBody, PeerStatus};
use blackbox_tests::enrolment::{enroll, path};
use blackbox_tests::refusal::assert_is_problem;
use blackbox_tests::{Key, KeyKind, World, other_ca};
use serde_json::{Value, json};

#[test]
fn a_peers_certificate_is_renewed_without_a_gap() {
    let world = World::start();
    let directory = world.run().join("ra");
    let key = Key::new(&directory, KeyKind::P256);
    std::fs::rename(key.path(), directory.join("new.key")).unwrap();
    let csr = Key::from_file(directory.join("new.key")).csr("/CN=ra-1", &[]);
    let route = api::routes::PEER_CERTIFICATES.replace("{name}", "ra-1");
    let answer = world
        .officer()
        .post(&route, &json!({ "csr": csr }))
        .expect(201);
    let body: PeerBody = answer.read();
    std::fs::write(directory.join("new.pem"), body.issued.unwrap()).unwrap();
    assert_eq!(body.certificates.len(), 2);

    let new = world.client("ra", "new");
    world.ra().get("/v1/profiles").expect(200);
    new.get("/v1/profiles").expect(200);
    let old = fingerprint(&directory.join("ra-1.pem"));
    let pin = api::routes::PEER_PIN
        .replace("{name}", "ra-1")
        .replace("{fingerprint}", &old);
    world.officer().delete(&pin).expect(200);
    let refused = world.ra().get("/v1/profiles").expect(403);
    assert_eq!(refused.code(), "peer-certificate-retired");
    new.get("/v1/profiles").expect(200);
    let again = world.officer().delete(&pin);
    assert_eq!(again.status / 100, 4, "{}", again.text());
}

#[test]
fn a_certificate_of_another_ca_can_be_pinned() {
    let world = World::builder().configure(other_ca::trust_one).start();
    let other = world.client("others", "other");
    assert_eq!(other.get("/v1/profiles").expect(403).code(), "peer-unknown");
    let pem = std::fs::read_to_string(world.run().join("others/other.pem")).unwrap();
    let route = api::routes::PEER_PINS.replace("{name}", "ra-1");
    let pin = json!({ "certificate": pem });
    world.officer().post(&route, &pin).expect(201);
    other.get("/v1/profiles").expect(200);
    enroll(&other, "device", &world.key(KeyKind::P256), "device-1");

    world.register_ra("ra-2", &["device"], json!({}));
    let route = api::routes::PEER_PINS.replace("{name}", "ra-2");
    let taken = world.officer().post(&route, &pin);
    assert_is_problem(
        "one certificate, two peers",
        &taken,
        409,
        "fingerprint-taken",
    );
}

#[test]
fn an_auditor_reads_and_does_nothing_else() {
    let world = World::start();
    let directory = world.run().join("officer");
    let key = Key::new(&directory, KeyKind::P256);
    std::fs::rename(key.path(), directory.join("auditor.key")).unwrap();
    let csr = Key::from_file(directory.join("auditor.key")).csr("/CN=auditor", &[]);
    let request = json!({ "name": "auditor", "role": "auditor", "csr": csr });
    let answer = world
        .officer()
        .post(api::routes::PEERS, &request)
        .expect(201);
    let issued = answer.read::<PeerBody>().issued.unwrap();
    std::fs::write(directory.join("auditor.pem"), issued).unwrap();
    let auditor = world.client("officer", "auditor");
    for route in [
        api::routes::AUDIT,
        api::routes::PEERS,
        api::routes::OFFICER_CERTIFICATES,
        api::routes::CRLS,
        api::routes::RESPONDER_KEYS,
    ] {
        auditor.get(route).expect(200);
    }
    let issued = enroll(world.ra(), "device", &world.key(KeyKind::P256), "device-1");
    let serial = issued.certificate.summary.serial;
    let reload = api::routes::RELOAD_POLICY.replace("{issuer}", "internal-ca");
    for route in [
        api::routes::PEERS.to_owned(),
        api::routes::BLOCKED_KEYS.to_owned(),
        api::routes::CRLS.to_owned(),
        path(api::routes::OFFICER_REVOKE, serial),
        path(api::routes::REVOKE, serial),
        reload,
    ] {
        let answer = auditor.post(&route, &json!({}));
        assert_is_problem(&route, &answer, 403, "role-not-allowed");
    }
    assert!(refused_access(&world, "auditor:auditor"));
}

#[test]
fn the_registry_refuses_what_makes_no_sense() {
    let world = World::start();
    let csr = world.key(KeyKind::P256).csr("/CN=ra-2", &[]);
    let good = json!({ "name": "ra-2", "role": "ra", "profiles": ["device"], "csr": csr });
    let with = |member: &str, value: Value| {
        let mut body = good.clone();
        body[member] = value;
        body
    };
    for (what, body, status, code) in [
        ("taken", with("name", json!("ra-1")), 409, "peer-name-taken"),
        ("name", with("name", json!("Ra 2")), 400, "malformed-member"),
        ("no name", with("name", json!("")), 400, "malformed-member"),
        ("role", with("role", json!("king")), 400, "malformed-json"),
        (
            "profile",
            with("profiles", json!(["nothing"])),
            400,
            "malformed-member",
        ),
        ("no key", with("csr", Value::Null), 400, "malformed-member"),
        ("CSR", with("csr", json!("hello")), 422, "csr-not-der"),
    ] {
        let answer = world.officer().post(api::routes::PEERS, &body);
        assert_is_problem(what, &answer, status, code);
    }
    let weak = world.key(KeyKind::Rsa(1024)).csr("/CN=ra-2", &[]);
    let answer = world
        .officer()
        .post(api::routes::PEERS, &with("csr", json!(weak)));
    assert_is_problem("weak", &answer, 422, "key-rsa-too-short");
    let nobody = api::routes::PEER.replace("{name}", "nobody");
    let answer = world.officer().get(&nobody);
    assert_is_problem("nobody", &answer, 404, "peer-not-found");

    let retire = json!({ "status": "retired" });
    world.register_ra("ra-3", &["device"], json!({}));
    let peer = api::routes::PEER.replace("{name}", "ra-3");
    world.officer().patch(&peer, &retire).expect(200);
    let back = world.officer().patch(&peer, &json!({ "status": "active" }));
    assert_is_problem("retired is for good", &back, 409, "peer-retired");
    let peers: Vec<PeerBody> = world.officer().get(api::routes::PEERS).expect(200).read();
    let status = |name: &str| peers.iter().find(|p| p.name == name).map(|p| p.status);
    assert_eq!(status("ra-3"), Some(PeerStatus::Retired));
    assert_eq!(status("ra-2"), None);
}

fn refused_access(world: &World, actor: &str) -> bool {
    let events = world.audit().of_kind("access-refused");
    events.iter().any(|event| event.actor == actor)
}
