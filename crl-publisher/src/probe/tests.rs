//! What is published right draws no finding; each fault draws its own.

mod faults;
mod scene;
mod server;

use feed::Status;
use pki::time::Timestamp;

use self::scene::{GOOD, HELD, NEW, REVOKED, Scene, minutes, revoked};
use crate::test_ca::at;

#[tokio::test]
async fn what_is_right_draws_no_finding() {
    let mut scene = Scene::new().await;
    let report = scene.round().await;
    assert_eq!(report.findings, []);
    let urls: Vec<_> = report
        .visits
        .iter()
        .map(|visit| format!("{} {}", visit.method, visit.url))
        .collect();
    assert_eq!(
        urls,
        [
            "GET http://pki.example.com/ca/esign-ca.cer",
            "GET http://pki.example.com/cps/esign-ca.html",
            "GET http://pki.example.com/crl/esign-ca.crl",
            "GET http://pki.example.com/crl/esign-ca/delta.crl",
            "GET http://pki.example.com/crl/esign-ca/shard-0.crl",
            "GET http://pki.example.com/crl/esign-ca/shard-1.crl",
            "POST http://ocsp.example.com/ocsp",
            "GET http://ocsp.example.com/ocsp",
        ]
    );
    assert!(report.visits.iter().all(|visit| visit.sound));
    assert_eq!(report.visits[2].next_update, Some(at(3_600)));
}

/// Two hosts, two connections, however many URLs.
#[tokio::test]
async fn connections_are_kept() {
    let mut scene = Scene::new().await;
    scene.round().await;
    scene.round().await;
    assert_eq!(scene.server.site.lock().unwrap().connections, 2);
}

/// A change that is newer than the lists is on none of them yet.
#[tokio::test]
async fn changes_newer_than_a_list_are_not_held_against_it() {
    let mut scene = Scene::new().await;
    scene.certificate(120, GOOD, Some(0), revoked(599)).await;
    scene.certificate(121, HELD, Some(0), Status::Good).await;
    scene.certificate(122, 77, Some(1), revoked(599)).await;
    assert_eq!(scene.codes().await, [""; 0]);
}

/// A cache may keep a good answer for a while; the responder itself may not.
#[tokio::test]
async fn a_new_revocation_may_be_on_its_way_for_the_tolerance() {
    let mut scene = Scene::new().await;
    let before = scene.statuses.lock().unwrap().clone();
    scene.certificate(120, GOOD, Some(0), revoked(590)).await;
    *scene.statuses.lock().unwrap() = before;
    assert_eq!(scene.codes().await, [""; 0]);
    scene.clock.advance(minutes(2));
    let report = scene.round().await;
    let found: Vec<_> = report
        .findings
        .iter()
        .map(|found| (found.code, &found.detail[..4]))
        .collect();
    assert_eq!(found, [("ocsp-disagrees", "POST")]);
    scene.clock.advance(minutes(5));
    assert_eq!(scene.round().await.findings.len(), 2);
}

#[tokio::test]
async fn entries_of_expired_certificates_may_leave_one_list_before_the_other() {
    let mut scene = Scene::new().await;
    let mut full = Scene::full();
    full.number = 13;
    full.as_of = 115;
    full.entries.retain(|(last, _)| *last != REVOKED);
    full.entries.insert(1, (NEW, None));
    full.entries.retain(|(last, _)| *last != scene::RELEASED);
    full.this_update = at(100_000);
    full.next_update = at(200_000);
    let long_after: Timestamp = at(100_001);
    scene.clock.set(long_after);
    scene.serve(&full);
    scene.announce(115, &full).await;
    let report = scene.round().await;
    let about_shards = |code: &str| report.findings.iter().any(|found| found.code == code);
    assert!(about_shards("list-expired"));
    assert!(!about_shards("shard-union-differs"));
}

#[tokio::test]
async fn a_report_is_a_table_and_json() {
    let mut scene = Scene::new().await;
    scene.server.site.lock().unwrap().pages.clear();
    let report = scene.round().await;
    let text = report.to_string();
    assert!(
        text.contains("ok   POST http://ocsp.example.com/ocsp"),
        "{text}"
    );
    assert!(text.contains("status-not-200: esign-ca: http://pki.example.com/crl/esign-ca.crl"));
    let json = super::command::tell(&report, true).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["findings"][0]["code"], "status-not-200");
    assert_eq!(json["visits"][0]["method"], "POST");
}
