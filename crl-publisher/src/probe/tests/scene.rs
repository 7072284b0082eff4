//! A CA with lists of every scope, published right; each test spoils one thing.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use feed::{Base64, Entry, Event, Status, Terms};
use issuance::{CrlCoverage, CrlEntry, DistributionPoint, OnlyContains, PreparedCrl};
use ocsp::{CertStatus, OcspRequest, PreparedResponse, SingleStatus};
use pki::{
    CrlNumber, CrlScope, RevocationReason, SerialNumber, SignatureAlgorithm,
    time::{ManualClock, SignedDuration, Timestamp},
};
use store::copy::StatusCopy;
use tempfile::TempDir;

use super::server::{Page, Server};
use crate::{
    probe::{ProbeConfig, Prober, Report},
    test_ca::{TestCa, at, serial},
};

pub(crate) const BASE: &str = "http://pki.example.com";
pub(crate) const FULL: &str = "/crl/esign-ca.crl";
pub(crate) const DELTA: &str = "/crl/esign-ca/delta.crl";
pub(crate) const SHARD: &str = "/crl/esign-ca/shard-1.crl";
pub(crate) const CERTIFICATE: &str = "/ca/esign-ca.cer";
pub(crate) const CPS: &str = "/cps/esign-ca.html";
pub(crate) const OCSP: &str = "http://ocsp.example.com/ocsp";

pub(crate) const GOOD: u8 = 11;
pub(crate) const REVOKED: u8 = 21;
/// On the delta and on its shard, not on the full list.
pub(crate) const NEW: u8 = 23;
pub(crate) const HELD: u8 = 31;
/// On hold on the full list, released since.
pub(crate) const RELEASED: u8 = 32;

pub(crate) struct Scene {
    pub(crate) ca: TestCa,
    pub(crate) copy: StatusCopy,
    pub(crate) clock: ManualClock,
    pub(crate) server: Server,
    pub(crate) prober: Prober,
    /// What the responder says, where it is not `unknown`.
    pub(crate) statuses: Arc<Mutex<HashMap<SerialNumber, CertStatus>>>,
    _directory: TempDir,
}

/// What a list is to say.
#[derive(Clone)]
pub(crate) struct List {
    pub(crate) scope: CrlScope,
    pub(crate) number: u64,
    pub(crate) as_of: u64,
    pub(crate) coverage: CrlCoverage,
    pub(crate) entries: Vec<(u8, Option<RevocationReason>)>,
    pub(crate) this_update: Timestamp,
    pub(crate) next_update: Timestamp,
}

const HOLD: Option<RevocationReason> = Some(RevocationReason::CertificateHold);

impl Scene {
    pub(crate) async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let copy = StatusCopy::open(&directory.path().join("copy.db"))
            .await
            .unwrap();
        let clock = ManualClock::new(at(600));
        let server = Server::default();
        let address = server.start().await;
        let config = ProbeConfig {
            timeout: "2s".parse().unwrap(),
            samples: 10,
            resolve: ["pki.example.com", "ocsp.example.com"]
                .map(|host| (host.to_owned(), address))
                .into(),
            ..ProbeConfig::default()
        };
        let prober = Prober::new(copy.clone(), Arc::new(clock.clone()), &config);
        let scene = Self {
            ca: TestCa::new(1),
            copy,
            clock,
            server,
            prober,
            statuses: Arc::default(),
            _directory: directory,
        };
        scene.publish().await;
        scene
    }

    pub(crate) async fn round(&mut self) -> Report {
        self.prober.round().await.unwrap()
    }

    /// The codes of a round, each once, in order.
    pub(crate) async fn codes(&mut self) -> Vec<&'static str> {
        let report = self.round().await;
        let mut codes: Vec<_> = report.findings.iter().map(|found| found.code).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    pub(crate) fn full() -> List {
        List {
            scope: CrlScope::Full,
            number: 10,
            as_of: 100,
            coverage: CrlCoverage {
                freshest_crl: Some(format!("{BASE}{DELTA}")),
                ..CrlCoverage::default()
            },
            entries: vec![(REVOKED, None), (22, None), (HELD, HOLD), (RELEASED, HOLD)],
            this_update: at(0),
            next_update: at(3_600),
        }
    }

    pub(crate) fn delta() -> List {
        List {
            scope: CrlScope::Delta,
            number: 12,
            as_of: 110,
            coverage: CrlCoverage {
                delta_base: Some(CrlNumber::new(10)),
                ..CrlCoverage::default()
            },
            entries: vec![
                (NEW, None),
                (RELEASED, Some(RevocationReason::RemoveFromCrl)),
            ],
            ..Self::full()
        }
    }

    pub(crate) fn shard(shard: u16, entries: &[(u8, Option<RevocationReason>)]) -> List {
        let scope = CrlScope::Shard(shard);
        let uri = format!("{BASE}/crl/esign-ca/{scope}.crl");
        List {
            scope,
            number: 3,
            as_of: 110,
            coverage: CrlCoverage {
                distribution_point: Some(DistributionPoint {
                    uri: Some(uri),
                    only_contains: OnlyContains::UserCertificates,
                }),
                ..CrlCoverage::default()
            },
            entries: entries.to_vec(),
            ..Self::full()
        }
    }

    /// Serves a list, and announces nothing.
    pub(crate) fn serve(&self, list: &List) {
        let path = format!("/{}", list.scope.path(self.ca.name()));
        self.server.put(&path, crl_page(&self.sign(list)));
    }

    pub(crate) fn sign(&self, list: &List) -> Vec<u8> {
        let entries = list.entries.iter().map(|(last, reason)| CrlEntry {
            serial: serial(*last),
            revoked_at: at(-60),
            reason: *reason,
            invalidity_date: None,
        });
        let prepared = PreparedCrl::new(
            &self.ca.issuer,
            CrlNumber::new(list.number),
            list.this_update,
            list.next_update,
            entries,
            Some(list.coverage.clone()),
        );
        let (message, awaiting) = prepared.unwrap().release();
        let signature = self.ca.pair.sign(&message);
        awaiting
            .complete(signature.as_ref())
            .unwrap()
            .der()
            .to_vec()
    }

    /// Announces a list on the feed.
    pub(crate) async fn announce(&self, seq: u64, list: &List) {
        let event = Event::Crl {
            issuer: self.ca.name().clone(),
            scope: list.scope,
            number: CrlNumber::new(list.number),
            base: list.coverage.delta_base,
            this_update: list.this_update,
            next_update: list.next_update,
            as_of: list.as_of,
            size: 1,
            sha256: [0; 32],
        };
        self.learn(seq, event).await;
    }

    pub(crate) async fn learn(&self, seq: u64, event: Event) {
        let entry = Entry {
            seq,
            at: at(-1),
            event,
        };
        self.copy.apply(&[entry], seq).await.unwrap();
    }

    pub(crate) async fn certificate(&self, seq: u64, last: u8, shard: Option<u16>, status: Status) {
        let answer = match status {
            Status::Good => CertStatus::Good,
            Status::Hold { at } => CertStatus::Revoked { at, reason: HOLD },
            Status::Revoked { at, .. } | Status::Abandoned { at } => {
                CertStatus::Revoked { at, reason: None }
            }
        };
        self.statuses.lock().unwrap().insert(serial(last), answer);
        let event = Event::Certificate {
            issuer: self.ca.name().clone(),
            serial: serial(last),
            not_after: at(86_400),
            shard,
            status,
        };
        self.learn(seq, event).await;
    }

    async fn publish(&self) {
        self.copy
            .apply(&[self.ca.issuer_entry(1)], 1)
            .await
            .unwrap();
        self.server.put(
            CERTIFICATE,
            Page::new("application/pkix-cert", self.ca.certificate().der()),
        );
        let (issuer, body) = (self.ca.name().clone(), b"<h1>CPS</h1>".to_vec());
        self.server
            .put(CPS, Page::new("text/html; charset=utf-8", &body));
        let terms = Event::Terms {
            issuer: issuer.clone(),
            terms: terms(),
        };
        self.learn(2, terms).await;
        let document = Event::Document {
            name: CPS[1..].to_owned(),
            media_type: "text/html; charset=utf-8".to_owned(),
            body: Base64(body),
            issuer,
        };
        self.learn(3, document).await;
        let hold = Status::Hold { at: at(-60) };
        let possibly_issued = Status::Abandoned { at: at(-60) };
        self.certificate(10, GOOD, Some(0), Status::Good).await;
        self.certificate(11, 12, None, Status::Good).await;
        self.certificate(12, REVOKED, Some(1), revoked(-60)).await;
        self.certificate(13, 22, None, possibly_issued).await;
        self.certificate(14, HELD, Some(0), hold).await;
        self.certificate(105, NEW, Some(1), revoked(-60)).await;
        self.certificate(106, RELEASED, Some(0), Status::Good).await;
        for (seq, list) in [
            (101, Self::full()),
            (111, Self::delta()),
            (112, Self::shard(0, &[(HELD, HOLD)])),
            (113, Self::shard(1, &[(REVOKED, None), (NEW, None)])),
        ] {
            self.serve(&list);
            self.announce(seq, &list).await;
        }
        let answers = self.answers_at(at(500), at(4_000));
        self.server.site.lock().unwrap().responder = Some(Box::new(answers));
    }

    /// A responder whose answers hold between two moments, signed with the CA's own key.
    pub(crate) fn answers_at(
        &self,
        this_update: Timestamp,
        next_update: Timestamp,
    ) -> impl Fn(&[u8]) -> Page + Send + use<> {
        let ca = TestCa::new(1);
        let statuses = Arc::clone(&self.statuses);
        move |request: &[u8]| {
            let request = OcspRequest::parse(request).unwrap();
            let status_of = |serial| statuses.lock().unwrap().get(&serial).copied();
            let singles = request.cert_ids().iter().map(|cert_id| SingleStatus {
                cert_id: cert_id.clone(),
                status: status_of(cert_id.serial).unwrap_or(CertStatus::Unknown),
                this_update,
                next_update,
                archive_cutoff: None,
            });
            let prepared = PreparedResponse::new(
                singles,
                ca.certificate().public_key().key_id(),
                this_update,
                request.nonce(),
                SignatureAlgorithm::Ed25519,
            );
            let (message, awaiting) = prepared.unwrap().release();
            let signature = ca.pair.sign(&message);
            let response = awaiting.complete(signature.as_ref(), ca.certificate());
            Page::new("application/ocsp-response", &response.unwrap())
        }
    }
}

pub(crate) fn crl_page(der: &[u8]) -> Page {
    Page::new("application/pkix-crl", der).with("cache-control", "public, max-age=900")
}

pub(crate) fn revoked(seconds: i64) -> Status {
    Status::Revoked {
        at: at(seconds),
        reason: None,
        invalidity_date: None,
    }
}

fn terms() -> Terms {
    Terms {
        repository: BASE.to_owned(),
        ocsp: OCSP.to_owned(),
        ocsp_validity: 3_600,
        ocsp_max_age: 300,
        ocsp_max_staleness: 3_600,
        archive_cutoff: 0,
        shards: 2,
        delta: true,
        issuing: true,
    }
}

pub(crate) fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}
