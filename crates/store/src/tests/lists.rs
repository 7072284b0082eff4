//! Lists in pages, and the plans behind them.

use api::CertificateState;
use audit::{Actor, AuditEvent, EventKind, Outcome};
use jiff::SignedDuration;
use pki::{RevocationReason, SerialNumber};

use super::{
    fixture::{Engine, Fixture, RA, at, event, intent, issuer, on_both_engines, serial},
    revoking::{change, revoke},
};
use crate::{AuditFilter, CertificateFilter, StoreError};

on_both_engines!(
    pages_hold_every_certificate_once,
    every_filter_finds_what_it_names,
    a_list_by_expiry_is_in_the_order_of_expiry,
    a_cursor_of_another_list_is_refused,
    audit_events_are_found_by_each_filter,
    the_audit_log_cannot_be_changed,
    text_that_an_engine_cannot_hold_is_no_failure,
);

async fn all_pages(fixture: &Fixture, filter: &CertificateFilter, limit: u32) -> Vec<SerialNumber> {
    let mut serials = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = fixture
            .store
            .certificates(filter, after.as_deref(), limit)
            .await
            .unwrap();
        assert!(page.items.len() <= usize::try_from(limit).unwrap());
        serials.extend(page.items.iter().map(|certificate| certificate.serial));
        match page.next {
            Some(next) => after = Some(next),
            None => return serials,
        }
    }
}

async fn pages_hold_every_certificate_once(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    for number in [3, 1, 5, 2, 4] {
        fixture.issue(intent(number)).await;
    }
    let expected: Vec<_> = (1..=5).map(serial).collect();
    for limit in [1, 2, 4, 5, 6] {
        let filter = CertificateFilter {
            ra: Some(RA.to_owned()),
            ..Default::default()
        };
        assert_eq!(
            all_pages(&fixture, &filter, limit).await,
            expected,
            "{limit} a page"
        );
    }
    let nobodys = CertificateFilter {
        ra: Some("nobody".to_owned()),
        ..Default::default()
    };
    assert!(all_pages(&fixture, &nobodys, 2).await.is_empty());
}

async fn every_filter_finds_what_it_names(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    for number in 1..=3 {
        fixture.issue(intent(number)).await;
    }
    let mut other = intent(4);
    other.profile = "event".to_owned();
    other.issuer = "root".parse().unwrap();
    fixture.issue(other).await;
    change(&fixture, 2, revoke(RevocationReason::Unspecified))
        .await
        .unwrap();
    let filter = CertificateFilter::default;
    let by_subscriber = |ra: Option<&str>| CertificateFilter {
        subscriber_ref: Some("subscriber-3".to_owned()),
        ra: ra.map(str::to_owned),
        ..filter()
    };
    let cases = [
        (
            CertificateFilter {
                order_id: Some("order-3".to_owned()),
                ..filter()
            },
            vec![3],
        ),
        (by_subscriber(Some(RA)), vec![3]),
        (by_subscriber(Some("insurer")), vec![]),
        (
            CertificateFilter {
                profile: Some("event".to_owned()),
                ..filter()
            },
            vec![4],
        ),
        (
            CertificateFilter {
                issuer: Some(issuer()),
                ..filter()
            },
            vec![1, 2, 3],
        ),
        (
            CertificateFilter {
                state: Some(CertificateState::Revoked),
                ..filter()
            },
            vec![2],
        ),
        (
            CertificateFilter {
                state: Some(CertificateState::Issued),
                ..filter()
            },
            vec![1, 3, 4],
        ),
        (
            CertificateFilter {
                expires_before: Some(intent(1).not_after),
                ..filter()
            },
            vec![],
        ),
        (filter(), vec![1, 2, 3, 4]),
    ];
    for (filter, expected) in cases {
        let expected: Vec<_> = expected.into_iter().map(serial).collect();
        assert_eq!(
            all_pages(&fixture, &filter, 2).await,
            expected,
            "{filter:?}"
        );
    }
}

async fn a_list_by_expiry_is_in_the_order_of_expiry(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    for number in 1..=4 {
        let mut intent = intent(number);
        intent.not_after -= SignedDuration::from_hours((i64::from(number) % 3) * 24);
        fixture.issue(intent).await;
    }
    let filter = CertificateFilter {
        ra: Some(RA.to_owned()),
        expires_from: Some(at("2027-02-27T08:00:00Z")),
        expires_before: Some(at("2027-03-01T08:00:00Z")),
        ..CertificateFilter::default()
    };
    let expected = [serial(2), serial(1), serial(4)];
    assert_eq!(all_pages(&fixture, &filter, 1).await, expected);
    assert_eq!(all_pages(&fixture, &filter, 2).await, expected);
}

async fn a_cursor_of_another_list_is_refused(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let plain = CertificateFilter::default();
    let by_expiry = CertificateFilter {
        expires_before: Some(at("2027-03-01T08:00:00Z")),
        ..CertificateFilter::default()
    };
    for (filter, cursor) in [
        (&plain, "x"),
        (&plain, "1.0a"),
        (&by_expiry, "0a"),
        (&by_expiry, "1.00"),
        (&plain, ""),
    ] {
        let error = fixture
            .store
            .certificates(filter, Some(cursor), 2)
            .await
            .unwrap_err();
        assert!(
            matches!(error, StoreError::UnusableCursor),
            "{cursor}: {error}"
        );
    }
}

async fn audit_events_are_found_by_each_filter(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.issue(intent(1)).await;
    let refused = AuditEvent::new(
        at("2026-03-02T08:00:00Z"),
        EventKind::RequestRefused,
        Actor::Ra(RA.to_owned()),
    )
    .outcome(Outcome::refused(["key-too-weak"]))
    .with("count", 3_u32);
    let stopped = event(EventKind::DaemonStopped);
    let last = fixture
        .store
        .record_audit(vec![refused.clone(), stopped])
        .await
        .unwrap();
    let filter = AuditFilter::default;
    let found = |filter: AuditFilter| {
        let store = fixture.store.clone();
        async move {
            let page = store.audit_page(&filter, 0, 100).await.unwrap();
            page.into_iter()
                .map(|record| record.event.kind)
                .collect::<Vec<_>>()
        }
    };
    let of_serial = AuditFilter {
        serial: Some(serial(1)),
        ..filter()
    };
    assert_eq!(
        found(of_serial).await,
        [EventKind::Signing, EventKind::Issued]
    );
    let of_kind = AuditFilter {
        kind: Some(EventKind::Issued),
        ..filter()
    };
    assert_eq!(found(of_kind).await, [EventKind::Issued]);
    let of_actor = AuditFilter {
        actor: Some("ra:bank".to_owned()),
        ..filter()
    };
    assert_eq!(found(of_actor).await, [EventKind::RequestRefused]);
    let of_day = AuditFilter {
        from: Some(at("2026-03-02T00:00:00Z")),
        until: Some(at("2026-03-03T00:00:00Z")),
        ..filter()
    };
    assert_eq!(found(of_day).await, [EventKind::RequestRefused]);
    let page = fixture
        .store
        .audit_page(&filter(), last - 2, 1)
        .await
        .unwrap();
    assert_eq!((page.len(), page[0].sequence), (1, last - 1));
    assert_eq!(page[0].event, refused);
    fixture.store.check_invariants().await.unwrap();
}

async fn the_audit_log_cannot_be_changed(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    for sql in [
        "UPDATE audit_log SET kind = 'issued'",
        "DELETE FROM audit_log",
        "DELETE FROM feed",
    ] {
        let error = fixture.sql(sql).await.unwrap_err();
        assert!(error.to_string().contains("append-only"), "{error}");
    }
    fixture.store.check_invariants().await.unwrap();
}

async fn text_that_an_engine_cannot_hold_is_no_failure(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let mut one = intent(1);
    one.request.order_id = Some("a\0b".to_owned());
    fixture.issue(one).await;
    let by_order = |order_id: &str| CertificateFilter {
        order_id: Some(order_id.to_owned()),
        ..CertificateFilter::default()
    };
    let found = all_pages(&fixture, &by_order("a\0b"), 10).await;
    assert_eq!(found, [serial(1)]);
    assert!(all_pages(&fixture, &by_order("\0"), 10).await.is_empty());
}
