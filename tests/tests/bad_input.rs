//! Bad input: each kind gets its own code, nothing is signed, the refusal is audited.

use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use blackbox_tests::enrolment::{enroll, new_key, path, request, submit};
use blackbox_tests::refusal::Refusals;
use blackbox_tests::{Answer, Client, Key, KeyKind, World, other_ca, run_well, statement};
use reqwest::Method;
use serde_json::{Value, json};

const CERTIFICATES: &str = api::routes::CERTIFICATES;
const JSON: (&str, &str) = ("content-type", "application/json");

#[test]
fn requests_that_are_not_well_formed() {
    let world = World::start();
    let refusals = Refusals::watch(&world);
    for file in csr_fixtures() {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        let code = name.split('.').next().unwrap();
        let octets = std::fs::read(&file).unwrap();
        let answer = submit(world.ra(), CERTIFICATES, &device(&pem(&octets)));
        if code == "good" {
            assert!(answer.status < 500, "{name}: {}", answer.text());
        } else {
            refusals.audited(&name, &answer, 422, code);
        }
        let _ = world.audit_from_now();
    }
}

#[test]
fn csrs_that_ask_for_what_nobody_gets() {
    let world = World::start();
    let refusals = Refusals::watch(&world);
    let key = world.key(KeyKind::P256);
    let dns = "subjectAltName=DNS:device-1.example.com";
    let cases: [(&str, &[&str], &str); 5] = [
        ("CA", &["basicConstraints=critical,CA:TRUE"], "csr-asks-ca"),
        (
            "CA's usage",
            &["keyUsage=keyCertSign,cRLSign"],
            "csr-key-usage-not-allowed",
        ),
        (
            "purpose",
            &["extendedKeyUsage=codeSigning"],
            "csr-extended-key-usage-not-allowed",
        ),
        (
            "extension",
            &["nameConstraints=permitted;DNS:example.com"],
            "csr-extension-not-allowed",
        ),
        (
            "name outside",
            &["subjectAltName=DNS:www.example.org"],
            "san-not-allowed",
        ),
    ];
    for (what, extensions, code) in cases {
        let csr = key.csr("/CN=device-1", extensions);
        let answer = submit(world.ra(), CERTIFICATES, &device(&csr));
        refusals.audited(what, &answer, 422, code);
    }
    let server = |csr: String| json!({ "profile": "tls-server", "csr": csr, "statement": statement::device() });
    let wildcard = ["subjectAltName=DNS:*.example.com"];
    let csr = key.csr("/CN=*.example.com", &wildcard);
    let answer = submit(world.ra(), CERTIFICATES, &server(csr));
    refusals.audited("wildcard", &answer, 422, "san-wildcard-not-allowed");
    let csr = key.csr("/CN=www.example.com", &[]);
    let answer = submit(world.ra(), CERTIFICATES, &server(csr));
    refusals.audited("no alternative name", &answer, 422, "san-missing");
    let csr = key.csr("/CN=www.example.com", &[dns]);
    let answer = submit(world.ra(), CERTIFICATES, &server(csr));
    refusals.audited(
        "common name alone",
        &answer,
        422,
        "attribute-not-in-alt-names",
    );

    let mut body = request("esign-individual", &key, "张三");
    body["csr"] = json!(key.csr("/C=CN/CN=李四", &[]));
    let answer = submit(world.ra(), CERTIFICATES, &body);
    refusals.audited("other names in the CSR", &answer, 422, "csr-name-differs");
}

#[test]
fn keys_that_must_not_be_certified() {
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
    let roca = include_str!("../fixtures/roca.csr");
    let answer = submit(world.ra(), CERTIFICATES, &device(roca));
    refusals.audited("ROCA", &answer, 422, "key-roca");

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

#[test]
fn statements_that_the_policy_denies() {
    let world = World::start();
    let refusals = Refusals::watch(&world);
    let key = world.key(KeyKind::P256);
    let set = |member: &str, value: Value| {
        let mut body = request("esign-individual", &key, "张三");
        *body
            .pointer_mut(member)
            .unwrap_or_else(|| panic!("{member}")) = value;
        body
    };
    let name = "/statement/subject/commonName";
    let cases = [
        ("NUL", set(name, json!("张\u{0}三")), "name-nul"),
        (
            "bidi",
            set(name, json!("张\u{202e}三")),
            "name-bidi-control",
        ),
        ("control", set(name, json!("张\u{7}三")), "name-control"),
        ("blank", set(name, json!(" 张三")), "name-blank-edge"),
        ("long", set(name, json!("三".repeat(65))), "name-too-long"),
        ("not NFC", set(name, json!("e\u{301}")), "name-not-nfc"),
        ("empty", set(name, json!("")), "name-empty"),
        (
            "country",
            set("/statement/subject/countryName", json!("US")),
            "country-not-allowed",
        ),
        (
            "lower case",
            set("/statement/subject/countryName", json!("cn")),
            "country-code",
        ),
        (
            "identity number",
            set(
                "/statement/subject/serialNumber",
                json!("11010519491231002X"),
            ),
            "attribute-identifies-person",
        ),
        (
            "no evidence",
            set("/statement/evidence", json!([])),
            "evidence-missing",
        ),
        (
            "failed",
            set("/statement/evidence/0/passed", json!(false)),
            "evidence-failed",
        ),
        (
            "old",
            set(
                "/statement/evidence/0/collected_at",
                json!("2025-01-01T00:00:00Z"),
            ),
            "evidence-too-old",
        ),
        (
            "future",
            set(
                "/statement/evidence/0/collected_at",
                json!("2099-01-01T00:00:00Z"),
            ),
            "evidence-in-future",
        ),
        (
            "digest",
            set("/statement/evidence/0/digest_sha256", json!("abc")),
            "evidence-digest-malformed",
        ),
        (
            "unknown kind",
            set("/statement/evidence/0/kind", json!("crystal_ball")),
            "evidence-kind-unknown",
        ),
        (
            "no consent",
            set("/statement/consent", Value::Null),
            "consent-missing",
        ),
        (
            "agreement",
            set(
                "/statement/consent/agreement_sha256",
                json!("00".repeat(32)),
            ),
            "agreement-digest-differs",
        ),
        (
            "version",
            set("/statement/consent/agreement_version", json!("1999-1")),
            "agreement-not-in-force",
        ),
        (
            "purpose",
            set(
                "/statement/consent/purposes",
                json!(["certificate_issuance"]),
            ),
            "consent-purpose-missing",
        ),
        (
            "kind of subject",
            set("/statement/subject_kind", json!("organization")),
            "subject-kind-mismatch",
        ),
    ];
    for (what, body, code) in cases {
        let answer = submit(world.ra(), CERTIFICATES, &body);
        refusals.audited(what, &answer, 422, code);
        let problem: api::Problem = answer.read();
        for violation in problem.violations {
            assert!(!violation.citation.is_empty(), "{what}");
            assert!(!violation.field.is_empty(), "{what}");
            assert!(!violation.detail.contains('张'), "{what}: a name is told");
        }
    }
    let mut body = request("esign-individual", &key, "张三");
    body["validity"] = json!({ "days": 2000 });
    let answer = submit(world.ra(), CERTIFICATES, &body);
    refusals.audited("too long", &answer, 422, "validity-exceeds-profile");
    body["validity"] = json!({ "seconds": 1 });
    let answer = submit(world.ra(), CERTIFICATES, &body);
    refusals.audited("too short", &answer, 422, "validity-too-short");

    let mut body = request("esign-organization", &key, "示例有限公司");
    body["statement"]["subject"]["organizationIdentifier"] = json!("NTRCN-91350100M000100Y44");
    let answer = submit(world.ra(), CERTIFICATES, &body);
    refusals.audited("check digit", &answer, 422, "uscc-invalid");

    // All that is wrong is told at once.
    let mut body = request("esign-individual", &key, "张\u{0}三");
    body["statement"]["evidence"] = json!([]);
    body["statement"]["consent"] = Value::Null;
    let codes = submit(world.ra(), CERTIFICATES, &body).codes();
    for code in ["name-nul", "evidence-missing", "consent-missing"] {
        assert!(codes.contains(&code.to_owned()), "{code}: {codes:?}");
    }
}

#[test]
fn envelopes_that_cannot_be_read() {
    let world = World::start();
    let refusals = Refusals::watch(&world);
    let good = serde_json::to_vec(&request("device", &world.key(KeyKind::P256), "d-1")).unwrap();
    let post = |headers: &[(&str, &str)], body: &[u8]| {
        world
            .ra()
            .send(Method::POST, CERTIFICATES, headers, body.to_vec())
    };
    let long = "k".repeat(129);
    let key = ("idempotency-key", "k-1");
    let huge = format!("{{\"profile\":\"{}\"}}", "x".repeat(70_000));
    let unknown =
        br#"{"profile":"device","csr":"","statement":{"subject_kind":"device"},"extra":1}"#;
    let nested = "[".repeat(20_000);
    let wrong_type = br#"{"profile":7,"csr":"","statement":{"subject_kind":"device"}}"#;
    for (what, answer, status, code) in [
        (
            "no key",
            post(&[JSON], &good),
            400,
            "idempotency-key-missing",
        ),
        (
            "long key",
            post(&[JSON, ("idempotency-key", &long)], &good),
            400,
            "idempotency-key-missing",
        ),
        (
            "blank in key",
            post(&[JSON, ("idempotency-key", "a b")], &good),
            400,
            "idempotency-key-missing",
        ),
        (
            "not JSON",
            post(&[JSON, key], b"profile=device"),
            400,
            "malformed-json",
        ),
        (
            "cut off",
            post(&[JSON, key], &good[..good.len() - 1]),
            400,
            "malformed-json",
        ),
        ("nothing", post(&[JSON, key], b""), 400, "malformed-json"),
        (
            "not UTF-8",
            post(&[JSON, key], b"{\"profile\":\"\xff\"}"),
            400,
            "malformed-json",
        ),
        (
            "nested",
            post(&[JSON, key], nested.as_bytes()),
            400,
            "malformed-json",
        ),
        (
            "unknown member",
            post(&[JSON, key], unknown),
            400,
            "malformed-json",
        ),
        (
            "wrong type",
            post(&[JSON, key], wrong_type),
            400,
            "malformed-json",
        ),
        (
            "no media type",
            post(&[key], &good),
            415,
            "wrong-media-type",
        ),
        (
            "form",
            post(
                &[("content-type", "application/x-www-form-urlencoded"), key],
                &good,
            ),
            415,
            "wrong-media-type",
        ),
        (
            "oversized",
            post(&[JSON, key], huge.as_bytes()),
            413,
            "body-too-large",
        ),
    ] {
        // The audit log is asked once for all: their order is no promise here.
        blackbox_tests::refusal::assert_is_problem(what, &answer, status, code);
    }
    let events = world.audit().of_kind("request-refused");
    assert_eq!(events.len(), 13, "each is audited");
    let signed = world.audit().of_kind("signing");
    let before = signed.iter().filter(|event| event.actor.starts_with("ra:"));
    assert_eq!(before.count(), 0);

    for (what, method, path, status, code) in [
        ("route", Method::GET, "/v1/nothing", 404, "no-such-route"),
        ("root", Method::GET, "/", 404, "no-such-route"),
        (
            "dots",
            Method::GET,
            "/v1/certificates/../../etc/passwd",
            404,
            "no-such-route",
        ),
        ("method", Method::DELETE, CERTIFICATES, 405, "wrong-method"),
        (
            "serial",
            Method::GET,
            "/v1/certificates/xyz",
            404,
            "certificate-not-found",
        ),
        (
            "long serial",
            Method::GET,
            "/v1/certificates/0102030405060708090a0b0c0d0e0f101112131415161718",
            404,
            "certificate-not-found",
        ),
        (
            "zero",
            Method::GET,
            "/v1/certificates/00",
            404,
            "certificate-not-found",
        ),
        (
            "never issued",
            Method::GET,
            "/v1/certificates/0badc0de",
            404,
            "certificate-not-found",
        ),
        (
            "request",
            Method::GET,
            "/v1/requests/1",
            404,
            "request-not-found",
        ),
        (
            "issuer",
            Method::GET,
            "/v1/issuers/root-of-evil/chain",
            404,
            "issuer-not-found",
        ),
        (
            "cursor",
            Method::GET,
            "/v1/certificates?after=%00",
            400,
            "malformed-query",
        ),
        (
            "limit",
            Method::GET,
            "/v1/certificates?limit=0",
            400,
            "malformed-query",
        ),
        (
            "limit",
            Method::GET,
            "/v1/certificates?limit=70000",
            400,
            "malformed-query",
        ),
        (
            "parameter",
            Method::GET,
            "/v1/certificates?colour=red",
            400,
            "malformed-query",
        ),
    ] {
        let answer = world.ra().send(method, path, &[], Vec::new());
        refusals.plain(&format!("{what} {path}"), &answer, status, code);
    }
}

#[test]
fn peers_that_may_not() {
    let world = World::builder().configure(other_ca::trust_one).start();
    let device = request("device", &world.key(KeyKind::P256), "device-1");
    let ask = |client: &Client| submit(client, CERTIFICATES, &device);
    let refusals = Refusals::watch(&world);

    let stranger = world
        .stranger()
        .try_send(Method::GET, "/v1/profiles", &[], Vec::new());
    assert!(stranger.is_err(), "TLS needs a client certificate");
    let foreign = client_of(&world, "untrusted");
    let foreign = foreign.try_send(Method::GET, "/v1/profiles", &[], Vec::new());
    assert!(foreign.is_err(), "TLS needs a certificate of a known CA");
    let unknown = ask(&client_of(&world, "other"));
    refusals.audited("unregistered", &unknown, 403, "peer-unknown");

    let answer = submit(world.officer(), CERTIFICATES, &device);
    refusals.audited("officer", &answer, 403, "role-not-allowed");
    let answer = world.ra().get(api::routes::AUDIT);
    refusals.audited("RA", &answer, 403, "role-not-allowed");

    let ra = |name: &str, more: Value| world.register_ra(name, &["device"], more);
    let past = statement::now() - jiff::SignedDuration::from_secs(5);
    let future = statement::now() + jiff::SignedDuration::from_hours(1);
    let early = ra("ra-early", json!({ "valid_from": future }));
    let late = ra(
        "ra-late",
        json!({ "valid_from": "2020-01-01T00:00:00Z", "valid_to": past }),
    );
    let held = ra("ra-held", json!({}));
    let retired = ra("ra-retired", json!({}));
    let _ = held.get("/v1/profiles").expect(200);
    let narrow = ra("ra-narrow", json!({ "subject_kinds": ["individual"] }));
    let short = ra("ra-short", json!({ "max_validity_days": 30 }));
    let change = |name: &str, body: Value| {
        let path = api::routes::PEER.replace("{name}", name);
        world.officer().patch(&path, &body).expect(200)
    };
    change("ra-held", json!({ "status": "suspended" }));
    change("ra-retired", json!({ "status": "retired" }));

    let refusals = Refusals::watch(&world);
    refusals.audited("not yet", &ask(&early), 403, "peer-not-yet-valid");
    refusals.audited("no more", &ask(&late), 403, "peer-expired");
    refusals.audited(
        "suspended, on an open connection",
        &ask(&held),
        403,
        "peer-suspended",
    );
    refusals.audited("retired", &ask(&retired), 403, "peer-retired");
    refusals.audited("kind", &ask(&narrow), 422, "subject-kind-not-allowed");
    let mut long = device.clone();
    long["validity"] = json!({ "days": 60 });
    let answer = submit(&short, CERTIFICATES, &long);
    refusals.audited("validity", &answer, 422, "validity-exceeds-ra");
    for profile in [
        "tls-server",
        "esign-individual",
        "client-officer",
        "nothing",
    ] {
        let mut body = device.clone();
        body["profile"] = json!(profile);
        let answer = submit(&narrow, CERTIFICATES, &body);
        refusals.audited(profile, &answer, 422, "profile-not-allowed");
    }

    change("ra-held", json!({ "status": "active", "daily_quota": 1 }));
    let _ = ask(&held).expect(201);
    let refusals = Refusals::watch(&world);
    refusals.audited("quota", &ask(&held), 422, "quota-exceeded");

    let peer = api::routes::PEER.replace("{name}", "ra-held");
    let peer: api::PeerBody = world.officer().get(&peer).expect(200).read();
    let fingerprint = peer.certificates.first().unwrap().fingerprint.to_string();
    let pin = api::routes::PEER_PIN
        .replace("{name}", "ra-held")
        .replace("{fingerprint}", &fingerprint);
    let _ = world.officer().delete(&pin).expect(200);
    let refusals = Refusals::watch(&world);
    refusals.audited("unpinned", &ask(&held), 403, "peer-certificate-retired");
}

#[test]
fn the_same_idempotency_key_with_other_content() {
    let world = World::start();
    let refusals = Refusals::watch(&world);
    let key = world.key(KeyKind::P256);
    let body = request("device", &key, "device-1");
    let id = new_key();
    let refused = world
        .ra()
        .submit(CERTIFICATES, &id, &json!({ "profile": "device" }));
    refusals.audited("not a request", &refused, 400, "malformed-json");
    let issued: api::IssuedBody = world
        .ra()
        .submit(CERTIFICATES, &id, &body)
        .expect(201)
        .read();
    let refusals = Refusals::watch(&world);
    let mut other = body.clone();
    other["order_id"] = json!("other");
    let answer = world.ra().submit(CERTIFICATES, &id, &other);
    refusals.audited("other content", &answer, 409, "idempotency-conflict");
    let renew = path(api::routes::RENEW, issued.certificate.summary.serial);
    let answer = world
        .ra()
        .submit(&renew, &id, &json!({ "statement": statement::device() }));
    refusals.audited("other operation", &answer, 409, "idempotency-conflict");
}

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

fn device(csr: &str) -> Value {
    json!({ "profile": "device", "csr": csr, "statement": statement::device() })
}

fn csr_fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/pki/tests/fixtures/csr");
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "der"));
    files.sort();
    assert!(files.len() > 40, "the corpus is {} files", files.len());
    files
}

fn pem(der: &[u8]) -> String {
    let base64 = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> = base64
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    let lines = lines.join("\n");
    format!("-----BEGIN CERTIFICATE REQUEST-----\n{lines}\n-----END CERTIFICATE REQUEST-----\n")
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

fn client_of(world: &World, name: &str) -> Client {
    world.client("others", name)
}
