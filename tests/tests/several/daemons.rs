//! Two daemons on one PostgreSQL: each does all of it, one of them makes the lists, either may die.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::{Duration, Instant};

use api::IssuedBody;
use blackbox_tests::enrolment::{new_key, request, verify};
use blackbox_tests::revocation::{ocsp, wait_for_crl, wait_for_ocsp};
use blackbox_tests::{AuditLog, Client, Daemon, KeyKind, SecondCa, World};
use serde_json::json;
use testkit::judges::OcspAnswer;
use testkit::{wait_for, wait_until};

use crate::scene::{bare, change_policy, issue, metric, revoke, serial, world};

/// Certificates that each daemon issues at once.
const EACH: usize = 8;

#[test]
fn two_daemons_share_the_work_and_the_lists_go_on_when_the_leader_dies() {
    let (world, proxy) = world(World::builder().postgres(), "10s");
    let mut second = SecondCa::start(&world);
    let other = second.client(&world, "ra", "ra-1");
    let first_url = world.operations_url(Daemon::Ca);
    let leads = |url: &str| metric(&world, url, "ca_leader") > 0.5;
    wait_until("one leads", || leads(&first_url));
    assert!(!leads(&second.operations_url()));

    // Both issue at once, and revoke each other's; the responder follows the first.
    let mut issued = issue_through(&world, &[world.ra(), &other]);
    let mut slowest = Duration::ZERO;
    for (number, certificate) in issued.iter().enumerate() {
        let through = if number % 2 == 0 { &other } else { world.ra() };
        let begun = Instant::now();
        let answer = revoke(through, serial(certificate));
        slowest = slowest.max(begun.elapsed());
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(ocsp(&world, certificate), OcspAnswer::Revoked);
    }
    println!("slowest revocation that crosses daemons: {slowest:?}");
    assert!(slowest < Duration::from_secs(5), "{slowest:?}");
    wait_until_listed(&world, &issued);

    // The leader dies in the midst of issuing.
    let burst: Vec<_> = (0..EACH).map(|_| device(&world)).collect();
    thread::scope(|scope| {
        let sent = scope.spawn(|| {
            let answers = burst.iter().filter_map(|(id, body)| {
                let headers = [
                    ("content-type", "application/json"),
                    (api::routes::IDEMPOTENCY_KEY, id.as_str()),
                ];
                let body = serde_json::to_vec(body).unwrap();
                let path = api::routes::CERTIFICATES;
                let sent = world
                    .ra()
                    .try_send(reqwest::Method::POST, path, &headers, body);
                sent.ok()
            });
            answers.count()
        });
        world.kill(Daemon::Ca);
        sent.join().unwrap();
    });
    let begun = Instant::now();
    proxy.switch_to(second.feed());
    wait_until("the other leads", || leads(&second.operations_url()));
    println!("the other leads after {:?}", begun.elapsed());
    issued.extend((0..4).map(|_| issue(&world, &other)));
    for certificate in issued.iter().rev().take(4) {
        let answer = wait_for("the responder follows the other", || {
            let answer = revoke(&other, serial(certificate));
            (answer.status == 200).then_some(answer)
        });
        assert_eq!(answer.status, 200);
        wait_for_ocsp(&world, certificate, OcspAnswer::Revoked);
    }

    // The publisher knows the first only, and goes on when it is back; it does not lead again.
    world.start_again(Daemon::Ca);
    wait_until_listed(&world, &issued);
    assert!(leads(&second.operations_url()) && !leads(&first_url));
    // An orderly stop hands the lead over.
    second.stop();
    wait_until("the first leads again", || leads(&first_url));
    let last = issue(&world, world.ra());
    assert!([200, 202].contains(&revoke(world.ra(), serial(&last)).status));
    wait_until_listed(&world, &[last]);
    check_records(&world);
}

#[test]
fn what_an_officer_decides_at_one_daemon_holds_at_the_other() {
    let (world, _proxy) = world(World::builder().postgres(), "10s");
    let mut second = SecondCa::start(&world);
    let other = second.client(&world, "ra", "ra-1");
    let policy = |issued: &IssuedBody| issued.certificate.policy_sha256.clone();

    // A policy: what the other decided by the old one is refused, and the retry decided by the new.
    let before = policy(&issue(&world, &other));
    let active = change_policy(
        &world,
        "acknowledgement = \"10s\"",
        "acknowledgement = \"9s\"",
    );
    assert_ne!(before, active);
    let (id, body) = device(&world);
    let issued = wait_for("the other has taken the policy up", || {
        let answer = other.submit(api::routes::CERTIFICATES, &id, &body);
        match answer.status {
            201 => Some(answer.read::<IssuedBody>()),
            503 => {
                assert_eq!(answer.code(), "policy-changed");
                None
            }
            _ => panic!("{}", answer.text()),
        }
    });
    assert_eq!(policy(&issued), active);
    // Its file is out of date now, and so it stays: the records count.
    second.restart(&world);
    assert!(second.log().contains("the policy file is out of date"));
    assert_eq!(policy(&issue(&world, &other)), active);

    // A key that is halted, as a bad signature does it.
    let database = world.postgres().unwrap();
    database.sql("UPDATE issuers SET halted_at = 1 WHERE name = 'internal-ca'");
    for ra in [world.ra(), &other] {
        let (id, body) = device(&world);
        let refused = ra.submit(api::routes::CERTIFICATES, &id, &body);
        assert_eq!(
            (refused.status, refused.code()),
            (503, "key-stopped".to_owned())
        );
    }
    // A restart lifts nothing; an officer does.
    second.restart(&world);
    let (id, body) = device(&world);
    let refused = other.submit(api::routes::CERTIFICATES, &id, &body);
    assert_eq!(refused.code(), "key-stopped");
    let resume = api::routes::RESUME_KEY.replace("{issuer}", "internal-ca");
    world.officer().post(&resume, &json!({})).expect(204);
    for ra in [world.ra(), &other] {
        let issued = wait_for("the key signs again", || {
            let (id, body) = device(&world);
            let answer = ra.submit(api::routes::CERTIFICATES, &id, &body);
            (answer.status == 201).then(|| answer.read::<IssuedBody>())
        });
        verify(&issued).unwrap();
    }
    assert_eq!(world.audit().of_kind("key-resumed").len(), 1);

    // A peer: read at every request.
    let suspend = format!("{}/ra-1", api::routes::PEERS);
    let officer = second.client(&world, "officer", "officer-1");
    officer
        .patch(&suspend, &json!({ "status": "suspended" }))
        .expect(200);
    let refused = world.ra().get(api::routes::PROFILES);
    assert_eq!(refused.code(), "peer-suspended");
    check_records(&world);
}

fn device(world: &World) -> (String, serde_json::Value) {
    let key = world.key(KeyKind::P256);
    let id = new_key();
    let name = format!("device-{}", id.replace('/', "-"));
    (id, request("device", &key, &name))
}

fn issue_through(world: &World, ras: &[&Client]) -> Vec<IssuedBody> {
    thread::scope(|scope| {
        let threads: Vec<_> = ras
            .iter()
            .map(|ra| scope.spawn(|| (0..EACH).map(|_| issue(world, ra)).collect::<Vec<_>>()))
            .collect();
        let issued = threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap());
        issued.collect()
    })
}

fn wait_until_listed(world: &World, issued: &[IssuedBody]) {
    wait_for_crl(world, "internal-ca", "all are on the list", |list| {
        issued
            .iter()
            .all(|issued| list.contains_key(&bare(serial(issued))))
    });
}

/// Sequences without a gap, numbers of lists that only rise, each serial number once.
fn check_records(world: &World) {
    let database = world.postgres().unwrap();
    for table in ["feed", "audit_log"] {
        let gaps = format!("SELECT COALESCE(MAX(seq), 0) - COUNT(*) FROM {table}");
        assert_eq!(database.sql(&gaps).trim(), "0", "{table} has a gap");
    }
    let events = AuditLog::from_the_beginning(world.officer()).news();
    for (before, after) in events.iter().zip(events.iter().skip(1)) {
        assert_eq!(before.sequence + 1, after.sequence);
    }
    let numbers = database
        .sql("SELECT issuer || '/' || scope, number FROM crls ORDER BY recorded_at, number");
    let mut last: BTreeMap<&str, u64> = BTreeMap::new();
    for line in numbers.lines() {
        let (name, number) = line.split_once('|').unwrap();
        let number: u64 = number.trim().parse().unwrap();
        let before = last.insert(name, number);
        assert!(before.is_none_or(|before| before < number), "{line}");
    }
    let signing: Vec<_> = events
        .iter()
        .filter(|event| event.event == "signing")
        .collect();
    let serials: BTreeSet<_> = signing.iter().filter_map(|event| event.serial).collect();
    assert_eq!(signing.len(), serials.len());
}
