//! Days in seconds: all three daemons on a clock that the test sets.

use std::path::Path;

use api::routes;
use blackbox_tests::{Client, Daemon, FakeClock, KeyKind, World, statement};
use jiff::SignedDuration;
use ocsp::{Answer, Asked, CertIdHash, CertStatus, Query, ResponseFault, ResponseStatus};
use pki::{Certificate, SerialNumber};
use serde_json::json;
use testkit::{wait_for, wait_until};

use crate::list::List;
use crate::query;
use crate::scene::{Issued, new_name, plain_http, quick_world, read_der};

const LIST: &str = "/crl/internal-ca.crl";

/// A world on a clock of its own.
struct Travel {
    clock: FakeClock,
    world: World,
    public: Client,
    ocsp: Client,
}

impl Travel {
    fn new() -> Self {
        let world = quick_world();
        let clock = FakeClock::new(&world);
        for daemon in Daemon::ALL {
            world.stop(daemon);
        }
        for daemon in [Daemon::Ca, Daemon::Ocsp, Daemon::Crl] {
            world.start_on(daemon, &clock);
            world.wait_until_ready(daemon);
        }
        Self {
            clock,
            public: plain_http(&world, &world.crl_url()),
            ocsp: plain_http(&world, &world.ocsp_url()),
            world,
        }
    }

    /// Goes to so many hours from the beginning.
    fn go_to(&mut self, hours: i64) {
        self.clock.set(SignedDuration::from_hours(hours));
    }

    /// A device's certificate that lasts an hour.
    fn issue(&self) -> Issued {
        let name = new_name("subject");
        let csr = self
            .world
            .key(KeyKind::P256)
            .csr(&format!("/CN={name}"), &[]);
        let body = json!({
            "profile": "device", "csr": csr, "statement": statement::device(),
            "validity": { "seconds": 3600 },
        });
        Issued::read(self.world.ra().submit(routes::CERTIFICATES, &name, &body))
    }

    fn list(&self) -> List {
        let answer = self.public.get(LIST).expect(200);
        List::read(&answer.body, &self.issuer())
    }

    fn issuer(&self) -> std::path::PathBuf {
        self.world.issuer("internal-ca")
    }

    /// Waits for a list that is newer than another.
    fn list_after(&self, before: &List) -> List {
        wait_for("there is a newer list", || {
            Some(self.list()).filter(|list| list.number > before.number)
        })
    }

    /// What a relying party on the same clock makes of the responder's answer.
    fn ask(&self, issued: &Issued) -> Result<Answer, ResponseFault> {
        let issuer = Certificate::parse(&read_der(&self.issuer())).unwrap();
        let serial: SerialNumber = issued.serial.parse().unwrap();
        let query = Query::new(&issuer, &[serial], CertIdHash::Sha1, None).unwrap();
        let answer = query::post(&self.ocsp, query.der());
        let asked = Asked {
            query: &query,
            issuer: &issuer,
            now: self.clock.now(),
            tolerance: SignedDuration::from_secs(5),
        };
        Answer::verify(&answer.body, &asked)
    }

    fn metric(&self, daemon: Daemon, name: &str, labels: &[&str]) -> Option<f64> {
        let url = format!("{}/metrics", self.world.operations_url(daemon));
        let text = String::from_utf8(self.world.fetch(&url)?).unwrap();
        let line = text.lines().find(|line| {
            line.starts_with(name) && labels.iter().all(|label| line.contains(label))
        })?;
        line.rsplit(' ').next()?.parse().ok()
    }
}

/// RFC 5280 section 3.3: an entry stays until it has stood on one list made after the end of its
/// certificate; RFC 6960 section 4.4.4: the responder tells of it until the archive ends.
#[test]
fn an_entry_leaves_one_list_after_the_end_and_the_responder_remembers_it_longer() {
    let mut travel = Travel::new();
    let issued = travel.issue();
    issued.revoke(&travel.world, "sub.key_lost_or_leaked");
    let listed = wait_for("it is listed", || {
        Some(travel.list()).filter(|list| list.has(&issued))
    });

    // A day later, by the interval, there is a list made after its end: it stands there.
    travel.go_to(25);
    let after_its_end = travel.list_after(&listed);
    assert!(after_its_end.has(&issued));
    assert!(after_its_end.this_update > listed.this_update + SignedDuration::from_hours(24));
    assert!(after_its_end.next_update > travel.clock.now());

    // On the next it does not.
    travel.go_to(50);
    let next = travel.list_after(&after_its_end);
    assert!(!next.has(&issued), "{next:?}");

    let is_revoked = |answer: Result<Answer, ResponseFault>| {
        answer.is_ok_and(|answer| matches!(answer.statuses[0].status, CertStatus::Revoked { .. }))
    };
    wait_until("the responder remembers", || {
        is_revoked(travel.ask(&issued))
    });
    // The archive is of thirty days.
    travel.go_to(24 * 29);
    wait_until("the responder remembers", || {
        is_revoked(travel.ask(&issued))
    });
    travel.go_to(24 * 31);
    let unauthorized = ResponseFault::Exception {
        status: ResponseStatus::Unauthorized,
    };
    wait_until("the responder says no more of it", || {
        travel.ask(&issued) == Err(unauthorized.clone())
    });
}

/// The responder's certificate lasts two weeks and is renewed every day; over a month there is
/// always one, and always a list that is not over.
#[test]
fn over_a_month_there_is_always_a_list_and_an_answer() {
    let mut travel = Travel::new();
    let issued = query_subject(&travel.world);
    let first = wait_for("the responder answers", || travel.ask(&issued).ok());
    let mut list = travel.list();
    let mut last = first.clone();
    for day in [1, 2, 9, 16, 23, 30] {
        travel.go_to(24 * day + 1);
        list = travel.list_after(&list);
        assert!(list.next_update > travel.clock.now(), "day {day}: {list:?}");
        last = wait_for("the responder answers", || travel.ask(&issued).ok());
        assert_eq!(last.statuses[0].status, CertStatus::Good, "day {day}");
    }
    // That of the first day is over.
    assert_ne!(last.responder.serial(), first.responder.serial());
    assert!(first.responder.not_after() < travel.clock.now());
}

/// A certificate that outlasts the journey.
fn query_subject(world: &World) -> Issued {
    crate::scene::issue_device(world)
}

/// The root's list comes from a ceremony: both daemons tell how long it is still good.
#[test]
fn the_end_of_the_roots_list_is_announced_long_before() {
    let mut travel = Travel::new();
    import_root_list(&travel.world, 2, "20d");
    let left = |travel: &Travel| {
        let labels = ["imported-crl", "\"root\""];
        travel.metric(Daemon::Ca, "ca_expires_in_seconds", &labels)
    };
    let day = 86_400.0;
    travel.world.stop(Daemon::Ca);
    travel.world.start_on(Daemon::Ca, &travel.clock);
    wait_until("it is told", || {
        left(&travel).is_some_and(|left| left > 19.0 * day && left < 20.0 * day)
    });
    assert!(!travel.world.log(Daemon::Ca).contains("imported-crl"));

    travel.go_to(24 * 7);
    travel.world.stop(Daemon::Ca);
    travel.world.start_on(Daemon::Ca, &travel.clock);
    wait_until("it is told", || {
        left(&travel).is_some_and(|left| left < 13.0 * day)
    });
    wait_until("the log says so", || {
        let log = travel.world.log(Daemon::Ca);
        log.lines()
            .any(|line| line.contains("imported-crl") && line.contains("expires soon"))
    });
}

/// Makes a list of the root and imports it as the officer.
fn import_root_list(world: &World, number: u32, next_update: &str) {
    let file = world.scratch().join(format!("root-{number}.crl"));
    let mut ceremony = world.program("chancery");
    let root = world.run().join("root");
    ceremony
        .env("SOFTHSM2_CONF", root.join("softhsm2.conf"))
        .args(["ceremony", "root-crl", "--id", "01", "--token"])
        .arg(root.join("token.toml"))
        .arg("--certificate")
        .arg(world.root())
        .args([
            "--number",
            &number.to_string(),
            "--next-update",
            next_update,
            "--out",
        ])
        .arg(&file);
    blackbox_tests::run_well(&mut ceremony);
    let arguments = ["import-crl", "--issuer", "root", "--crl", path(&file)];
    world.chancery_officer(&arguments).well();
}

fn path(file: &Path) -> &str {
    file.to_str().unwrap()
}
