//! No log, metric, audit event or feed tells a name.

use api::IssuedBody;
use blackbox_tests::enrolment::{self, new_key, path, submit};
use blackbox_tests::{Client, Daemon, KeyKind, World, statement};
use reqwest::Method;
use serde_json::json;
use std::path::Path;

const CERTIFICATES: &str = api::routes::CERTIFICATES;

/// Words that stand in names, in each form in which they could leak.
const MARKERS: [&str; 4] = ["孙悟空标记", "markername", "marker@example.com", "MARKEROU"];

#[test]
fn no_log_metric_audit_event_or_feed_tells_a_name() {
    let world = World::builder().configure(log_everything).start();
    let issued = use_names(&world);
    misuse_names(&world);
    let revoke = path(api::routes::REVOKE, issued.certificate.summary.serial);
    let mut ground = json!({ "ground": "sub.request" });
    ground["evidence"] = json!([statement::evidence("name")]);
    ground["evidence"][0]["source_ref"] = json!("markername");
    world.ra().post(&revoke, &ground).expect(200);

    let mut places = Vec::new();
    for daemon in Daemon::ALL {
        let log = world.log(daemon);
        assert!(!log.is_empty());
        places.push((format!("log of {daemon:?}"), log.into_bytes()));
        let metrics = format!("{}/metrics", world.operations_url(daemon));
        let metrics = world.fetch(&metrics).unwrap();
        places.push((format!("metrics of {daemon:?}"), metrics));
        if daemon != Daemon::Ca {
            world.stop(daemon);
            let copy = world.run().join(daemon.directory()).join("copy.db");
            places.push((format!("copy of {daemon:?}"), std::fs::read(copy).unwrap()));
        }
    }
    let audit = serde_json::to_vec(&world.audit().news()).unwrap();
    places.push(("audit log".to_owned(), audit));
    for (place, octets) in &places {
        for marker in MARKERS {
            let found = octets.windows(marker.len()).any(|w| w == marker.as_bytes());
            assert!(!found, "{place} tells {marker:?}");
        }
    }
    // The search itself can find: the certificate does tell the name.
    let certificate = enrolment::der(issued.certificate.certificate.as_deref().unwrap());
    let name = MARKERS[0].as_bytes();
    assert!(certificate.windows(name.len()).any(|w| w == name));
}

/// Issues, looks up and lists certificates whose names carry the markers.
fn use_names(world: &World) -> IssuedBody {
    let mut body = enrolment::request("esign-individual", &world.key(KeyKind::P256), MARKERS[0]);
    body["statement"]["subject"]["serialNumber"] = json!("markername");
    body["statement"]["subject_alt_names"] =
        json!([{ "type": "email", "value": "marker@example.com" }]);
    body["statement"]["evidence"][0]["source_ref"] = json!("markername");
    let issued: IssuedBody = submit(world.ra(), CERTIFICATES, &body).expect(201).read();
    let location = path(api::routes::CERTIFICATE, issued.certificate.summary.serial);
    world.ra().get(&location).expect(200);
    let csr = world.key(KeyKind::P256).csr(
        "/O=MARKEROU/OU=MARKEROU/CN=markername",
        &["subjectAltName=DNS:markername.example.com"],
    );
    let device = json!({ "profile": "device", "csr": csr, "statement": statement::device() });
    submit(world.ra(), CERTIFICATES, &device).expect(201);
    issued
}

/// Sends the markers in requests of every kind that is refused.
fn misuse_names(world: &World) {
    let good = enrolment::request("esign-individual", &world.key(KeyKind::P256), MARKERS[0]);
    let mut bodies = Vec::new();
    for (member, value) in [
        ("/statement/subject/commonName", json!("孙悟空标记\u{0}")),
        ("/statement/subject/countryName", json!("markername")),
        ("/statement/evidence/0/kind", json!("markername")),
        ("/statement/evidence/0/passed", json!("markername")),
        ("/statement/subject_kind", json!("markername")),
        ("/statement/consent/method", json!("markername")),
        ("/statement/consent/agreement_version", json!("markername")),
        ("/profile", json!("markername")),
        ("/csr", json!("marker@example.com")),
    ] {
        let mut body = good.clone();
        *body.pointer_mut(member).unwrap() = value;
        bodies.push(serde_json::to_vec(&body).unwrap());
    }
    bodies.push("{\"孙悟空标记\": \"markername".as_bytes().to_vec());
    for body in bodies {
        let (key, json) = (new_key(), ("content-type", "application/json"));
        let headers = [json, (api::routes::IDEMPOTENCY_KEY, key.as_str())];
        let answer = world.ra().send(Method::POST, CERTIFICATES, &headers, body);
        assert!((400..500).contains(&answer.status), "{}", answer.text());
        for marker in MARKERS {
            assert!(!answer.text().contains(marker), "{}", answer.text());
        }
    }
    let ask = |client: &Client, path: &str| {
        let answer = client.get(path);
        assert!(answer.status < 500, "{}", answer.text());
    };
    ask(world.ra(), "/v1/certificates?order_id=markername");
    ask(world.ra(), "/v1/certificates?state=markername");
    ask(world.ra(), "/v1/certificates/markername");
    ask(world.ra(), "/markername");
}

/// Has every daemon log as much as an operator would ever ask for, as JSON.
fn log_everything(run: &Path) {
    for config in [
        "ca/ca-daemon.toml",
        "ocsp/ocsp-responder.toml",
        "crl/crl-publisher.toml",
    ] {
        let path = run.join(config);
        let text = std::fs::read_to_string(&path).unwrap();
        let log = "\n[log]\nformat = \"json\"\nfilter = \"debug\"\n";
        std::fs::write(path, text + log).unwrap();
    }
}
