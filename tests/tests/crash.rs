//! Sudden and orderly ends of ca-daemon in the midst of its work.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "what a test stands on works or ends it"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use api::{CertificateState, CertificateSummary, IssuedBody, Page};
use blackbox_tests::enrolment::{new_key, path, request, verify};
use blackbox_tests::revocation::wait_for_crl;
use blackbox_tests::{Client, Daemon, KeyKind, World, run};
use pki::SerialNumber;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{wait_for, wait_until};

const CERTIFICATES: &str = api::routes::CERTIFICATES;
/// Requests in a burst, and clients that send them.
const BURST: usize = 24;
const CLIENTS: usize = 6;
/// Bursts after which a crash must have hit a signature.
const ROUNDS: usize = 8;

/// What is asked for in a burst: idempotency keys with their bodies.
type Burst = Vec<(String, Value)>;

#[test]
fn a_crash_between_intent_and_record_abandons_the_serial_number() {
    let world = World::start();
    let mut asked = Burst::new();
    let mut heard = BTreeMap::new();
    for round in 0..ROUNDS {
        let burst = prepare(&world, round);
        heard.extend(kill_in_the_midst(&world, &burst));
        asked.extend(burst);
        if !world.audit().of_kind("abandoned").is_empty() {
            break;
        }
    }
    let abandoned = serials_of(&world, "abandoned");
    assert!(!abandoned.is_empty(), "no crash hit a signature");

    // Every serial number that was begun came to an end, and none was used twice.
    let signing = world.audit().of_kind("signing");
    let issued = serials_of(&world, "issued");
    let begun: BTreeSet<_> = signing.iter().filter_map(|event| event.serial).collect();
    assert_eq!(begun.len(), signing.len(), "a serial number was used twice");
    assert!(issued.is_disjoint(&abandoned));
    let ended: BTreeSet<_> = issued.union(&abandoned).copied().collect();
    assert_eq!(begun, ended, "something is neither issued nor abandoned");
    assert!(
        of_state(
            world.officer(),
            api::routes::OFFICER_CERTIFICATES,
            "signing"
        )
        .is_empty()
    );
    let listed = of_state(world.ra(), CERTIFICATES, "abandoned");
    let listed: BTreeSet<_> = listed.iter().map(|item| item.serial).collect();
    assert_eq!(listed, abandoned);

    // Abandoned counts as revoked, wherever one asks.
    for serial in &abandoned {
        wait_until("the responder says revoked", || {
            ocsp_by_serial(&world, "internal-ca", *serial) == "revoked"
        });
    }
    wait_for_crl(&world, "internal-ca", "they are on the list", |list| {
        abandoned.iter().all(|serial| {
            let serial = serial.to_string();
            list.contains_key(serial.trim_start_matches('0'))
        })
    });
    let some = path(api::routes::CERTIFICATE, abandoned.first().unwrap());
    let body: api::CertificateBody = world.ra().get(&some).expect(200).read();
    assert_eq!(body.summary.state, CertificateState::Abandoned);
    assert_eq!(body.certificate, None);

    // A retry with the same key gets a certificate: the one that was there, or a new one.
    let mut serials = BTreeSet::new();
    for (id, body) in &asked {
        let answer = world.ra().submit(CERTIFICATES, id, body).expect(201);
        let issued: IssuedBody = answer.read();
        let serial = issued.certificate.summary.serial;
        verify(&issued).unwrap();
        assert!(!abandoned.contains(&serial));
        assert!(serials.insert(serial), "two requests got one certificate");
        if let Some(before) = heard.get(id) {
            assert_eq!(*before, serial, "the answer changed");
        }
    }
}

#[test]
fn an_orderly_stop_finishes_what_was_begun() {
    let world = World::start();
    let burst = prepare(&world, 0);
    let heard = interrupt(&world, &burst, |world| world.stop(Daemon::Ca));
    assert!(!heard.is_empty());
    world.start_again(Daemon::Ca);
    assert!(world.audit().of_kind("abandoned").is_empty());
    assert_eq!(
        serials_of(&world, "signing"),
        serials_of(&world, "issued"),
        "each signature is recorded"
    );
    let kinds: Vec<_> = world.audit().news().into_iter().map(|e| e.event).collect();
    let count = |kind: &str| kinds.iter().filter(|found| *found == kind).count();
    assert_eq!((count("daemon-started"), count("daemon-stopped")), (2, 1));
    assert!(!world.log(Daemon::Ca).contains("panicked"));
}

#[test]
fn a_revocation_that_was_answered_survives_a_crash() {
    let world = World::start();
    let key = world.key(KeyKind::P256);
    let body = request("device", &key, "device-1");
    let issued: IssuedBody = world
        .ra()
        .submit(CERTIFICATES, &new_key(), &body)
        .expect(201)
        .read();
    let serial = issued.certificate.summary.serial;
    let ground = json!({ "ground": "sub.key_lost_or_leaked" });
    let revoke = path(api::routes::REVOKE, serial);
    world.ra().post(&revoke, &ground).expect(200);
    for daemon in Daemon::ALL {
        world.kill(daemon);
    }
    // The responder knows it without asking anybody.
    world.start_again(Daemon::Ocsp);
    assert_eq!(ocsp_by_serial(&world, "internal-ca", serial), "revoked");
    world.start_again(Daemon::Ca);
    world.start_again(Daemon::Crl);
    let found: api::CertificateBody = world
        .ra()
        .get(&path(api::routes::CERTIFICATE, serial))
        .expect(200)
        .read();
    assert_eq!(found.summary.state, CertificateState::Revoked);
    wait_for_crl(&world, "internal-ca", "it is on the list", |list| {
        list.contains_key(serial.to_string().trim_start_matches('0'))
    });
}

fn prepare(world: &World, round: usize) -> Burst {
    let requests = (0..BURST).map(|number| {
        let key = world.key(KeyKind::P256);
        let body = request("device", &key, &format!("device-{round}-{number}"));
        (new_key(), body)
    });
    requests.collect()
}

fn kill_in_the_midst(world: &World, burst: &Burst) -> BTreeMap<String, SerialNumber> {
    let heard = interrupt(world, burst, |world| world.kill(Daemon::Ca));
    world.start_again(Daemon::Ca);
    heard
}

/// Sends a burst, ends the daemon when some answers have come, and gives what was heard.
fn interrupt(
    world: &World,
    burst: &Burst,
    end: impl FnOnce(&World),
) -> BTreeMap<String, SerialNumber> {
    let next = AtomicUsize::new(0);
    let answered = AtomicUsize::new(0);
    let ended = AtomicBool::new(false);
    let send = |(id, body): &(String, Value)| {
        let headers = [
            ("content-type", "application/json"),
            (api::routes::IDEMPOTENCY_KEY, id.as_str()),
        ];
        let body = serde_json::to_vec(body).unwrap();
        let answer = world
            .ra()
            .try_send(Method::POST, CERTIFICATES, &headers, body);
        let answer = answer.ok().filter(|answer| answer.status == 201)?;
        answered.fetch_add(1, Ordering::Relaxed);
        let issued: IssuedBody = answer.read();
        Some((id.clone(), issued.certificate.summary.serial))
    };
    thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                scope.spawn(|| {
                    let mut heard = Vec::new();
                    while !ended.load(Ordering::Relaxed) {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        let Some(request) = burst.get(number) else {
                            break;
                        };
                        heard.extend(send(request));
                    }
                    heard
                })
            })
            .collect();
        wait_for("some answers have come", || {
            (answered.load(Ordering::Relaxed) > 2).then_some(())
        });
        end(world);
        ended.store(true, Ordering::Relaxed);
        let heard = clients
            .into_iter()
            .flat_map(|client| client.join().unwrap());
        heard.collect()
    })
}

fn serials_of(world: &World, kind: &str) -> BTreeSet<SerialNumber> {
    let events = world.audit().of_kind(kind).into_iter();
    events.filter_map(|event| event.serial).collect()
}

fn of_state(client: &Client, route: &str, state: &str) -> Vec<CertificateSummary> {
    let path = format!("{route}?limit=1000&state={state}");
    let page: Page<CertificateSummary> = client.get(&path).expect(200).read();
    page.items
}

/// The status that the responder tells for a serial number: nobody holds the certificate.
fn ocsp_by_serial(world: &World, issuer: &str, serial: SerialNumber) -> String {
    let mut command = Command::new("openssl");
    command
        .args(["ocsp", "-issuer"])
        .arg(world.issuer(issuer))
        .args(["-serial", &format!("0x{serial}"), "-url", &world.ocsp_url()])
        .arg("-CAfile")
        .arg(world.root())
        .arg("-verify_other")
        .arg(world.issuer(issuer));
    let said = run(&mut command);
    if said.code != 0 {
        // Such as `unauthorized`: so many questions about serial numbers that it has not heard of are
        // not worth a signature to the responder.
        return said.all();
    }
    let (_, status) = said.stdout.split_once(": ").expect("a status");
    status.lines().next().unwrap_or_default().to_owned()
}
