//! Issuing and looking up.

use api::{
    AcceptanceBasis, CertificateBody, CertificateState, CertificateSummary, ChainBody, IssuedBody,
    Page, ProfileBody, RequestBody, RequestState,
};
use blackbox_tests::enrolment::{self, PROFILES, enroll, path, submit, verify};
use blackbox_tests::revocation::wait_for_ocsp;
use blackbox_tests::{KeyKind, World, statement};
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
