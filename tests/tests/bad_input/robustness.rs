//! Spoilt bodies.

use crate::CERTIFICATES;
use crate::JSON;
use blackbox_tests::enrolment::{enroll, new_key, path, request};
use blackbox_tests::{Answer, Client, KeyKind, World};
use reqwest::Method;
use serde_json::json;

#[test]
fn no_bad_body_makes_the_daemon_fail() {
    let world = World::start();
    let issued = enroll(world.ra(), "device", &world.key(KeyKind::P256), "device-0");
    let serial = issued.certificate.summary.serial;
    let enrolment = request("esign-individual", &world.key(KeyKind::P256), "张三");
    let enrolment = serde_json::to_vec(&enrolment).unwrap();
    let revoke = serde_json::to_vec(&json!({ "ground": "sub.request", "evidence": [] })).unwrap();
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let never_fails = |client: &Client, path: &str, body: Vec<u8>| {
        let key = new_key();
        let headers = [JSON, (api::routes::IDEMPOTENCY_KEY, key.as_str())];
        let answer = client.send(Method::POST, path, &headers, body);
        assert!(answer.status < 500, "{path}: {}", answer.text());
        answer
    };
    for _ in 0..300 {
        let body = random.spoil(&enrolment);
        never_fails(world.ra(), CERTIFICATES, body);
    }
    let blank = "0a0b0c0d";
    for route in [
        path(api::routes::REVOKE, blank),
        path(api::routes::HOLD, serial),
        path(api::routes::RENEW, serial),
        path(api::routes::REPLACE, serial),
    ] {
        for _ in 0..40 {
            let body = random.spoil(&revoke);
            never_fails(world.ra(), &route, body);
        }
    }
    for route in [
        api::routes::PEERS,
        api::routes::CRLS,
        api::routes::BLOCKED_KEYS,
        api::routes::RESPONDER_KEYS,
        api::routes::SERVER_CERTIFICATES,
    ] {
        for body in [
            &b"{}"[..],
            b"[]",
            b"null",
            b"\"\"",
            br#"{"issuer":"root","crl":"x"}"#,
        ] {
            let answer: Answer = never_fails(world.officer(), route, body.to_vec());
            assert!(!answer.is_success(), "{route}: {}", answer.text());
        }
    }
    assert!(!world.log(blackbox_tests::Daemon::Ca).contains("panicked"));
}

/// A small generator (xorshift64): the same bodies in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(bound).unwrap()).unwrap()
    }

    fn spoil(&mut self, body: &[u8]) -> Vec<u8> {
        let mut body = body.to_vec();
        match self.below(4) {
            0 => body.truncate(self.below(body.len())),
            1 => {
                let place = self.below(body.len());
                body[place] ^= 1 << self.below(8);
            }
            2 => {
                let (from, to) = (self.below(body.len()), self.below(body.len()));
                let chunk = body[from.min(to)..from.max(to)].to_vec();
                body.splice(from..from, chunk);
            }
            _ => {
                let place = self.below(body.len());
                let word = ["null", "-1", "1e999", "\\u0000", "\"\"", "{}", "[[]]"][self.below(7)];
                body.splice(place..place, word.bytes());
            }
        }
        body
    }
}
