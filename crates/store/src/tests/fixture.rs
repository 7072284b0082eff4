//! A database of either engine, and what the tests put into it.

use std::sync::Arc;

use api::{PeerRole, PeerStatus};
use audit::{Actor, AuditEvent, EventKind};
use feed::IssuerKind;
use jiff::Timestamp;
use pki::{
    CrlNumber, CrlScope, IssuerName, SerialNumber, SpkiHash,
    time::{ManualClock, SignedDuration},
};
use tempfile::TempDir;
use testkit::TestPostgres;
use uuid::Uuid;

use crate::{
    AuditFilter, CertificateRecord, DatabaseConfig, Intent, IssuerRecord, Listed, NewRequest, Peer,
    RegistryRefusal, RevokedEntry, ShownList, Store, StoreError,
    certificates::RecordIssued,
    engine::{Connection, Options, Statement},
};

/// Which engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// Keeps the database there as long as the test runs.
pub(crate) enum Place {
    Sqlite(TempDir),
    Postgres(TestPostgres),
}

/// A migrated database with an RA, a responder, a publisher and three issuers.
pub(crate) struct Fixture {
    pub(crate) store: Store,
    pub(crate) clock: ManualClock,
    pub(crate) place: Place,
    pub(crate) config: DatabaseConfig,
}

pub(crate) const RA: &str = "bank";
pub(crate) const RESPONDER: &str = "ocsp-1";
pub(crate) const PUBLISHER: &str = "crl-1";

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn issuer() -> IssuerName {
    "esign-ca".parse().unwrap()
}

pub(crate) fn management() -> IssuerName {
    "management-ca".parse().unwrap()
}

pub(crate) fn event(kind: EventKind) -> AuditEvent {
    AuditEvent::new(at("2026-03-01T08:00:00Z"), kind, Actor::Daemon)
}

pub(crate) fn serial(number: u16) -> SerialNumber {
    let mut octets = vec![0x0a, 0x01];
    octets.extend(number.to_be_bytes());
    SerialNumber::from_bytes(&octets).unwrap()
}

/// Makes an empty place for a database.
pub(crate) fn place(engine: Engine) -> (Place, DatabaseConfig) {
    match engine {
        Engine::Sqlite => {
            let directory = tempfile::tempdir().unwrap();
            let url = format!("sqlite://{}", directory.path().join("ca.db").display());
            (Place::Sqlite(directory), DatabaseConfig::new(url))
        }
        Engine::Postgres => {
            let server = TestPostgres::new();
            let url = server.url();
            (Place::Postgres(server), DatabaseConfig::new(url))
        }
    }
}

impl Fixture {
    pub(crate) async fn new(engine: Engine) -> Self {
        let (place, config) = place(engine);
        let clock = ManualClock::new(at("2026-03-01T08:00:00Z"));
        Store::migrate(&config, Arc::new(clock.clone()))
            .await
            .unwrap();
        let store = Store::connect(&config, Arc::new(clock.clone()))
            .await
            .unwrap();
        let fixture = Self {
            store,
            clock,
            place,
            config,
        };
        fixture
            .register("root", IssuerKind::Root, None)
            .await
            .unwrap();
        fixture
            .register("esign-ca", IssuerKind::Issuing, Some("root"))
            .await
            .unwrap();
        fixture
            .register("management-ca", IssuerKind::Management, None)
            .await
            .unwrap();
        fixture.peer(RA, PeerRole::Ra).await;
        fixture.peer(RESPONDER, PeerRole::Responder).await;
        fixture.peer(PUBLISHER, PeerRole::Publisher).await;
        fixture
    }

    /// Closes the store and opens the database again, as a restart does.
    pub(crate) async fn restart(&mut self) {
        self.store.close().await;
        self.store = self.reopened().await;
    }

    /// What a list of an issuer would show now, and as of which moment.
    pub(crate) async fn listed(&self, listed: Listed) -> (u64, Vec<RevokedEntry>) {
        let mut reading = self.store.listed(&issuer(), listed).await.unwrap();
        let mut entries = Vec::new();
        loop {
            let page = reading.next_page().await.unwrap();
            if page.is_empty() {
                break;
            }
            entries.extend(page);
        }
        let as_of = reading.as_of();
        reading.end().await.unwrap();
        (as_of, entries)
    }

    /// Opens the database a second time, as another daemon does.
    pub(crate) async fn reopened(&self) -> Store {
        Store::connect(&self.config, Arc::new(self.clock.clone()))
            .await
            .unwrap()
    }

    /// Runs SQL beside the store, as somebody with access to the database could.
    pub(crate) async fn sql(&self, sql: &'static str) -> Result<(), sqlx::Error> {
        let options = Options::from_config(&self.config).unwrap();
        let mut connection = Connection::open(&options).await?;
        connection.run(sql).await?;
        connection.close().await
    }

    /// All that a table holds, as text.
    pub(crate) async fn dump(&self, table: &str) -> String {
        match &self.place {
            Place::Postgres(server) => server.sql(&format!("SELECT t::text FROM {table} t")),
            Place::Sqlite(_) => {
                let mut connection = self.store.reader().await.unwrap();
                let columns = Statement::new("SELECT name FROM pragma_table_info($1)").bind(table);
                let columns: Vec<String> = (connection.all(columns).await.unwrap().iter())
                    .map(|row| {
                        format!(
                            "COALESCE(CAST({} AS TEXT), '')",
                            row.get::<String>("name").unwrap()
                        )
                    })
                    .collect();
                let cells = columns.join(" || '|' || ");
                let query = format!("SELECT CAST({cells} AS BLOB) AS line FROM {table}");
                let rows = connection.all(Statement::assembled(query)).await.unwrap();
                let line = |octets: Vec<u8>| String::from_utf8_lossy(&octets).into_owned();
                rows.iter()
                    .map(|row| line(row.get("line").unwrap()))
                    .collect()
            }
        }
    }

    /// The epoch of the feed.
    pub(crate) async fn epoch(&self) -> feed::Epoch {
        self.store.feed_position().await.unwrap().unwrap().epoch
    }

    /// Acknowledges entries that are there.
    pub(crate) async fn acknowledge(&self, follower: &str, sequence: u64) {
        let epoch = self.epoch().await;
        let outcome = self
            .store
            .acknowledge(follower, &epoch, sequence, Vec::new(), false);
        outcome.await.unwrap().unwrap();
    }

    /// Tells that a publisher shows a complete list; gives of how many an event tells by then.
    pub(crate) async fn show(&self, publisher: &str, number: CrlNumber) -> usize {
        let list = feed::CrlAcknowledgement {
            issuer: issuer(),
            scope: CrlScope::Full,
            number,
        };
        let event = event(EventKind::CrlPublished);
        let shown = vec![ShownList { list, event }];
        let epoch = self.epoch().await;
        let outcome = self.store.acknowledge(publisher, &epoch, 0, shown, false);
        outcome.await.unwrap().unwrap();
        let filter = AuditFilter {
            kind: Some(EventKind::CrlPublished),
            ..AuditFilter::default()
        };
        self.store.audit_page(&filter, 0, 100).await.unwrap().len()
    }

    pub(crate) fn later(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }

    pub(crate) async fn register(
        &self,
        name: &str,
        kind: IssuerKind,
        parent: Option<&str>,
    ) -> Result<u64, RegistryRefusal> {
        let record = IssuerRecord {
            name: name.parse().unwrap(),
            kind,
            parent: parent.map(|parent| parent.parse().unwrap()),
            certificate_der: name.as_bytes().to_vec(),
            spki_hash: SpkiHash::of(name.as_bytes()),
            not_after: at("2036-03-01T08:00:00Z"),
        };
        let registered = event(EventKind::IssuerRegistered);
        self.store
            .register_issuer(record, registered)
            .await
            .unwrap()
    }

    pub(crate) async fn peer(&self, name: &str, role: PeerRole) {
        let registered = event(EventKind::PeerRegistered);
        self.store
            .register_peer(new_peer(name, role), Vec::new(), registered)
            .await
            .unwrap()
            .unwrap();
    }

    /// Issues a certificate: intent and signed certificate.
    pub(crate) async fn issue(&self, intent: Intent) -> u64 {
        let issued = issued(&intent);
        self.store.record_intent(intent).await.unwrap().unwrap();
        self.store.writes().submit(issued).await.unwrap().sequence
    }

    /// The octets of a list, if they are kept.
    pub(crate) async fn octets(&self, scope: CrlScope, number: CrlNumber) -> Option<Vec<u8>> {
        let octets = self.store.crl_octets(&issuer(), scope, number).await;
        Some(octets.unwrap()?.collect().await.unwrap())
    }

    pub(crate) async fn record(&self, intent: &Intent) -> Result<CertificateRecord, StoreError> {
        self.store.writes().submit(issued(intent)).await
    }
}

pub(crate) fn new_peer(name: &str, role: PeerRole) -> Peer {
    Peer {
        name: name.to_owned(),
        role,
        status: PeerStatus::Active,
        valid_from: at("2026-01-01T00:00:00Z"),
        valid_to: None,
        agreement_ref: None,
        profiles: ["esign-individual".to_owned()].into(),
        subject_kinds: vec![api::SubjectKind::Individual],
        daily_quota: Some(1000),
        max_validity_days: None,
    }
}

/// An intent with a key, a subject and a request of its own.
pub(crate) fn intent(number: u16) -> Intent {
    let serial = serial(number);
    Intent {
        request: NewRequest {
            request_id: Uuid::from_u128(number.into()),
            ra: Some(RA.to_owned()),
            idempotency_key: Some(format!("key-{number}")),
            operation: "issue".to_owned(),
            body_digest: [1; 32],
            order_id: Some(format!("order-{number}")),
            received_at: at("2026-03-01T07:59:59.123456Z"),
        },
        serial,
        issuer: issuer(),
        profile: "esign-individual".to_owned(),
        not_before: at("2026-03-01T07:55:00Z"),
        not_after: at("2027-03-01T08:00:00Z"),
        shard: None,
        spki_hash: SpkiHash::of(&number.to_be_bytes()),
        subject_hash: SpkiHash::of(&[&[7][..], &number.to_be_bytes()].concat())
            .as_bytes()
            .to_owned(),
        subscriber_ref: Some(format!("subscriber-{number}")),
        binding: None,
        predecessor: None,
        tbs_der: format!("tbs of {serial}").into_bytes(),
        policy_digest: [3; 32],
        statement: Some(format!(
            r#"{{"subject":{{"commonName":"Li Lei {number}"}}}}"#
        )),
        quota: None,
        event: event(EventKind::Signing).serial(serial),
    }
}

pub(crate) fn issued(intent: &Intent) -> RecordIssued {
    RecordIssued {
        serial: intent.serial,
        tbs_digest: *SpkiHash::of(&intent.tbs_der).as_bytes(),
        certificate_der: format!("certificate {}", intent.serial).into_bytes(),
        event: event(EventKind::Issued).serial(intent.serial),
    }
}

/// Makes a test of each function for each engine. The functions take the engine.
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test] async fn $name() {
                super::$name(crate::tests::fixture::Engine::Sqlite).await;
            })+
        }
        mod on_postgres {
            $(#[tokio::test] async fn $name() {
                super::$name(crate::tests::fixture::Engine::Postgres).await;
            })+
        }
    };
}
pub(crate) use on_both_engines;

/// What a policy promises relying parties.
pub(super) fn terms() -> feed::Terms {
    feed::Terms {
        repository: "http://pki.example.com".to_owned(),
        ocsp: "http://ocsp.example.com".to_owned(),
        ocsp_validity: 86_400,
        ocsp_max_age: 300,
        ocsp_max_staleness: 43_200,
        archive_cutoff: 864_000,
        shards: 0,
        delta: false,
        issuing: true,
    }
}
