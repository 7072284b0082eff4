//! The prober over the real daemons: nothing is wrong when all is well, whatever happens to
//! certificates; and what breaks is found.

use std::collections::BTreeSet;
use std::net::TcpListener;

use blackbox_tests::{Daemon, Said, World, run};
use serde_json::Value;
use testkit::wait_until;

use crate::query;
use crate::scene::{issue_device, plain_http, quick_world};

/// `crl-publisher probe --json` with another `[probe]` table.
pub fn probe(world: &World, table: &str) -> (Said, Value) {
    let config = std::fs::read_to_string(world.run().join("crl/crl-publisher.toml")).unwrap();
    let path = world.scratch().join("probe.toml");
    std::fs::write(&path, format!("{config}\n[probe]\n{table}\n")).unwrap();
    let mut command = world.program("crl-publisher");
    let said = run(command.arg("--config").arg(path).args(["probe", "--json"]));
    let report = serde_json::from_str(&said.stdout).unwrap_or_default();
    (said, report)
}

/// With the first delta, which waits until the publisher shows what it adds to.
fn settled_world() -> World {
    let world = quick_world();
    let delta = format!("{}/crl/esign-ca/delta.crl", world.crl_url());
    wait_until("the first delta is published", || {
        world.fetch(&delta).is_some()
    });
    world
}

fn codes(report: &Value) -> BTreeSet<&str> {
    let findings = report["findings"].as_array().expect("a list of findings");
    findings
        .iter()
        .map(|finding| finding["code"].as_str().unwrap())
        .collect()
}

#[test]
fn nothing_is_found_while_certificates_come_and_go() {
    let world = settled_world();
    let (revoked, held, released) = (
        issue_device(&world),
        issue_device(&world),
        issue_device(&world),
    );
    issue_device(&world);
    revoked.revoke(&world, "sub.key_lost_or_leaked");
    held.hold(&world);
    released.hold(&world);
    let (said, report) = probe(&world, "");
    assert_eq!(said.code, 0, "{}", said.all());
    released.release(&world);
    let (said, _) = probe(&world, "");
    assert_eq!(said.code, 0, "{}", said.all());

    let urls: BTreeSet<String> = report["visits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|visit| format!("{} {}", visit["method"], visit["url"]).replace('"', ""))
        .collect();
    let (crl, ocsp) = (world.crl_url(), world.ocsp_url());
    for path in [
        "crl/esign-ca.crl",
        "crl/internal-ca.crl",
        "crl/root.crl",
        "ca/esign-ca.cer",
        "ca/internal-ca.cer",
        "ca/root.cer",
        "cps/internal-ca.html",
    ] {
        assert!(
            urls.contains(&format!("GET {crl}/{path}")),
            "{path} {urls:?}"
        );
    }
    for method in ["GET", "POST"] {
        assert!(urls.contains(&format!("{method} {ocsp}")), "{urls:?}");
    }
}

#[test]
fn a_dead_responder_and_a_dead_publisher_are_found() {
    let world = settled_world();
    world.stop(Daemon::Ocsp);
    let (said, report) = probe(&world, "");
    assert_eq!(said.code, 65, "{}", said.all());
    assert!(said.stderr.contains("findings"), "{}", said.stderr);
    assert_eq!(codes(&report), BTreeSet::from(["unreachable"]));

    // The network leads the public name to somebody who takes connections and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = world.crl_url().replace("http://", "");
    let table = format!(
        "timeout = '200ms'\n[probe.resolve]\n'{host}' = '{}'",
        silent.local_addr().unwrap()
    );
    let (_, report) = probe(&world, &table);
    assert_eq!(codes(&report), BTreeSet::from(["timed-out", "unreachable"]));
}

/// A responder that missed a revocation says good: cut off from the feed, with its own copy.
#[test]
fn a_responder_that_missed_a_revocation_is_found() {
    let world = settled_world();
    let leaked = issue_device(&world);
    let ocsp = plain_http(&world, &world.ocsp_url());
    query::wait_until_known(&ocsp, &query::about(&world, &leaked), &leaked);
    world.stop(Daemon::Ocsp);
    let answer = leaked.try_revoke(&world, "sub.key_lost_or_leaked");
    assert_eq!(answer.status, 202);
    world.stop(Daemon::Ca);
    world.start_again(Daemon::Ocsp);
    wait_until("the missed revocation is found", || {
        let (_, report) = probe(&world, "tolerance = '0s'");
        let findings = report["findings"].as_array().unwrap();
        findings.iter().any(|finding| {
            let detail = finding["detail"].as_str().unwrap();
            finding["code"] == "ocsp-disagrees"
                && detail.contains(&leaked.serial)
                && detail.contains("but good")
        })
    });
}

#[test]
fn the_daemon_probes_again_and_again_and_tells_once() {
    let world = World::builder()
        .variable("INTERNAL_CA_ALGORITHM", "ec-p256")
        .configure(|run| {
            let path = run.join("crl/crl-publisher.toml");
            let config = std::fs::read_to_string(&path).unwrap();
            let table = "[probe]\ninterval = '200ms'\n[log]\nformat = 'json'";
            std::fs::write(&path, format!("{config}\n{table}\n")).unwrap();
        })
        .start();
    let metrics = || {
        let url = format!("{}/metrics", world.operations_url(Daemon::Crl));
        String::from_utf8(world.fetch(&url).unwrap_or_default()).unwrap()
    };
    let value = |metrics: &str, line: &str| {
        let found = metrics.lines().find(|found| found.starts_with(line))?;
        found.rsplit(' ').next()?.parse::<f64>().ok()
    };
    let list = format!("{}/crl/internal-ca.crl", world.crl_url());
    let sound = format!("probe_success_time_seconds{{url=\"{list}\"");
    wait_until("the list was found sound", || {
        value(&metrics(), &sound).is_some()
    });
    let left = format!("probe_next_update_seconds{{url=\"{list}\"");
    assert!(value(&metrics(), &left).unwrap() > 0.0);

    world.stop(Daemon::Ocsp);
    let findings = "probe_findings{code=\"unreachable\"}";
    wait_until("the dead responder is found", || {
        value(&metrics(), findings).is_some_and(|count| count > 0.0)
    });
    let round = || value(&metrics(), "probe_round_time_seconds").unwrap();
    let then = round();
    wait_until("another round has ended", || round() > then);
    world.start_again(Daemon::Ocsp);
    wait_until("the responder is found again", || {
        value(&metrics(), findings) == Some(0.0)
    });
    let log = world.log(Daemon::Crl);
    // One for each of the two issuers that the responder answers for; the first rounds may have found
    // lists that were not published yet.
    let told = |words: &str| {
        let lines = log.lines().filter(|line| line.contains("unreachable"));
        lines.filter(|line| line.contains(words)).count()
    };
    assert_eq!(told("the prober found a fault"), 2, "{log}");
    assert_eq!(told("that the prober found is gone"), 2, "{log}");
}
