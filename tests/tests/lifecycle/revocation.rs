//! Revocation, hold and release.

use api::{CertificateBody, CertificateState};
use blackbox_tests::enrolment::{self, enroll, path, submit};
use blackbox_tests::revocation::{ocsp, wait_for_crl, wait_for_ocsp};
use blackbox_tests::{KeyKind, World, statement};
use pki::RevocationReason;
use serde_json::json;
use testkit::judges::OcspAnswer;

/// Ground, whether an RA may name it, reason, and how OpenSSL shows that in a CRL.
type Ground = (&'static str, bool, RevocationReason, &'static str);

const GROUNDS: [Ground; 8] = {
    use RevocationReason as R;
    [
        (
            "sub.key_lost_or_leaked",
            true,
            R::KeyCompromise,
            "Key Compromise",
        ),
        ("sub.request", true, R::Unspecified, ""),
        (
            "ca.false_or_incomplete_info",
            true,
            R::PrivilegeWithdrawn,
            "Privilege Withdrawn",
        ),
        (
            "ca.info_changed_not_notified",
            true,
            R::AffiliationChanged,
            "Affiliation Changed",
        ),
        (
            "ca.published_other",
            true,
            R::CessationOfOperation,
            "Cessation Of Operation",
        ),
        (
            "ca.key_lost_not_notified",
            false,
            R::KeyCompromise,
            "Key Compromise",
        ),
        (
            "ca.unlawful_use",
            false,
            R::PrivilegeWithdrawn,
            "Privilege Withdrawn",
        ),
        ("ca.fault.misissued", false, R::Superseded, "Superseded"),
    ]
};

#[test]
fn every_ground_revokes_with_its_reason() {
    let world = World::start();
    let mut wanted = Vec::new();
    for (number, (ground, by_ra, reason, in_crl)) in GROUNDS.into_iter().enumerate() {
        let key = world.key(KeyKind::P256);
        let issued = enroll(world.ra(), "device", &key, &format!("device-{number}"));
        let serial = issued.certificate.summary.serial;
        let body = json!({ "ground": ground });
        let mut answer = world.ra().post(&path(api::routes::REVOKE, serial), &body);
        if !by_ra {
            let code = answer.expect(422).code();
            assert_eq!(code, "initiator-not-allowed", "{ground}");
            let route = path(api::routes::OFFICER_REVOKE, serial);
            answer = world.officer().post(&route, &body);
        }
        let revoked: CertificateBody = answer.expect(200).read();
        assert_eq!(ocsp(&world, &issued), OcspAnswer::Revoked, "{ground}");
        assert_eq!(revoked.summary.state, CertificateState::Revoked);
        let revocation = revoked.summary.revocation.unwrap();
        assert_eq!(revocation.reason, reason, "{ground}");
        assert!(revocation.pending_responders.is_empty());
        wanted.push((serial.to_string(), in_crl));
    }
    wait_for_crl(&world, "internal-ca", "all are on the list", |list| {
        wanted.iter().all(|(serial, reason)| {
            let serial = serial.trim_start_matches('0');
            list.get(serial).is_some_and(|found| found == reason)
        })
    });
}

#[test]
fn revocation_is_final_and_a_compromised_key_is_never_certified_again() {
    let world = World::start();
    let key = world.key(KeyKind::P256);
    let issued = enroll(world.ra(), "device", &key, "device-1");
    let serial = issued.certificate.summary.serial;
    let revoke = path(api::routes::REVOKE, serial);
    let since = issued.certificate.summary.not_before + jiff::SignedDuration::from_mins(5);
    let body = json!({ "ground": "sub.key_lost_or_leaked", "compromised_at": since });
    let revoked: CertificateBody = world.ra().post(&revoke, &body).expect(200).read();
    let invalidity = revoked.summary.revocation.unwrap().invalidity_date.unwrap();
    assert_eq!(invalidity.as_second(), since.as_second());

    world.ra().post(&revoke, &body).expect(200);
    let other_ground = json!({ "ground": "sub.request" });
    let again = world.ra().post(&revoke, &other_ground).expect(422);
    assert_eq!(again.code(), "already-revoked");
    for (route, code) in [
        (api::routes::RELEASE, "not-on-hold"),
        (api::routes::HOLD, "already-revoked"),
    ] {
        let answer = world
            .ra()
            .post(&path(route, serial), &json!({}))
            .expect(422);
        assert_eq!(answer.code(), code);
    }
    let request = enrolment::request("device", &key, "device-1");
    let refused = submit(world.ra(), "/v1/certificates", &request).expect(422);
    assert_eq!(refused.codes(), ["key-blocked"]);
    let renew = path(api::routes::RENEW, serial);
    let body = json!({ "statement": statement::device() });
    let refused = submit(world.ra(), &renew, &body).expect(422);
    let codes = refused.codes();
    assert!(
        codes.contains(&"predecessor-revoked".to_owned()),
        "{codes:?}"
    );
}

#[test]
fn a_hold_can_be_released_where_the_profile_allows_it() {
    let world = World::start();
    let issued = enroll(world.ra(), "device", &world.key(KeyKind::P256), "device-1");
    let serial = issued.certificate.summary.serial;
    let bare = serial.to_string();
    let bare = bare.trim_start_matches('0');
    let (hold, release) = (
        path(api::routes::HOLD, serial),
        path(api::routes::RELEASE, serial),
    );
    let on_hold: CertificateBody = world.ra().post(&hold, &json!({})).expect(200).read();
    assert_eq!(on_hold.summary.state, CertificateState::OnHold);
    assert_eq!(ocsp(&world, &issued), OcspAnswer::Revoked);
    let twice = world.ra().post(&hold, &json!({})).expect(422);
    assert_eq!(twice.code(), "already-on-hold");
    wait_for_crl(&world, "internal-ca", "the hold is on the list", |list| {
        list.get(bare)
            .is_some_and(|reason| reason == "Certificate Hold")
    });

    let released: CertificateBody = world.ra().post(&release, &json!({})).expect(200).read();
    assert_eq!(released.summary.state, CertificateState::Issued);
    assert_eq!(ocsp(&world, &issued), OcspAnswer::Good);
    let twice = world.ra().post(&release, &json!({})).expect(422);
    assert_eq!(twice.code(), "not-on-hold");
    wait_for_crl(&world, "internal-ca", "the hold is off the list", |list| {
        !list.contains_key(bare)
    });

    world.ra().post(&hold, &json!({})).expect(200);
    let revoke = path(api::routes::REVOKE, serial);
    let body = json!({ "ground": "sub.request" });
    world.ra().post(&revoke, &body).expect(200);
    assert_eq!(ocsp(&world, &issued), OcspAnswer::Revoked);

    let server = enroll(world.ra(), "tls-server", &world.key(KeyKind::P256), "www");
    let hold = path(api::routes::HOLD, server.certificate.summary.serial);
    let refused = world.ra().post(&hold, &json!({})).expect(422);
    assert_eq!(refused.code(), "hold-not-allowed");
    wait_for_ocsp(&world, &server, OcspAnswer::Good);
}
