//! Starting, stopping, health, policies, the command line.

use api::{ActivePolicyBody, CertificateBody, IssuedBody};
use blackbox_tests::enrolment::{enroll, path, submit};
use blackbox_tests::{Daemon, KeyKind, World, run, statement};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use testkit::wait_until;

#[test]
fn health_and_metrics_are_on_their_own_listener() {
    let world = World::start();
    enroll(world.ra(), "device", &world.key(KeyKind::P256), "device-1");
    for daemon in Daemon::ALL {
        let url = world.operations_url(daemon);
        for path in ["healthz", "readyz", "metrics"] {
            assert!(
                world.fetch(&format!("{url}/{path}")).is_some(),
                "{daemon:?}"
            );
        }
    }
    let metrics = format!("{}/metrics", world.operations_url(Daemon::Ca));
    let metrics = String::from_utf8(world.fetch(&metrics).unwrap()).unwrap();
    let issued = metrics.lines().find(|line| {
        line.starts_with("ca_certificates_issued_total") && line.contains("\"device\"")
    });
    assert!(issued.is_some_and(|line| line.ends_with(" 1")), "{metrics}");
    for (client, path) in [(world.ra(), "/metrics"), (world.ra(), "/healthz")] {
        assert_eq!(client.get(path).expect(404).code(), "no-such-route");
    }
}

#[test]
fn the_served_api_description_is_the_one_in_the_repository() {
    let world = World::start();
    let served = world.ra().get(api::routes::OPENAPI).expect(200).json();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    let kept: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert!(
        served == kept,
        "write docs/openapi.json anew with `ca-daemon openapi`"
    );
}

#[test]
fn a_policy_is_put_in_force_whole_or_not_at_all() {
    let world = World::start();
    let before = enroll(world.ra(), "device", &world.key(KeyKind::P256), "device-1");
    let file = world.run().join("ca/policy/internal.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let reload = api::routes::RELOAD_POLICY.replace("{issuer}", "internal-ca");

    std::fs::write(&file, text.replace("hold = true", "hold = perhaps")).unwrap();
    let answer = world.officer().post(&reload, &json!({})).expect(422);
    assert_eq!(answer.code(), "policy-faulty");
    let same = enroll(world.ra(), "device", &world.key(KeyKind::P256), "device-2");
    let digest = |issued: &IssuedBody| issued.certificate.policy_sha256.clone();
    assert_eq!(digest(&same), digest(&before));

    let wider = text
        .replace("version = \"1.0.0\"", "version = \"1.1.0\"")
        .replace(
            "within = [\"example.com\"]",
            "within = [\"example.com\", \"example.org\"]",
        );
    std::fs::write(&file, wider).unwrap();
    let active = world.officer().post(&reload, &json!({})).expect(200);
    let active: ActivePolicyBody = active.read();
    assert_eq!(active.version, "1.1.0");
    let csr = world
        .key(KeyKind::P256)
        .csr("/CN=device-3", &["subjectAltName=DNS:device-3.example.org"]);
    let body = json!({ "profile": "device", "csr": csr, "statement": statement::device() });
    let after: IssuedBody = submit(world.ra(), "/v1/certificates", &body)
        .expect(201)
        .read();
    assert_eq!(digest(&after), active.policy_sha256);
    assert_ne!(digest(&after), digest(&before));
    let activated = world.audit().of_kind("policy-activated");
    assert!(
        activated
            .iter()
            .any(|event| event.actor == "officer:officer-1")
    );

    // It stays in force over a restart.
    world.stop(Daemon::Ca);
    world.start_again(Daemon::Ca);
    let again = enroll(world.ra(), "device", &world.key(KeyKind::P256), "device-4");
    assert_eq!(digest(&again), active.policy_sha256);
}

#[test]
fn ca_daemon_does_not_start_on_what_is_wrong() {
    let world = World::start();
    world.stop(Daemon::Ca);
    let config = world.run().join("ca/ca-daemon.toml");
    let good = std::fs::read_to_string(&config).unwrap();
    let run = world.run().display().to_string();
    let empty = format!("sqlite://{run}/ca/empty.db");
    let pin = format!("{run}/ca/wrong.pin");
    std::fs::write(&pin, "00000000\n").unwrap();
    set_private(Path::new(&pin));
    let database = format!("sqlite://{run}/ca/ca.db");
    let cases = [
        (
            "another key",
            good.replace("key_id = \"02\"", "key_id = \"01\""),
        ),
        (
            "a missing key",
            good.replace("key_id = \"02\"", "key_id = \"77\""),
        ),
        (
            "no such token",
            good.replace("token_label = \"issuing\"", "token_label = \"nowhere\""),
        ),
        ("an empty database", good.replace(&database, &empty)),
        ("an unknown member", format!("surprise = 1\n{good}")),
        (
            "a wrong PIN",
            good.replace(&format!("{run}/ca/issuing.pin"), &pin),
        ),
    ];
    for (what, text) in cases {
        assert_ne!(text, good, "{what}");
        std::fs::write(&config, text).unwrap();
        let mut command = world.program("ca-daemon");
        command.arg("--config").arg(&config).arg("run");
        let said =
            blackbox_tests::run(command.env("SOFTHSM2_CONF", world.run().join("ca/softhsm2.conf")));
        assert!(
            (1..128).contains(&said.code),
            "{what}: {} {}",
            said.code,
            said.all()
        );
        assert!(!said.all().contains("panicked"), "{what}: {}", said.all());
        assert!(!said.all().trim().is_empty(), "{what}: says nothing");
    }
    std::fs::write(&config, good).unwrap();
    world.start_again(Daemon::Ca);
    enroll(world.ra(), "device", &world.key(KeyKind::P256), "device-1");
}

#[test]
fn daemons_end_in_order_when_they_are_asked_to() {
    let world = World::start();
    for daemon in Daemon::ALL {
        world.stop(daemon);
        let log = world.log(daemon);
        assert!(!log.contains("panicked") && !log.contains("ERROR"), "{log}");
    }
    for daemon in Daemon::ALL.into_iter().rev() {
        world.start_again(daemon);
    }
    let issued = enroll(world.ra(), "device", &world.key(KeyKind::P256), "device-1");
    let url = format!("{}/crl/internal-ca.crl", world.crl_url());
    wait_until("the list is served", || world.fetch(&url).is_some());
    let wanted = testkit::judges::OcspAnswer::Good;
    blackbox_tests::revocation::wait_for_ocsp(&world, &issued, wanted);
}

#[test]
fn the_command_line_does_what_the_api_does() {
    let world = World::start();
    let statement = world.scratch().join("statement.json");
    let text = statement::individual("孙悟空").to_string();
    std::fs::write(&statement, text).unwrap();
    let said = world.chancery_ra(&[
        "enroll",
        "--profile",
        "esign-individual",
        "--statement",
        "statement.json",
        "--key-out",
        "s.key",
        "--out",
        "s.pem",
        "--order-id",
        "order-1",
    ]);
    assert_eq!(said.code, 0, "{}", said.all());
    let mut command = Command::new("openssl");
    command.current_dir(world.scratch());
    let verify = command
        .args(["verify", "-untrusted"])
        .arg(world.issuer("esign-ca"));
    let said = run(verify.arg("-CAfile").arg(world.root()).arg("s.pem"));
    assert_eq!(said.code, 0, "{}", said.all());
    let list = world
        .ra()
        .get("/v1/certificates?order_id=order-1")
        .expect(200);
    let serial = list.json()["items"][0]["serial"]
        .as_str()
        .unwrap()
        .to_owned();
    let revoke = [
        "revoke",
        "--serial",
        &serial,
        "--ground",
        "sub.key_lost_or_leaked",
    ];
    let said = world.chancery_ra(&revoke);
    assert_eq!(said.code, 0, "{}", said.all());
    let found = world
        .ra()
        .get(&path(api::routes::CERTIFICATE, &serial))
        .expect(200);
    let found: CertificateBody = found.read();
    assert!(found.summary.revocation.is_some());
    let again = world.chancery_ra(&["revoke", "--serial", &serial, "--ground", "sub.request"]);
    assert_ne!(again.code, 0);
    assert!(again.stderr.contains("already-revoked"), "{}", again.all());
}

fn set_private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(path, mode).unwrap();
}
