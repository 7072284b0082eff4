//! The same story on both databases.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what a test stands on works or ends it"
)]

use api::{CertificateBody, CertificateState, CertificateSummary, IssuedBody, Page};
use blackbox_tests::enrolment::{self, enroll, new_key, path, submit, verify};
use blackbox_tests::revocation::{ocsp, wait_for_crl, wait_for_ocsp};
use blackbox_tests::{Daemon, KeyKind, World, statement};
use serde_json::json;
use testkit::judges::OcspAnswer;

#[test]
fn the_whole_life_on_sqlite() {
    whole_life(&World::start());
}

#[test]
fn the_whole_life_on_postgresql() {
    let world = World::builder().postgres().start();
    whole_life(&world);
    let database = world.postgres().unwrap();
    let rows = database.sql("SELECT count(*) FROM certificates WHERE state = 'issued'");
    assert!(rows.trim_end().parse::<u32>().unwrap() > 5, "{rows}");
}

#[test]
fn a_lost_connection_to_postgresql_is_mended() {
    let world = World::builder().postgres().start();
    enroll(world.ra(), "device", &world.key(KeyKind::P256), "device-1");
    world.postgres().unwrap().disconnect_all();
    let body = enrolment::request("device", &world.key(KeyKind::P256), "device-2");
    let id = new_key();
    let issued = testkit::wait_for("the daemon is connected again", || {
        let answer = world.ra().submit("/v1/certificates", &id, &body);
        (answer.status == 201).then(|| answer.read::<IssuedBody>())
    });
    verify(&issued).unwrap();
    let log = world.audit();
    let serial = issued.certificate.summary.serial;
    let of_kind = |kind| {
        let mut events = log.of_kind(kind);
        events.retain(|event| event.serial == Some(serial));
        events.len()
    };
    assert_eq!((of_kind("signing"), of_kind("issued")), (1, 1));
}

fn whole_life(world: &World) {
    let key = world.key(KeyKind::P256);
    let mut body = enrolment::request("esign-individual", &key, "张三");
    body["validity"] = json!({ "days": 20 });
    body["order_id"] = json!("order-1");
    let id = new_key();
    let first: IssuedBody = world
        .ra()
        .submit("/v1/certificates", &id, &body)
        .expect(201)
        .read();
    verify(&first).unwrap();
    wait_for_ocsp(world, &first, OcspAnswer::Good);
    let retry: IssuedBody = world
        .ra()
        .submit("/v1/certificates", &id, &body)
        .expect(201)
        .read();
    assert_eq!(retry.certificate.certificate, first.certificate.certificate);
    let serial = first.certificate.summary.serial;

    let statement = statement::individual("张三");
    let renew = path(api::routes::RENEW, serial);
    let renewal = json!({ "statement": statement });
    let renewed: IssuedBody = submit(world.ra(), &renew, &renewal).expect(201).read();
    verify(&renewed).unwrap();
    let new_key = world.key(KeyKind::P384);
    let replace = path(api::routes::REPLACE, serial);
    let csr = enrolment::csr("esign-individual", &new_key, "");
    let replacement = json!({ "csr": csr, "statement": statement });
    let replaced: IssuedBody = submit(world.ra(), &replace, &replacement)
        .expect(201)
        .read();
    verify(&replaced).unwrap();

    let hold = path(api::routes::HOLD, renewed.certificate.summary.serial);
    world.ra().post(&hold, &json!({})).expect(200);
    assert_eq!(ocsp(world, &renewed), OcspAnswer::Revoked);
    let release = path(api::routes::RELEASE, renewed.certificate.summary.serial);
    world.ra().post(&release, &json!({})).expect(200);
    assert_eq!(ocsp(world, &renewed), OcspAnswer::Good);
    let revoke = path(api::routes::REVOKE, replaced.certificate.summary.serial);
    let ground = json!({ "ground": "sub.key_lost_or_leaked" });
    let revoked: CertificateBody = world.ra().post(&revoke, &ground).expect(200).read();
    assert_eq!(revoked.summary.state, CertificateState::Revoked);
    assert_eq!(ocsp(world, &replaced), OcspAnswer::Revoked);
    let bare = revoked.summary.serial.to_string();
    let bare = bare.trim_start_matches('0');
    wait_for_crl(world, "esign-ca", "it is on the list", |list| {
        list.contains_key(bare)
    });

    let other = world.register_ra("ra-2", &["device"], json!({}));
    other
        .get(&path(api::routes::CERTIFICATE, serial))
        .expect(404);
    let page: Page<CertificateSummary> = world
        .ra()
        .get("/v1/certificates?limit=2&profile=esign-individual")
        .expect(200)
        .read();
    assert_eq!(page.items.len(), 2);
    let next = page.next.unwrap();
    let list = format!("/v1/certificates?limit=2&profile=esign-individual&after={next}");
    let page: Page<CertificateSummary> = world.ra().get(&list).expect(200).read();
    assert_eq!(page.items.len(), 1);
    assert!(page.next.is_none());

    // All of it is still there after a restart.
    world.stop(Daemon::Ca);
    world.start_again(Daemon::Ca);
    let found: CertificateBody = world
        .ra()
        .get(&path(api::routes::CERTIFICATE, serial))
        .expect(200)
        .read();
    assert_eq!(found.certificate, first.certificate.certificate);
    let issued = world.audit().of_kind("issued");
    let by_ra = issued.iter().filter(|event| event.actor == "ra:ra-1");
    assert_eq!(by_ra.count(), 3);
}
