//! Retries: the same certificate, however often and however fast they come.

use std::collections::BTreeSet;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use api::{CertificateSummary, IssuedBody, Page};
use blackbox_tests::enrolment::{self, new_key, path, request};
use blackbox_tests::{Answer, Daemon, KeyKind, RawConnection, World, statement};
use serde_json::json;
use testkit::{wait_for, wait_until};

const CERTIFICATES: &str = api::routes::CERTIFICATES;

#[test]
fn a_retry_hears_what_the_first_try_heard() {
    let world = World::start();
    let key = world.key(KeyKind::P256);
    let mut body = request("device", &key, "device-1");
    body["validity"] = json!({ "days": 20 });
    let id = new_key();
    let first = world.ra().submit(CERTIFICATES, &id, &body).expect(201);
    let again = world.ra().submit(CERTIFICATES, &id, &body).expect(201);
    assert_same(&first, &again);
    world.stop(Daemon::Ca);
    world.start_again(Daemon::Ca);
    let later = world.ra().submit(CERTIFICATES, &id, &body).expect(201);
    assert_same(&first, &later);

    // Renewal and replacement alike; two different ids make two certificates.
    let issued: IssuedBody = first.read();
    let serial = issued.certificate.summary.serial;
    let renewal = json!({ "statement": statement::device() });
    let new = world.key(KeyKind::P256);
    let replacement = json!({
        "csr": enrolment::csr("device", &new, "device-1"),
        "statement": statement::device(),
    });
    for (route, body) in [
        (api::routes::RENEW, renewal),
        (api::routes::REPLACE, replacement),
    ] {
        let (one, other) = (new_key(), new_key());
        let route = path(route, serial);
        let first = world.ra().submit(&route, &one, &body).expect(201);
        let again = world.ra().submit(&route, &one, &body).expect(201);
        assert_same(&first, &again);
        let different = world.ra().submit(&route, &other, &body).expect(201);
        let (first, different): (IssuedBody, IssuedBody) = (first.read(), different.read());
        assert_ne!(
            first.certificate.summary.serial,
            different.certificate.summary.serial
        );
    }
}

#[test]
fn a_refusal_is_not_remembered() {
    let world = World::start();
    let key = world.key(KeyKind::P256);
    let ra = world.register_ra("ra-2", &["device"], json!({}));
    let body = request("tls-client", &key, "client-1");
    let id = new_key();
    let refused = ra.submit(CERTIFICATES, &id, &body).expect(422);
    assert_eq!(refused.codes(), ["profile-not-allowed"]);
    let peer = api::routes::PEER.replace("{name}", "ra-2");
    let change = json!({ "profiles": ["device", "tls-client"] });
    world.officer().patch(&peer, &change).expect(200);
    ra.submit(CERTIFICATES, &id, &body).expect(201);
}

#[test]
fn keys_belong_to_their_ra() {
    let world = World::start();
    let other = world.register_ra("ra-2", &["device"], json!({}));
    let id = new_key();
    let (one, two) = (world.key(KeyKind::P256), world.key(KeyKind::P256));
    let first = world
        .ra()
        .submit(CERTIFICATES, &id, &request("device", &one, "device-1"))
        .expect(201);
    let second = other
        .submit(CERTIFICATES, &id, &request("device", &two, "device-2"))
        .expect(201);
    let (first, second): (IssuedBody, IssuedBody) = (first.read(), second.read());
    assert_ne!(
        first.certificate.summary.serial,
        second.certificate.summary.serial
    );
}

#[test]
fn the_same_key_at_the_same_time_makes_one_certificate() {
    let world = World::start();
    for round in 0..5 {
        let key = world.key(KeyKind::P256);
        let body = request("device", &key, &format!("device-{round}"));
        let id = new_key();
        let together = Barrier::new(8);
        let answers: Vec<Answer> = thread::scope(|scope| {
            let tries: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        let ra = world.client("ra", "ra-1");
                        together.wait();
                        ra.submit(CERTIFICATES, &id, &body)
                    })
                })
                .collect();
            tries.into_iter().map(|t| t.join().unwrap()).collect()
        });
        let mut serials = BTreeSet::new();
        for answer in &answers {
            match answer.status {
                201 => {
                    let issued: IssuedBody = answer.read();
                    serials.insert(issued.certificate.summary.serial);
                }
                202 => assert!(answer.header("location").is_some()),
                status => panic!("{status}: {}", answer.text()),
            }
        }
        assert_eq!(serials.len(), 1, "one certificate");
        let last = world.ra().submit(CERTIFICATES, &id, &body).expect(201);
        let last: IssuedBody = last.read();
        assert!(serials.contains(&last.certificate.summary.serial));
    }
    let all: Page<CertificateSummary> = world.ra().get(CERTIFICATES).expect(200).read();
    assert_eq!(all.items.len(), 5, "and no other one");
}

#[test]
fn a_client_that_hangs_up_gets_its_certificate_with_the_next_try() {
    const TRIES: u64 = 12;
    let world = World::start();
    for number in 0..TRIES {
        let key = world.key(KeyKind::P256);
        let mut body = request("device", &key, &format!("device-{number}"));
        body["order_id"] = json!(format!("order-{number}"));
        let id = new_key();
        let octets = serde_json::to_vec(&body).unwrap();
        let head = head(&world, &id, octets.len());
        let log = world.audit_from_now();
        let mut connection = RawConnection::open(&world);
        connection.write(&[head.as_bytes(), &octets].concat());
        // Hang up at once, a little later, or when the token has been asked.
        if number % 2 == 0 {
            thread::park_timeout(Duration::from_millis(number));
        } else {
            wait_until("the signing begins", || !log.of_kind("signing").is_empty());
        }
        drop(connection);

        let retry = wait_for("the certificate is there", || {
            let answer = world.ra().submit(CERTIFICATES, &id, &body);
            assert!(answer.is_success(), "{}", answer.text());
            (answer.status == 201).then(|| answer.read::<IssuedBody>())
        });
        let list = format!("{CERTIFICATES}?order_id=order-{number}");
        let page: Page<CertificateSummary> = world.ra().get(&list).expect(200).read();
        let serials: Vec<_> = page.items.iter().map(|item| item.serial).collect();
        assert_eq!(serials, [retry.certificate.summary.serial]);
        assert_eq!(log.of_kind("signing").len(), 1, "one certificate");
        assert!(log.of_kind("request-refused").is_empty());
    }
}

#[test]
fn a_client_that_breaks_off_in_the_body_gets_nothing() {
    let world = World::start();
    let log = world.audit_from_now();
    let body = request("device", &world.key(KeyKind::P256), "device-1");
    let body = serde_json::to_vec(&body).unwrap();
    let head = head(&world, &new_key(), body.len());
    let half = [head.as_bytes(), &body[..body.len() / 2]].concat();
    RawConnection::open(&world).write(&half);
    wait_for("the refusal is audited", || {
        let refused = log.of_kind("request-refused");
        refused
            .into_iter()
            .find(|event| event.codes == ["body-incomplete"])
    });
    assert!(log.of_kind("signing").is_empty());
}

fn assert_same(one: &Answer, other: &Answer) {
    let (one, other): (IssuedBody, IssuedBody) = (one.read(), other.read());
    assert_eq!(one.request_id, other.request_id);
    assert_eq!(one.certificate.certificate, other.certificate.certificate);
    assert_eq!(one.chain, other.chain);
}

fn head(world: &World, id: &str, length: usize) -> String {
    let port = world.ports().api;
    format!(
        "POST {CERTIFICATES} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-type: application/json\r\n\
         {}: {id}\r\ncontent-length: {length}\r\n\r\n",
        api::routes::IDEMPOTENCY_KEY
    )
}
