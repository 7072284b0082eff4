//! Followers behind networks that are slow, cut or partitioned: never a false 200.

use std::thread;
use std::time::Duration;

use blackbox_tests::revocation::{ocsp, wait_for_crl};
use blackbox_tests::{Daemon, Network, World};
use serde_json::json;
use testkit::judges::OcspAnswer;
use testkit::wait_until;

use crate::scene::{bare, issue, pending, revoke, serial, world};

#[test]
fn a_responder_that_does_not_hear_is_named_until_it_has_heard() {
    let (world, proxy) = world(World::builder(), "1s");
    let ra = world.ra();
    for network in [Network::Partitioned, Network::Cut] {
        let issued = issue(&world, ra);
        // Whole before.
        let known = issue(&world, ra);
        assert_eq!(revoke(ra, serial(&known)).status, 200);

        proxy.set(network);
        for _ in 0..2 {
            let answer = revoke(ra, serial(&issued));
            assert_eq!(answer.status, 202, "{network:?}: {}", answer.text());
            assert_eq!(pending(&answer), ["ocsp-1"]);
        }
        // Relying parties that look at lists hear of it all the same.
        wait_for_crl(&world, "internal-ca", "it is on the list", |list| {
            list.contains_key(&bare(serial(&issued)))
        });

        proxy.set(Network::Well);
        wait_until("the responder has confirmed it", || {
            revoke(ra, serial(&issued)).status == 200
        });
        assert_eq!(ocsp(&world, &issued), OcspAnswer::Revoked);
    }
}

#[test]
fn a_slow_responder_is_waited_for() {
    let (world, proxy) = world(World::builder(), "10s");
    proxy.set(Network::Slow(Duration::from_millis(300)));
    let issued = issue(&world, world.ra());
    let answer = revoke(world.ra(), serial(&issued));
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(ocsp(&world, &issued), OcspAnswer::Revoked);
}

#[test]
fn a_dead_responder_comes_back_with_its_copy() {
    let (world, _proxy) = world(World::builder(), "1s");
    let issued = issue(&world, world.ra());
    let other = issue(&world, world.ra());
    assert_eq!(revoke(world.ra(), serial(&other)).status, 200);
    world.kill(Daemon::Ocsp);
    let answer = revoke(world.ra(), serial(&issued));
    assert_eq!(
        (answer.status, pending(&answer)),
        (202, vec!["ocsp-1".to_owned()])
    );
    world.start_again(Daemon::Ocsp);
    wait_until("the responder has confirmed it", || {
        revoke(world.ra(), serial(&issued)).status == 200
    });
    assert_eq!(ocsp(&world, &issued), OcspAnswer::Revoked);
}

/// A suspended responder hears nothing, and answers from its copy: a 200 would be false. One that is
/// retired is switched off, and nobody waits for it.
#[test]
fn a_suspended_responder_is_waited_for_and_a_retired_one_is_not() {
    let (world, _proxy) = world(World::builder(), "1s");
    let set = |status: &str| {
        let peer = format!("{}/ocsp-1", api::routes::PEERS);
        world
            .officer()
            .patch(&peer, &json!({ "status": status }))
            .expect(200);
    };
    let (first, second) = (issue(&world, world.ra()), issue(&world, world.ra()));
    set("suspended");
    assert_eq!(revoke(world.ra(), serial(&first)).status, 202);
    set("active");
    wait_until("the responder has confirmed it", || {
        revoke(world.ra(), serial(&first)).status == 200
    });
    set("retired");
    assert_eq!(revoke(world.ra(), serial(&second)).status, 200);
}

#[test]
fn a_peer_with_too_many_requests_under_way_is_told_to_wait() {
    let (world, proxy) = world(World::builder(), "8s");
    let config = world.run().join("ca/ca-daemon.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, format!("max_requests_per_peer = 4\n{text}")).unwrap();
    world.stop(Daemon::Ca);
    world.start_again(Daemon::Ca);
    let issued: Vec<_> = (0..8).map(|_| issue(&world, world.ra())).collect();
    // Each revocation waits for the responder.
    proxy.set(Network::Partitioned);
    let answers = thread::scope(|scope| {
        let revoking: Vec<_> = issued
            .iter()
            .map(|issued| scope.spawn(|| revoke(world.ra(), serial(issued))))
            .collect();
        let answers = revoking.into_iter().map(|thread| thread.join().unwrap());
        answers.collect::<Vec<_>>()
    });
    let of_status = |status| answers.iter().filter(move |answer| answer.status == status);
    assert_eq!((of_status(202).count(), of_status(429).count()), (4, 4));
    for refused in of_status(429) {
        assert_eq!(refused.code(), "too-many-requests");
        assert_eq!(refused.header("retry-after"), Some("1"));
    }
    // Others are served, and it is too once its requests are answered.
    world.officer().get(api::routes::PEERS).expect(200);
    world.ra().get(api::routes::PROFILES).expect(200);
}
