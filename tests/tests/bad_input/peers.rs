//! Peers.

use crate::CERTIFICATES;
use blackbox_tests::enrolment::{request, submit};
use blackbox_tests::refusal::Refusals;
use blackbox_tests::{Client, KeyKind, World, other_ca, statement};
use reqwest::Method;
use serde_json::{Value, json};

#[test]
fn peers_that_are_not_known_or_not_meant() {
    let world = World::builder().configure(other_ca::trust_one).start();
    let device = request("device", &world.key(KeyKind::P256), "device-1");
    let ask = |client: &Client| submit(client, CERTIFICATES, &device);
    let refusals = Refusals::watch(&world);

    let stranger = world
        .stranger()
        .try_send(Method::GET, "/v1/profiles", &[], Vec::new());
    assert!(stranger.is_err(), "TLS needs a client certificate");
    let foreign = world.client("others", "untrusted");
    let foreign = foreign.try_send(Method::GET, "/v1/profiles", &[], Vec::new());
    assert!(foreign.is_err(), "TLS needs a certificate of a known CA");
    let unknown = ask(&world.client("others", "other"));
    refusals.audited("unregistered", &unknown, 403, "peer-unknown");

    let answer = submit(world.officer(), CERTIFICATES, &device);
    refusals.audited("officer", &answer, 403, "role-not-allowed");
    let answer = world.ra().get(api::routes::AUDIT);
    refusals.audited("RA", &answer, 403, "role-not-allowed");
}

#[test]
fn peers_that_may_not_now() {
    let world = World::start();
    let device = request("device", &world.key(KeyKind::P256), "device-1");
    let ask = |client: &Client| submit(client, CERTIFICATES, &device);
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
