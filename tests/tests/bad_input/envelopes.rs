//! Envelopes: headers, bodies, paths, idempotency keys.

use api::IssuedBody;
use blackbox_tests::enrolment::{new_key, path, request};
use blackbox_tests::refusal::{Refusals, assert_is_problem};
use blackbox_tests::{KeyKind, World, statement};
use reqwest::Method;
use serde_json::json;

use crate::{CERTIFICATES, JSON};

#[test]
fn bodies_that_cannot_be_read() {
    let world = World::start();
    let refusals = Refusals::watch(&world);
    let good = serde_json::to_vec(&request("device", &world.key(KeyKind::P256), "d-1")).unwrap();
    let huge = format!("{{\"profile\":\"{}\"}}", "x".repeat(70_000));
    let unknown = r#"{"profile":"device","csr":"","statement":{"subject_kind":"device"},"x":1}"#;
    let wrong_type = r#"{"profile":7,"csr":"","statement":{"subject_kind":"device"}}"#;
    let nested = "[".repeat(20_000);
    let twice = r#"{"profile":"device","profile":"device"}"#;
    for (what, body) in [
        ("a form", b"profile=device".as_slice()),
        ("cut off", &good[..good.len() - 1]),
        ("nothing", b""),
        ("not UTF-8", b"{\"profile\":\"\xff\"}"),
        ("nested", nested.as_bytes()),
        ("unknown member", unknown.as_bytes()),
        ("wrong type", wrong_type.as_bytes()),
        ("member twice", twice.as_bytes()),
    ] {
        let headers = [JSON, ("idempotency-key", "k-1")];
        let answer = world
            .ra()
            .send(Method::POST, CERTIFICATES, &headers, body.to_vec());
        refusals.audited(what, &answer, 400, "malformed-json");
    }
    let headers = [JSON, ("idempotency-key", "k-1")];
    let answer = world
        .ra()
        .send(Method::POST, CERTIFICATES, &headers, huge.into_bytes());
    refusals.audited("oversized", &answer, 413, "body-too-large");
}

#[test]
fn headers_that_are_missing_or_wrong() {
    let world = World::start();
    let refusals = Refusals::watch(&world);
    let good = serde_json::to_vec(&request("device", &world.key(KeyKind::P256), "d-1")).unwrap();
    let post = |headers: &[(&str, &str)]| {
        world
            .ra()
            .send(Method::POST, CERTIFICATES, headers, good.clone())
    };
    let long = "k".repeat(129);
    for key in ["", "a b", long.as_str()] {
        let answer = post(&[JSON, ("idempotency-key", key)]);
        refusals.audited(key, &answer, 400, "idempotency-key-missing");
    }
    let answer = post(&[JSON]);
    refusals.audited("no key", &answer, 400, "idempotency-key-missing");
    let key = ("idempotency-key", "k-1");
    let answer = post(&[key]);
    refusals.audited("no media type", &answer, 415, "wrong-media-type");
    let answer = post(&[("content-type", "application/x-www-form-urlencoded"), key]);
    refusals.audited("a form", &answer, 415, "wrong-media-type");
}

#[test]
fn paths_and_queries_that_lead_nowhere() {
    let world = World::start();
    let long = format!("{CERTIFICATES}/{}", "0102030405".repeat(5));
    for (path, status, code) in [
        ("/v1/nothing", 404, "no-such-route"),
        ("/", 404, "no-such-route"),
        ("/v1/certificates/../../etc/passwd", 404, "no-such-route"),
        ("/v1/certificates/xyz", 404, "certificate-not-found"),
        (&long, 404, "certificate-not-found"),
        ("/v1/certificates/00", 404, "certificate-not-found"),
        ("/v1/certificates/0badc0de", 404, "certificate-not-found"),
        ("/v1/requests/1", 404, "request-not-found"),
        ("/v1/issuers/root-of-evil/chain", 404, "issuer-not-found"),
        ("/v1/certificates?after=%00", 400, "malformed-query"),
        ("/v1/certificates?limit=0", 400, "malformed-query"),
        ("/v1/certificates?limit=70000", 400, "malformed-query"),
        ("/v1/certificates?colour=red", 400, "malformed-query"),
    ] {
        assert_is_problem(path, &world.ra().get(path), status, code);
    }
    let answer = world.ra().delete(CERTIFICATES);
    assert_is_problem("method", &answer, 405, "wrong-method");
}

#[test]
fn the_same_idempotency_key_with_other_content() {
    let world = World::start();
    let refusals = Refusals::watch(&world);
    let body = request("device", &world.key(KeyKind::P256), "device-1");
    let id = new_key();
    let half = json!({ "profile": "device" });
    let refused = world.ra().submit(CERTIFICATES, &id, &half);
    refusals.audited("not a request", &refused, 400, "malformed-json");
    let issued = world.ra().submit(CERTIFICATES, &id, &body).expect(201);
    let issued: IssuedBody = issued.read();
    let refusals = Refusals::watch(&world);
    let mut other = body.clone();
    other["order_id"] = json!("other");
    let answer = world.ra().submit(CERTIFICATES, &id, &other);
    refusals.audited("other content", &answer, 409, "idempotency-conflict");
    let renew = path(api::routes::RENEW, issued.certificate.summary.serial);
    let renewal = json!({ "statement": statement::device() });
    let answer = world.ra().submit(&renew, &id, &renewal);
    refusals.audited("other operation", &answer, 409, "idempotency-conflict");
}
