//! Renewal and replacement.

use api::IssuedBody;
use blackbox_tests::enrolment::{self, enroll, path, submit, verify};
use blackbox_tests::revocation::wait_for_ocsp;
use blackbox_tests::{KeyKind, World, statement};
use serde_json::json;
use testkit::judges::OcspAnswer;
use testkit::wait_for;

#[test]
fn renewal_needs_the_window() {
    let world = World::start();
    permit_short_validity(&world);
    let key = world.key(KeyKind::P256);
    let renewal = json!({ "statement": statement::device() });
    let of_days = |validity| {
        let mut body = enrolment::request("device", &key, "device-1");
        body["validity"] = validity;
        let answer = submit(world.ra(), "/v1/certificates", &body).expect(201);
        answer.read::<IssuedBody>()
    };

    let long = of_days(json!({ "days": 90 }));
    let renew = path(api::routes::RENEW, long.certificate.summary.serial);
    let early = submit(world.ra(), &renew, &renewal).expect(422);
    assert_eq!(early.code(), "renewal-too-early");

    let short = of_days(json!({ "days": 20 }));
    let summary = &short.certificate.summary;
    let renew = path(api::routes::RENEW, summary.serial);
    let renewed: IssuedBody = submit(world.ra(), &renew, &renewal).expect(201).read();
    verify(&renewed).unwrap();
    let successor = &renewed.certificate;
    assert_eq!(successor.summary.predecessor, Some(summary.serial));
    assert!(successor.summary.not_after > summary.not_after);
    let same_key = &short.certificate.subject_key_identifier;
    assert_eq!(&successor.subject_key_identifier, same_key);
    // The old one stays in force.
    wait_for_ocsp(&world, &short, OcspAnswer::Good);

    let expiring = of_days(json!({ "seconds": 3 }));
    let summary = &expiring.certificate.summary;
    wait_for("the certificate expires", || {
        (statement::now() > summary.not_after + jiff::SignedDuration::from_secs(1)).then_some(())
    });
    let renew = path(api::routes::RENEW, summary.serial);
    let late = submit(world.ra(), &renew, &renewal).expect(422);
    assert_eq!(late.code(), "renewal-expired");
}

#[test]
fn replacement_takes_a_new_key_and_evidence_anew() {
    let world = World::start();
    for profile in ["esign-individual", "esign-organization", "tls-server"] {
        let key = world.key(KeyKind::P256);
        let first = enroll(world.ra(), profile, &key, "name-1");
        let replace = path(api::routes::REPLACE, first.certificate.summary.serial);
        let mut body = json!({
            "csr": enrolment::csr(profile, &key, "name-1"),
            "statement": enrolment::statement_for(profile, "name-1"),
        });
        let same = submit(world.ra(), &replace, &body).expect(422);
        assert_eq!(same.code(), "replacement-key-same", "{profile}");

        let new_key = world.key(KeyKind::Ed25519);
        body["csr"] = json!(enrolment::csr(profile, &new_key, "name-1"));
        if profile.starts_with("esign") {
            let mut without = body.clone();
            without["statement"]["evidence"] = json!([]);
            let refused = submit(world.ra(), &replace, &without).expect(422);
            let codes = refused.codes();
            assert!(codes.contains(&"evidence-missing".to_owned()), "{codes:?}");
        }
        let second: IssuedBody = submit(world.ra(), &replace, &body).expect(201).read();
        verify(&second).unwrap();
        let predecessor = second.certificate.summary.predecessor;
        assert_eq!(predecessor, Some(first.certificate.summary.serial));
        assert_ne!(
            second.certificate.subject_key_identifier,
            first.certificate.subject_key_identifier
        );
    }
}

/// Puts a policy in force that takes certificates of seconds, as an officer would.
fn permit_short_validity(world: &World) {
    let path = world.run().join("ca/policy/internal.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let text = text.replace(
        "min = \"10m\", backdate = \"5m\"",
        "min = \"2s\", backdate = \"1s\"",
    );
    std::fs::write(&path, text).unwrap();
    let reload = api::routes::RELOAD_POLICY.replace("{issuer}", "internal-ca");
    world.officer().post(&reload, &json!({})).expect(200);
}
