//! Responders behind a revocation's 200: registered, late, cut off, restarted, stale (C-59, C-60,
//! C-63, C-64).

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use api::{CertificateBody, routes};
use blackbox_tests::{Daemon, FakeClock, KeyKind, Ports, World, run_well};
use jiff::SignedDuration;
use reqwest::Method;
use rustix::process::Signal;
use testkit::{wait_for, wait_until};

use crate::process::Process;
use crate::query::{
    self, CertStatus, ResponseStatus, about, request, response_status, wait_until_known,
};
use crate::scene::{Ended, Issued, issue, issue_device, plain_http, quick_world};

/// A second responder with a key of its own, registered for one of the issuing CAs.
pub struct SecondResponder {
    pub process: Process,
    url: String,
}

impl SecondResponder {
    pub const NAME: &str = "ocsp-2";

    pub fn start(world: &World) -> Self {
        let directory = Self::set_up(world);
        let ports = Ports::find();
        let mut config = std::fs::read_to_string(world.run().join("ocsp/ocsp-responder.toml"))
            .unwrap()
            .replace(
                &world.run().join("ocsp").display().to_string(),
                &directory.display().to_string(),
            )
            .replace("ocsp-1", Self::NAME);
        for (old, new) in [
            (world.ports().ocsp, ports.ocsp),
            (world.ports().ocsp_operations, ports.ocsp_operations),
        ] {
            config = config.replace(&format!(":{old}\""), &format!(":{new}\""));
        }
        let path = directory.join("ocsp-responder.toml");
        std::fs::write(&path, config).unwrap();
        let process = Process::start(
            world
                .program("ocsp-responder")
                .env("SOFTHSM2_CONF", directory.join("softhsm2.conf"))
                .arg("--config")
                .arg(path)
                .arg("run"),
            &directory.join("log"),
        );
        let ready = format!("http://127.0.0.1:{}/readyz", ports.ocsp_operations);
        wait_until("the second responder is ready", || {
            world.fetch(&ready).is_some()
        });
        Self {
            process,
            url: format!("http://127.0.0.1:{}", ports.ocsp),
        }
    }

    /// Its token, key, TLS certificate and registration, by the commands that an operator types.
    fn set_up(world: &World) -> PathBuf {
        let directory = world.run().join("ocsp2");
        std::fs::create_dir_all(directory.join("tokens")).unwrap();
        let first = std::fs::read_to_string(world.run().join("ocsp/softhsm2.conf")).unwrap();
        let own = first.replace("/ocsp/tokens", "/ocsp2/tokens");
        std::fs::write(directory.join("softhsm2.conf"), own).unwrap();
        for file in ["ocsp.pin", "ocsp.so-pin", "token.toml", "management.pem"] {
            std::fs::copy(world.run().join("ocsp").join(file), directory.join(file)).unwrap();
        }
        let file = |name: &str| directory.join(name).display().to_string();
        let token = std::fs::read_to_string(directory.join("token.toml")).unwrap();
        let token = token.replace("/ocsp/ocsp.pin", "/ocsp2/ocsp.pin");
        std::fs::write(directory.join("token.toml"), &token).unwrap();
        let module = token.split('"').nth(1).unwrap().to_owned();
        let ceremony = |arguments: &[&str]| {
            let mut command = world.program("chancery");
            command.env("SOFTHSM2_CONF", directory.join("softhsm2.conf"));
            run_well(command.arg("ceremony").args(arguments))
        };
        ceremony(&[
            "init-token",
            "--module",
            &module,
            "--label",
            "ocsp",
            "--so-pin-file",
            &file("ocsp.so-pin"),
            "--pin-file",
            &file("ocsp.pin"),
        ]);
        ceremony(&[
            "generate-key",
            "--token",
            &file("token.toml"),
            "--id",
            "01",
            "--label",
            Self::NAME,
            "--algorithm",
            "ec-p256",
            "--out",
            &file("ocsp-2.pub"),
        ]);
        let mut key = world.program("chancery");
        key.args(["key", "new", "--cn", Self::NAME]);
        key.args([
            "--key-out",
            &file("ocsp-2.key"),
            "--csr-out",
            &file("ocsp-2.csr"),
        ]);
        run_well(&mut key);
        let officer = |arguments: &[&str]| {
            let said = world.chancery_officer(arguments);
            assert_eq!(said.code, 0, "{}", said.all());
        };
        officer(&[
            "register",
            "--name",
            Self::NAME,
            "--role",
            "responder",
            "--csr",
            &file("ocsp-2.csr"),
            "--out",
            &file("ocsp-2.pem"),
        ]);
        officer(&[
            "register-responder",
            "--name",
            Self::NAME,
            "--public-key",
            &file("ocsp-2.pub"),
            "--issuer",
            "internal-ca",
        ]);
        directory
    }
}

/// The heart of the matter (C-60): whoever asks either responder after the RA has heard 200 hears
/// `revoked`, however many ask and whatever was signed, cached or on its way before.
#[test]
fn every_query_begun_after_the_200_of_a_revocation_sees_revoked() {
    let world = quick_world();
    let second = SecondResponder::start(&world);
    let responders = [
        plain_http(&world, &world.ocsp_url()),
        plain_http(&world, &second.url),
    ];
    for _ in 0..8 {
        let issued = issue_device(&world);
        let request = about(&world, &issued);
        for responder in &responders {
            wait_until_known(responder, &request, &issued);
        }
        let (confirmed, enough) = (AtomicBool::new(false), AtomicBool::new(false));
        let (before, after) = (AtomicU32::new(0), AtomicU32::new(0));
        std::thread::scope(|scope| {
            let ended = Ended(&enough);
            for number in 0..4 {
                let responder = responders[number % 2].clone();
                let asked = if number < 2 {
                    request.clone()
                } else {
                    query::with_nonce(&request, 16)
                };
                let (confirmed, enough) = (&confirmed, &enough);
                let (before, after, serial) = (&before, &after, &issued.serial);
                scope.spawn(move || {
                    while !enough.load(Ordering::SeqCst) {
                        let must_be_revoked = confirmed.load(Ordering::SeqCst);
                        let answer = if number % 2 == 0 {
                            query::get(&responder, &asked, &[])
                        } else {
                            query::post(&responder, &asked)
                        };
                        let said = query::cert_status(&answer.body, serial);
                        if must_be_revoked {
                            assert_eq!(said, CertStatus::Revoked);
                            after.fetch_add(1, Ordering::SeqCst);
                        } else {
                            assert_ne!(said, CertStatus::Unknown);
                            before.fetch_add(1, Ordering::SeqCst);
                        }
                    }
                });
            }
            wait_until("queries run", || before.load(Ordering::SeqCst) >= 8);
            let answer = issued.try_revoke(&world, "sub.key_lost_or_leaked");
            confirmed.store(true, Ordering::SeqCst);
            let counted = after.load(Ordering::SeqCst);
            wait_until("queries run after it", || {
                after.load(Ordering::SeqCst) >= counted + 20
            });
            drop(ended);
            assert_eq!(answer.status, 200, "{}", answer.text());
        });
    }
}

#[test]
fn a_responder_that_stands_still_is_named_in_a_202_and_missed_in_no_200() {
    let world = quick_world();
    let policy = world.run().join("ca/policy/internal.toml");
    let text = std::fs::read_to_string(&policy).unwrap();
    let hasty = text.replace("acknowledgement = \"10s\"", "acknowledgement = \"1s\"");
    assert_ne!(text, hasty);
    std::fs::write(&policy, hasty).unwrap();
    let reload = routes::RELOAD_POLICY.replace("{issuer}", "internal-ca");
    let answer = world.officer().post(&reload, &serde_json::json!({}));
    assert_eq!(answer.status, 200, "{}", answer.text());

    let second = SecondResponder::start(&world);
    let (first, other) = (
        plain_http(&world, &world.ocsp_url()),
        plain_http(&world, &second.url),
    );
    let issued = issue_device(&world);
    let asked = about(&world, &issued);
    wait_until_known(&first, &asked, &issued);
    wait_until_known(&other, &asked, &issued);

    second.process.signal(Signal::STOP);
    let answer = issued.try_revoke(&world, "sub.key_lost_or_leaked");
    assert_eq!(answer.status, 202, "{}", answer.text());
    let body: CertificateBody = answer.read();
    let pending = body.summary.revocation.unwrap().pending_responders;
    assert_eq!(pending, [SecondResponder::NAME]);
    // It is in force: who has heard of it says so.
    assert_eq!(
        query::status(&first, &asked, &issued.serial),
        CertStatus::Revoked
    );
    // A retry is no false 200 either.
    assert_eq!(
        issued.try_revoke(&world, "sub.key_lost_or_leaked").status,
        202
    );

    second.process.signal(Signal::CONT);
    wait_until("the revocation is confirmed", || {
        issued.try_revoke(&world, "sub.key_lost_or_leaked").status == 200
    });
    assert_eq!(
        query::status(&other, &asked, &issued.serial),
        CertStatus::Revoked
    );
}

/// An officer registers a responder for the issuers that it is meant for, and for no others.
#[test]
fn a_responder_answers_for_the_issuers_that_it_is_registered_for() {
    let world = quick_world();
    let second = SecondResponder::start(&world);
    let responder = plain_http(&world, &second.url);
    let (internal, esign) = (
        issue_device(&world),
        issue(&world, "esign-individual", KeyKind::P256),
    );
    wait_until_known(&responder, &about(&world, &internal), &internal);
    let asked = request(&world.issuer("esign-ca"), "sha256", &[&esign.serial]);
    let status = response_status(&query::post(&responder, &asked));
    assert_ne!(status, ResponseStatus::Successful);
    // Nor does a revocation there wait for it.
    second.process.signal(Signal::STOP);
    esign.revoke(&world, "sub.key_lost_or_leaked");
    second.process.signal(Signal::CONT);
}

#[test]
fn the_responder_goes_on_and_starts_again_while_the_ca_is_down() {
    let world = quick_world();
    let ocsp = plain_http(&world, &world.ocsp_url());
    let (good, revoked) = (issue_device(&world), issue_device(&world));
    revoked.revoke(&world, "sub.key_lost_or_leaked");
    let (about_good, about_revoked) = (about(&world, &good), about(&world, &revoked));
    wait_until_known(&ocsp, &about_good, &good);
    let says_what_it_knew = || {
        for nonce in [false, true] {
            let ask = |request: &[u8], issued: &Issued| {
                let with = query::with_nonce(request, 16);
                query::status(&ocsp, if nonce { &with } else { request }, &issued.serial)
            };
            assert_eq!(ask(&about_good, &good), CertStatus::Good);
            assert_eq!(ask(&about_revoked, &revoked), CertStatus::Revoked);
        }
    };
    world.kill(Daemon::Ca);
    says_what_it_knew();
    world.stop(Daemon::Ocsp);
    world.start_again(Daemon::Ocsp);
    says_what_it_knew();
    world.kill(Daemon::Ocsp);
    world.start_again(Daemon::Ocsp);
    says_what_it_knew();

    // It finds the CA again by itself.
    world.start_again(Daemon::Ca);
    let later = issue_device(&world);
    wait_until_known(&ocsp, &about(&world, &later), &later);
    good.revoke(&world, "sub.key_lost_or_leaked");
    assert_eq!(
        query::status(&ocsp, &about_good, &good.serial),
        CertStatus::Revoked
    );
}

#[test]
fn a_responder_that_has_heard_nothing_for_too_long_says_try_later() {
    let world = quick_world();
    let issued = issue_device(&world);
    let asked = about(&world, &issued);
    let ocsp = plain_http(&world, &world.ocsp_url());
    wait_until_known(&ocsp, &asked, &issued);
    world.stop(Daemon::Ocsp);

    // The same responder on a clock that the test sets.
    let mut clock = FakeClock::new(&world);
    let start = |clock: &FakeClock| {
        let mut command = world.program("ocsp-responder");
        command
            .env("SOFTHSM2_CONF", world.run().join("ocsp/softhsm2.conf"))
            .envs(clock.environment())
            .arg("--config")
            .arg(world.run().join("ocsp/ocsp-responder.toml"))
            .arg("run");
        Process::start(&mut command, &world.run().join("ocsp/log"))
    };
    let process = start(&clock);
    world.wait_until_ready(Daemon::Ocsp);
    wait_until_known(&ocsp, &asked, &issued);
    world.stop(Daemon::Ca);
    assert_eq!(
        query::status(&ocsp, &asked, &issued.serial),
        CertStatus::Good
    );

    let status = || response_status(&query::post(&ocsp, &asked));
    let get = || response_status(&query::get(&ocsp, &asked, &[]));
    clock.set(SignedDuration::from_mins(50));
    assert_eq!(
        (status(), get()),
        (ResponseStatus::Successful, ResponseStatus::Successful)
    );
    clock.set(SignedDuration::from_hours(2));
    let try_later = (ResponseStatus::TryLater, ResponseStatus::TryLater);
    assert_eq!((status(), get()), try_later);
    let ready = format!("{}/readyz", world.operations_url(Daemon::Ocsp));
    assert!(world.fetch(&ready).is_none(), "ready, and answers nothing");

    // A restart does not make it forget how old its knowledge is.
    drop(process);
    let process = start(&clock);
    let headers = [("content-type", "application/ocsp-request")];
    wait_until("it listens", || {
        let answer = ocsp.try_send(Method::POST, "/", &headers, asked.clone());
        answer.is_ok()
    });
    assert_eq!((status(), get()), try_later);

    drop(process);
    world.start_again(Daemon::Ca);
    world.start_again(Daemon::Ocsp);
    let known = wait_for("it answers again", || {
        (status() == ResponseStatus::Successful)
            .then(|| query::status(&ocsp, &asked, &issued.serial))
    });
    assert_eq!(known, CertStatus::Good);
}
