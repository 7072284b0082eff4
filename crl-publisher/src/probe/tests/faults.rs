//! Faults of the kinds that happen.

use std::net::SocketAddr;

use feed::Status;
use issuance::{CrlCoverage, OnlyContains};
use ocsp::{CertStatus, ResponseStatus, unsigned};
use pki::{CrlNumber, SerialNumber};

use super::{
    scene::{
        BASE, CERTIFICATE, CPS, DELTA, FULL, GOOD, HELD, List, NEW, RELEASED, REVOKED, SHARD,
        Scene, minutes,
    },
    server::Page,
};
use crate::{
    probe::{ProbeConfig, Prober},
    test_ca::{TestCa, at, serial},
};

/// Serves `list` in place of the right one; gives the codes of the next round.
async fn codes_with(list: &List) -> Vec<&'static str> {
    let mut scene = Scene::new().await;
    scene.serve(list);
    scene.codes().await
}

/// Serves `page` under `path`; gives the codes of the next round.
async fn codes_with_page(path: &str, change: impl Fn(Page) -> Page) -> Vec<&'static str> {
    let mut scene = Scene::new().await;
    let page = scene.server.site.lock().unwrap().pages[path].clone();
    scene.server.put(path, change(page));
    scene.codes().await
}

#[tokio::test]
async fn an_older_list_than_before() {
    let mut scene = Scene::new().await;
    assert_eq!(scene.codes().await, [""; 0]);
    scene.serve(&List {
        number: 9,
        ..Scene::full()
    });
    // What lists of this age show is not known, but that they are behind is.
    let codes = scene.codes().await;
    assert!(codes.contains(&"list-number-lower"), "{codes:?}");
    assert!(codes.contains(&"list-behind"), "{codes:?}");
}

#[tokio::test]
async fn a_list_that_stays_behind_what_is_announced() {
    let mut scene = Scene::new().await;
    let next = List {
        number: 20,
        this_update: at(599),
        ..Scene::full()
    };
    scene.announce(120, &next).await;
    assert_eq!(scene.codes().await, [""; 0]);
    scene.clock.advance(minutes(3));
    assert_eq!(scene.codes().await, ["list-behind"]);
}

#[tokio::test]
async fn a_truncated_list() {
    let cut = |page: Page| Page {
        body: page.body[..page.body.len() - 9].to_vec(),
        ..page
    };
    assert_eq!(codes_with_page(SHARD, cut).await, ["list-unreadable"]);
    let short = |page: Page| {
        let length = page.body.len().to_string();
        cut(page).with("content-length", &length)
    };
    assert_eq!(codes_with_page(SHARD, short).await, ["answer-broken-off"]);
}

#[tokio::test]
async fn a_wrong_media_type() {
    for path in [FULL, CERTIFICATE, CPS] {
        let codes = codes_with_page(path, |page| page.with("content-type", "text/plain")).await;
        assert_eq!(codes, ["media-type-wrong"], "{path}");
    }
}

#[tokio::test]
async fn a_list_that_caches_keep_too_long() {
    let codes = codes_with_page(FULL, |page| page.with("cache-control", "max-age=86400"));
    assert_eq!(codes.await, ["cached-past-next-update"]);
}

#[tokio::test]
async fn a_list_that_is_over_or_to_come() {
    let over = List {
        next_update: at(599),
        ..Scene::delta()
    };
    let codes = codes_with(&over).await;
    assert_eq!(codes, ["cached-past-next-update", "list-expired"]);
    let to_come = List {
        this_update: at(700),
        ..Scene::delta()
    };
    assert_eq!(codes_with(&to_come).await, ["list-not-yet-valid"]);
}

#[tokio::test]
async fn a_list_with_a_wrong_signature_or_of_somebody_else() {
    let spoilt = |mut page: Page| {
        *page.body.last_mut().unwrap() ^= 1;
        page
    };
    assert_eq!(
        codes_with_page(FULL, spoilt).await,
        ["list-signature-wrong"]
    );

    // The same name and another key: the key identifier tells.
    let mut scene = Scene::new().await;
    scene.ca = TestCa::new(2);
    scene.serve(&Scene::full());
    assert_eq!(scene.codes().await, ["list-issuer-wrong"]);
}

#[tokio::test]
async fn a_list_of_another_coverage() {
    let mut shard = Scene::shard(1, &[(REVOKED, None), (NEW, None)]);
    let point = shard.coverage.distribution_point.as_mut().unwrap();
    point.uri = Some(format!("{BASE}/crl/esign-ca/shard-0.crl"));
    assert_eq!(codes_with(&shard).await, ["list-coverage-wrong"]);

    let mut full = Scene::full();
    full.coverage.distribution_point = Scene::shard(1, &[]).coverage.distribution_point;
    let point = full.coverage.distribution_point.as_mut().unwrap();
    point.only_contains = OnlyContains::Any;
    assert_eq!(codes_with(&full).await, ["list-coverage-wrong"]);

    let delta = List {
        coverage: CrlCoverage::default(),
        entries: vec![(NEW, None)],
        ..Scene::delta()
    };
    assert_eq!(codes_with(&delta).await, ["list-coverage-wrong"]);
}

#[tokio::test]
async fn a_full_list_without_a_revocation_or_with_one_too_many() {
    let mut full = Scene::full();
    full.entries.retain(|(last, _)| *last != 22);
    assert_eq!(
        codes_with(&full).await,
        ["delta-disagrees", "full-disagrees"]
    );

    let mut full = Scene::full();
    full.entries.insert(0, (12, None));
    assert_eq!(
        codes_with(&full).await,
        ["delta-disagrees", "full-disagrees"]
    );
}

#[tokio::test]
async fn a_hold_that_is_listed_as_revoked() {
    let mut full = Scene::full();
    for (last, reason) in &mut full.entries {
        if *last == HELD {
            *reason = None;
        }
    }
    assert_eq!(
        codes_with(&full).await,
        ["delta-disagrees", "full-disagrees"]
    );
}

#[tokio::test]
async fn a_delta_without_a_revocation_or_a_release() {
    for last in [NEW, RELEASED] {
        let mut delta = Scene::delta();
        delta.entries.retain(|(known, _)| *known != last);
        assert_eq!(codes_with(&delta).await, ["delta-disagrees"], "{last}");
    }
}

#[tokio::test]
async fn a_delta_that_nothing_leads_to_or_that_stands_on_nothing() {
    let full = List {
        coverage: CrlCoverage::default(),
        ..Scene::full()
    };
    assert_eq!(codes_with(&full).await, ["freshest-wrong"]);
    let mut delta = Scene::delta();
    delta.coverage.delta_base = Some(CrlNumber::new(11));
    assert_eq!(codes_with(&delta).await, ["delta-base-not-out"]);
}

#[tokio::test]
async fn a_shard_without_an_entry() {
    let shard = Scene::shard(1, &[(NEW, None)]);
    let codes = codes_with(&shard).await;
    assert_eq!(codes, ["shard-disagrees", "shard-union-differs"]);
}

#[tokio::test]
async fn an_entry_on_the_wrong_shard() {
    let mut scene = Scene::new().await;
    scene.serve(&Scene::shard(
        1,
        &[(12, None), (REVOKED, None), (NEW, None)],
    ));
    assert_eq!(scene.codes().await, ["shard-union-differs"]);
}

#[tokio::test]
async fn a_dead_port() {
    let mut scene = Scene::new().await;
    let nobody: SocketAddr = format!("127.0.0.1:{}", testkit::free_port())
        .parse()
        .unwrap();
    let config = ProbeConfig {
        resolve: ["pki.example.com", "ocsp.example.com"]
            .map(|host| (host.to_owned(), nobody))
            .into(),
        ..ProbeConfig::default()
    };
    let clock = std::sync::Arc::new(scene.clock.clone());
    scene.prober = Prober::new(scene.copy.clone(), clock, &config);
    let report = scene.round().await;
    assert!(
        report
            .findings
            .iter()
            .all(|found| found.code == "unreachable")
    );
    // Six URLs and both forms of OCSP.
    assert_eq!(report.findings.len(), 8);
    assert_eq!(report.visits, []);
}

#[tokio::test]
async fn redirects_and_failures() {
    let moved = |page: Page| {
        Page {
            status: 301,
            ..page
        }
        .with("location", "https://elsewhere")
    };
    assert_eq!(codes_with_page(FULL, moved).await, ["redirected"]);
    let broken = |page: Page| Page {
        status: 503,
        ..page
    };
    assert_eq!(codes_with_page(DELTA, broken).await, ["status-not-200"]);
}

#[tokio::test]
async fn another_certificate_or_document() {
    let other = |page: Page| Page {
        body: vec![0x30, 0],
        ..page
    };
    assert_eq!(
        codes_with_page(CERTIFICATE, other).await,
        ["certificate-differs"]
    );
    assert_eq!(codes_with_page(CPS, other).await, ["document-differs"]);
}

#[tokio::test]
async fn good_for_what_is_revoked_and_other_lies() {
    let lies = [
        (serial(REVOKED), CertStatus::Good),
        (serial(HELD), CertStatus::Good),
        (serial(GOOD), CertStatus::Unknown),
        (serial(22), CertStatus::Unknown),
    ];
    for (serial, lie) in lies {
        let mut scene = Scene::new().await;
        scene.statuses.lock().unwrap().insert(serial, lie);
        let report = scene.round().await;
        let codes: Vec<_> = report.findings.iter().map(|found| found.code).collect();
        assert_eq!(codes, ["ocsp-disagrees", "ocsp-disagrees"], "{serial}");
        assert!(report.findings[0].detail.contains(&serial.to_string()));
    }
}

#[tokio::test]
async fn good_for_what_was_never_issued() {
    let mut scene = Scene::new().await;
    let answers = scene.answers_at(at(500), at(4_000));
    let statuses = std::sync::Arc::clone(&scene.statuses);
    let everything_is_good = move |request: &[u8]| {
        let parsed = ocsp::OcspRequest::parse(request).unwrap();
        let serial: SerialNumber = parsed.cert_ids()[0].serial;
        statuses
            .lock()
            .unwrap()
            .entry(serial)
            .or_insert(CertStatus::Good);
        answers(request)
    };
    scene.server.site.lock().unwrap().responder = Some(Box::new(everything_is_good));
    assert_eq!(scene.codes().await, ["ocsp-disagrees"]);
}

#[tokio::test]
async fn answers_that_are_stale_or_exceptions_or_unsigned() {
    let mut scene = Scene::new().await;
    let stale = scene.answers_at(at(100), at(599));
    scene.server.site.lock().unwrap().responder = Some(Box::new(stale));
    assert_eq!(scene.codes().await, ["ocsp-stale"]);

    let try_later = |_: &[u8]| {
        Page::new(
            "application/ocsp-response",
            &unsigned(ResponseStatus::TryLater),
        )
    };
    scene.server.site.lock().unwrap().responder = Some(Box::new(try_later));
    assert_eq!(scene.codes().await, ["ocsp-try-later"]);

    let html = |_: &[u8]| Page::new("text/html", b"<h1>Welcome</h1>");
    scene.server.site.lock().unwrap().responder = Some(Box::new(html));
    let codes = scene.codes().await;
    assert_eq!(codes, ["media-type-wrong", "ocsp-response-malformed"]);
}

/// A hold that was released while the responder did not listen.
#[tokio::test]
async fn a_release_that_did_not_arrive() {
    let mut scene = Scene::new().await;
    let before = scene.statuses.lock().unwrap().clone();
    scene.certificate(120, HELD, Some(0), Status::Good).await;
    *scene.statuses.lock().unwrap() = before;
    assert_eq!(scene.codes().await, ["ocsp-disagrees"]);
}
