//! Queries cost what they show, however large the tables are: SQLite's plans name an index, and
//! neither walk a table nor sort.

use super::fixture::{Engine, Fixture, RA, at, issuer, serial};
use crate::{
    AuditFilter, CertificateFilter,
    audit_log::page as audit_page,
    certificates::page as certificate_page,
    crls::{drop_expired, page_of_changes, page_of_entries},
    engine::Statement,
};

async fn plan(fixture: &Fixture, query: Statement) -> String {
    let mut connection = fixture.store.reader().await.unwrap();
    let rows = connection.all(query.explained()).await.unwrap();
    let steps: Vec<String> = rows.iter().map(|row| row.get("detail").unwrap()).collect();
    steps.join("; ")
}

fn is_flat(plan: &str) -> bool {
    !plan.contains("TEMP B-TREE") && !plan.contains("SCAN")
}

#[tokio::test]
async fn lists_of_certificates_walk_an_index() {
    let fixture = Fixture::new(Engine::Sqlite).await;
    let filter = CertificateFilter::default;
    let ra = || Some(RA.to_owned());
    let filters = [
        CertificateFilter {
            ra: ra(),
            ..filter()
        },
        CertificateFilter {
            ra: ra(),
            order_id: ra(),
            ..filter()
        },
        CertificateFilter {
            ra: ra(),
            subscriber_ref: ra(),
            ..filter()
        },
        CertificateFilter {
            ra: ra(),
            expires_from: Some(at("2026-03-01T08:00:00Z")),
            expires_before: Some(at("2027-03-01T08:00:00Z")),
            ..filter()
        },
        CertificateFilter {
            expires_from: Some(at("2026-03-01T08:00:00Z")),
            expires_before: Some(at("2027-03-01T08:00:00Z")),
            ..filter()
        },
        CertificateFilter {
            state: Some(api::CertificateState::OnHold),
            ..filter()
        },
    ];
    for filter in filters {
        let plan = plan(&fixture, certificate_page(&filter, None, 10).unwrap()).await;
        assert!(is_flat(&plan), "{filter:?}: {plan}");
    }
}

#[tokio::test]
async fn lists_of_audit_events_walk_an_index() {
    let fixture = Fixture::new(Engine::Sqlite).await;
    let filter = AuditFilter::default;
    let filters = [
        filter(),
        AuditFilter {
            kind: Some(audit::EventKind::Issued),
            ..filter()
        },
        AuditFilter {
            actor: Some("daemon".to_owned()),
            ..filter()
        },
        AuditFilter {
            serial: Some(serial(1)),
            ..filter()
        },
    ];
    for filter in filters {
        let plan = plan(&fixture, audit_page(&filter, 7, 10)).await;
        assert!(is_flat(&plan), "{filter:?}: {plan}");
    }
}

#[tokio::test]
async fn look_ups_of_the_daily_business_walk_an_index() {
    let fixture = Fixture::new(Engine::Sqlite).await;
    let queries = [
        Statement::new("SELECT * FROM feed WHERE seq > $1 ORDER BY seq LIMIT 10").bind(7_u64),
        Statement::new(
            "SELECT * FROM feed WHERE latest AND seq > $1 AND seq <= $2 ORDER BY seq LIMIT 10",
        )
        .bind(7_u64)
        .bind(9_u64),
        Statement::new("SELECT * FROM requests WHERE ra = $1 AND idempotency_key = $2")
            .bind(RA)
            .bind("key"),
        page_of_entries(&issuer(), None, &[1]),
        page_of_entries(&issuer(), Some(3), &[1]),
        page_of_changes(&issuer(), 7),
        drop_expired(&issuer(), pki::CrlScope::Full)
            .bind(at("2026-03-01T08:00:00Z"))
            .bind(7_u64),
        drop_expired(&issuer(), pki::CrlScope::Shard(3))
            .bind(at("2026-03-01T08:00:00Z"))
            .bind(7_u64),
        Statement::new("SELECT MAX(not_after) FROM certificates WHERE issuer = $1 AND shard = $2")
            .bind(issuer())
            .bind(3_u64),
    ];
    for query in queries {
        let plan = plan(&fixture, query.clone()).await;
        assert!(is_flat(&plan), "{query:?}: {plan}");
    }
    for (shard, index) in [
        (None, "COVERING INDEX certificates_on_crl"),
        (Some(3), "COVERING INDEX certificates_on_shard"),
    ] {
        let plan = plan(&fixture, page_of_entries(&issuer(), shard, &[1])).await;
        assert!(plan.contains(index), "{plan}");
    }
}
