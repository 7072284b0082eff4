//! A database that is put back from a backup: followers start over, and nothing is confirmed falsely.

use std::path::PathBuf;

use blackbox_tests::revocation::{ocsp, wait_for_ocsp};
use blackbox_tests::{Daemon, World, run, run_well};
use testkit::judges::OcspAnswer;
use testkit::{wait_for, wait_until};

use crate::scene::{issue, metric, pending, revoke, serial, world};

#[test]
fn followers_start_over_with_a_database_that_was_put_back() {
    let (world, _proxy) = world(World::builder(), "2s");
    let before = issue(&world, world.ra());
    let copy = world.scratch().join("backup.db");
    let made = world.chancery_officer(&["backup"]);
    assert_eq!(made.code, 0, "{}", made.all());
    std::fs::copy(newest(world.run().join("ca/backup")), &copy).unwrap();

    // What the backup does not have: the responder and the publisher do.
    let forgotten = issue(&world, world.ra());
    for _ in 0..4 {
        issue(&world, world.ra());
    }
    wait_for_ocsp(&world, &forgotten, OcspAnswer::Good);
    let shown = wait_for("a list is published", || number(&world));

    world.stop(Daemon::Ca);
    for file in ["ca.db", "ca.db-wal", "ca.db-shm"] {
        drop(std::fs::remove_file(world.run().join("ca").join(file)));
    }
    std::fs::copy(&copy, world.run().join("ca/ca.db")).unwrap();
    let ca = |arguments: &[&str]| {
        let mut command = world.program("ca-daemon");
        command
            .env("SOFTHSM2_CONF", world.run().join("ca/softhsm2.conf"))
            .arg("--config")
            .arg(world.run().join("ca/ca-daemon.toml"))
            .args(arguments);
        command
    };
    // A copy is not taken for the original.
    let refused = run(&mut ca(&["run"]));
    assert_eq!(refused.code, 78, "{}", refused.all());
    assert!(
        refused.all().contains("ca-daemon restored"),
        "{}",
        refused.all()
    );
    run_well(&mut ca(&["restored", "--crl-margin", "50"]));
    world.start_again(Daemon::Ca);
    assert_eq!(world.audit().of_kind("database-restored").len(), 1);

    // The first 200 comes when the responder has the new feed, and no sooner.
    let answer = wait_for("the responder has started over", || {
        let answer = revoke(world.ra(), serial(&before));
        if answer.status == 202 {
            assert_eq!(pending(&answer), ["ocsp-1"]);
        }
        (answer.status == 200).then_some(answer)
    });
    assert_eq!(answer.status, 200);
    assert_eq!(ocsp(&world, &before), OcspAnswer::Revoked);
    // It says what the records say, and has kept what it knew.
    assert_eq!(ocsp(&world, &forgotten), OcspAnswer::Unknown);
    for (daemon, name) in [
        (Daemon::Ocsp, "ocsp_feed_started_over_total"),
        (Daemon::Crl, "crl_feed_started_over_total"),
    ] {
        let url = world.operations_url(daemon);
        wait_until("it has started over once", || {
            (metric(&world, &url, name) - 1.0).abs() < 0.5
        });
        assert!(world.log(daemon).contains("the feed has a new epoch"));
    }
    let kept = std::fs::read_dir(world.run().join("ocsp"))
        .unwrap()
        .flatten();
    let names: Vec<_> = kept
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    assert!(
        names.iter().any(|name| name.starts_with("copy.db.epoch-")),
        "{names:?}"
    );
    // Lists go on above those that the backup did not know.
    wait_until("the publisher takes the next list", || {
        number(&world).is_some_and(|number| number >= shown + 50)
    });
}

fn newest(directory: PathBuf) -> PathBuf {
    let files = std::fs::read_dir(directory).unwrap().flatten();
    files.map(|entry| entry.path()).max().unwrap()
}

/// The number of the published list of the internal CA.
fn number(world: &World) -> Option<u64> {
    let list = world.fetch(&format!("{}/crl/internal-ca.crl", world.crl_url()))?;
    let path = world.scratch().join("numbered.crl");
    std::fs::write(&path, list).unwrap();
    let mut command = std::process::Command::new("openssl");
    command.args(["crl", "-inform", "DER", "-noout", "-crlnumber", "-in"]);
    let said = run_well(command.arg(&path));
    let hex = said.trim().rsplit_once("0x").unwrap().1.to_owned();
    u64::from_str_radix(&hex, 16).ok()
}
