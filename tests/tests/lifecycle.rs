//! The life of a certificate, from the first request to its end.

use api::{
    AcceptanceBasis, CertificateBody, CertificateState, CertificateSummary, ChainBody, IssuedBody,
    Page, ProfileBody, RequestBody, RequestState,
};
use blackbox_tests::enrolment::{self, PROFILES, enroll, path, submit, verify};
use blackbox_tests::revocation::{ocsp, wait_for_crl, wait_for_ocsp};
use blackbox_tests::{KeyKind, World, statement};
use pki::RevocationReason;
use serde_json::json;
use testkit::judges::OcspAnswer;
use testkit::wait_for;

#[test]
fn every_key_type_of_every_profile_travels_the_whole_way() {
    let world = World::start();
    for profile in PROFILES {
        for (number, kind) in KeyKind::PERMITTED.into_iter().enumerate() {
            let key = world.key(kind);
            let issued = enroll(world.ra(), profile, &key, &format!("name-{number}"));
            let what = format!("{profile}, {kind:?}");
            assert_eq!(issued.certificate.summary.profile, profile);
            assert_eq!(issued.certificate.summary.state, CertificateState::Issued);
            verify(&issued).unwrap_or_else(|refusal| panic!("{what}: {refusal}"));
            wait_for_ocsp(&world, &issued, OcspAnswer::Good);
        }
    }
}

#[test]
fn what_was_issued_can_be_looked_up_in_every_way() {
    let world = World::start();
    let key = world.key(KeyKind::P256);
    let mut body = enrolment::request("esign-individual", &key, "张三");
    body["order_id"] = json!("order-7");
    let answer = submit(world.ra(), "/v1/certificates", &body).expect(201);
    let location = answer.header("location").unwrap().to_owned();
    let issued: IssuedBody = answer.read();
    let summary = &issued.certificate.summary;
    assert_eq!(location, path(api::routes::CERTIFICATE, summary.serial));
    assert_eq!(issued.order_id.as_deref(), Some("order-7"));

    let by_serial: CertificateBody = world.ra().get(&location).expect(200).read();
    assert_eq!(by_serial.certificate, issued.certificate.certificate);
    let request = api::routes::REQUEST.replace("{request_id}", &issued.request_id.to_string());
    let by_request: RequestBody = world.ra().get(&request).expect(200).read();
    assert_eq!(by_request.state, RequestState::Issued);
    assert_eq!(by_request.operation, "issue");
    let of_request = by_request.certificate.unwrap();
    assert_eq!(of_request.summary.serial, summary.serial);
    for query in [
        "order_id=order-7",
        "subscriber_ref=u-000123",
        "profile=esign-individual&issuer=esign-ca&state=issued",
    ] {
        let list = format!("/v1/certificates?{query}");
        let page: Page<CertificateSummary> = world.ra().get(&list).expect(200).read();
        let serials: Vec<_> = page.items.iter().map(|item| item.serial).collect();
        assert_eq!(serials, [summary.serial], "{query}");
    }
    let none = world.ra().get("/v1/certificates?order_id=order-8");
    let none: Page<CertificateSummary> = none.expect(200).read();
    assert!(none.items.is_empty());

    let chain: ChainBody = world
        .ra()
        .get("/v1/issuers/esign-ca/chain")
        .expect(200)
        .read();
    assert_eq!(chain.chain, issued.chain);
    let profiles: Vec<ProfileBody> = world.ra().get("/v1/profiles").expect(200).read();
    let mut names: Vec<_> = profiles.iter().map(|p| p.profile.as_str()).collect();
    names.sort_unstable();
    let mut wanted = PROFILES.to_vec();
    wanted.sort_unstable();
    assert_eq!(names, wanted);
}

#[test]
fn delivery_is_acceptance_and_is_recorded() {
    let world = World::start();
    let issued = enroll(world.ra(), "device", &world.key(KeyKind::P256), "device-1");
    let serial = issued.certificate.summary.serial;
    let location = path(api::routes::CERTIFICATE, serial);
    let accepted = wait_for("the acceptance is recorded", || {
        let body: CertificateBody = world.ra().get(&location).expect(200).read();
        body.summary.accepted_at.map(|_| body.summary)
    });
    assert_eq!(accepted.acceptance, Some(AcceptanceBasis::Delivery));
    let events = world.audit().of_kind("accepted");
    assert!(!events.is_empty());
}

#[test]
fn lists_come_in_pages_and_show_what_expires_soon() {
    let world = World::start();
    let mut serials = Vec::new();
    for number in 0..7 {
        let key = world.key(KeyKind::P256);
        let mut body = enrolment::request("device", &key, &format!("device-{number}"));
        body["validity"] = json!({ "days": 10 + number });
        let issued: IssuedBody = submit(world.ra(), "/v1/certificates", &body)
            .expect(201)
            .read();
        serials.push(issued.certificate.summary.serial);
    }
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let list = format!("/v1/certificates?limit=3{after}");
        let page: Page<CertificateSummary> = world.ra().get(&list).expect(200).read();
        assert!(page.items.len() <= 3);
        seen.extend(page.items.iter().map(|item| item.serial));
        match page.next {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    seen.sort();
    serials.sort();
    assert_eq!(seen, serials, "each certificate once");

    let soon = statement::now() + jiff::SignedDuration::from_hours(24 * 12 + 1);
    for (client, list) in [
        (world.ra(), "/v1/certificates"),
        (world.officer(), "/v1/officer/certificates"),
    ] {
        let list = format!("{list}?profile=device&expires_before={soon}");
        let page: Page<CertificateSummary> = client.get(&list).expect(200).read();
        assert_eq!(page.items.len(), 3, "{list}");
        assert!(page.items.iter().all(|item| item.not_after < soon));
    }
}

#[test]
fn an_ra_sees_and_touches_its_own_certificates_alone() {
    let world = World::start();
    let other = world.register_ra("ra-2", &["device"], json!({}));
    let issued = enroll(world.ra(), "device", &world.key(KeyKind::P256), "device-1");
    let serial = issued.certificate.summary.serial;
    let request = api::routes::REQUEST.replace("{request_id}", &issued.request_id.to_string());
    assert_eq!(other.get(&request).expect(404).code(), "request-not-found");
    let location = path(api::routes::CERTIFICATE, serial);
    let not_found = "certificate-not-found";
    assert_eq!(other.get(&location).expect(404).code(), not_found);
    let revoke = json!({ "ground": "sub.key_lost_or_leaked" });
    let replace = json!({
        "csr": enrolment::csr("device", &world.key(KeyKind::P256), "device-1"),
        "statement": statement::device(),
    });
    let renew = json!({ "statement": statement::device() });
    for (route, body) in [
        (api::routes::REVOKE, revoke),
        (api::routes::HOLD, json!({})),
        (api::routes::RELEASE, json!({})),
        (api::routes::RENEW, renew),
        (api::routes::REPLACE, replace),
        (api::routes::ACCEPT, json!({})),
    ] {
        let answer = submit(&other, &path(route, serial), &body).expect(404);
        assert_eq!(answer.code(), not_found, "{route}");
    }
    let list: Page<CertificateSummary> = other.get("/v1/certificates").expect(200).read();
    assert!(list.items.is_empty());
    wait_for_ocsp(&world, &issued, OcspAnswer::Good);
}

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

#[test]
fn every_ground_revokes_with_its_reason() {
    let world = World::start();
    let cases = [
        (
            "sub.key_lost_or_leaked",
            true,
            RevocationReason::KeyCompromise,
            "Key Compromise",
        ),
        ("sub.request", true, RevocationReason::Unspecified, ""),
        (
            "ca.false_or_incomplete_info",
            true,
            RevocationReason::PrivilegeWithdrawn,
            "Privilege Withdrawn",
        ),
        (
            "ca.info_changed_not_notified",
            true,
            RevocationReason::AffiliationChanged,
            "Affiliation Changed",
        ),
        (
            "ca.published_other",
            true,
            RevocationReason::CessationOfOperation,
            "Cessation Of Operation",
        ),
        (
            "ca.key_lost_not_notified",
            false,
            RevocationReason::KeyCompromise,
            "Key Compromise",
        ),
        (
            "ca.unlawful_use",
            false,
            RevocationReason::PrivilegeWithdrawn,
            "Privilege Withdrawn",
        ),
        (
            "ca.fault.misissued",
            false,
            RevocationReason::Superseded,
            "Superseded",
        ),
    ];
    let mut wanted = Vec::new();
    for (number, (ground, by_ra, reason, in_crl)) in cases.into_iter().enumerate() {
        let key = world.key(KeyKind::P256);
        let issued = enroll(world.ra(), "device", &key, &format!("device-{number}"));
        let serial = issued.certificate.summary.serial;
        let body = json!({ "ground": ground });
        let by_ra_answer = world.ra().post(&path(api::routes::REVOKE, serial), &body);
        let answer = if by_ra {
            by_ra_answer
        } else {
            assert_eq!(
                by_ra_answer.expect(422).code(),
                "initiator-not-allowed",
                "{ground}"
            );
            world
                .officer()
                .post(&path(api::routes::OFFICER_REVOKE, serial), &body)
        };
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
    let held: CertificateBody = world.ra().post(&hold, &json!({})).expect(200).read();
    assert_eq!(held.summary.state, CertificateState::OnHold);
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
