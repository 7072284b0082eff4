//! A feed server over real TLS, with an empty database and scripted faults.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::{Request, Response};
use jiff::Timestamp;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use service::Lifecycle;
use service::http::{HttpLimits, PeerCertificate, bind, serve_tls};
use service::lifecycle::LifecycleLimits;
use service::tls::{ClientAuth, ClientTlsFiles, Reloadable, TlsFiles, client_config};
use tokio::sync::watch;
use tokio::time::{Duration, timeout};

use super::PATIENCE;
use crate::ndjson::Lines;
use crate::server::{FollowAnswer, Head, SnapshotPage};
use crate::wire::{ACKNOWLEDGE_ROUTE, Acknowledgement, FOLLOW_ROUTE, FollowQuery};
use crate::{Base64, Entry, Epoch, Event};

const CONFIG: &str = "
[req]
distinguished_name = name
x509_extensions = root
[name]
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth, clientAuth
subjectAltName = IP:127.0.0.1
";

/// What the next answer to a follower is to be; without a script, what it should be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Script {
    Answer,
    Refuse(u16),
    Garbage,
    Backwards,
}

pub(super) struct TestDaemon {
    address: SocketAddr,
    files: tempfile::TempDir,
    feed: Arc<Feed>,
    lifecycle: Lifecycle,
}

struct Feed {
    epoch: Mutex<Epoch>,
    head: Head,
    waiting: watch::Sender<usize>,
    acknowledged: watch::Sender<Vec<Acknowledgement>>,
    script: Mutex<VecDeque<Script>>,
    shown: Mutex<Vec<Vec<u8>>>,
}

impl Drop for TestDaemon {
    fn drop(&mut self) {
        self.lifecycle.stop();
        self.lifecycle.aborting().cancel();
    }
}

impl TestDaemon {
    pub(super) async fn start() -> Self {
        let files = tempfile::tempdir().unwrap();
        make_certificates(files.path());
        let tls = TlsFiles {
            certificate: files.path().join("server.pem"),
            key: files.path().join("server.key"),
            client_ca: vec![files.path().join("ca.pem")],
        };
        let tls = Arc::new(Reloadable::new(tls, ClientAuth::Required).unwrap());
        let listener = bind(([127, 0, 0, 1], 0).into()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let feed = Arc::new(Feed {
            epoch: Mutex::new(epoch(1)),
            head: Head::new(0),
            waiting: watch::Sender::new(0),
            acknowledged: watch::Sender::new(Vec::new()),
            script: Mutex::default(),
            shown: Mutex::default(),
        });
        let lifecycle = Lifecycle::new(LifecycleLimits::default());
        let (daemon, shared) = (lifecycle.clone(), Arc::clone(&feed));
        let service = tower::service_fn(move |request| Arc::clone(&shared).answer(request));
        tokio::spawn(async move {
            serve_tls(listener, tls, service, HttpLimits::default(), &daemon)
                .await
                .unwrap();
        });
        Self {
            address,
            files,
            feed,
            lifecycle,
        }
    }

    pub(super) fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    pub(super) fn client(&self, name: &str) -> rustls::ClientConfig {
        let file = |file: String| self.files.path().join(file);
        client_config(&ClientTlsFiles {
            certificate: file(format!("{name}.pem")),
            key: file(format!("{name}.key")),
            roots: file("ca.pem".to_owned()),
        })
        .unwrap()
    }

    pub(super) fn certificate(&self, name: &str) -> Vec<u8> {
        let path = self.files.path().join(format!("{name}.pem"));
        CertificateDer::from_pem_file(path).unwrap().to_vec()
    }

    pub(super) fn certificates_shown(&self) -> Vec<Vec<u8>> {
        self.feed.shown.lock().unwrap().clone()
    }

    pub(super) fn commit(&self, entries: u64) {
        self.feed.head.advance(self.feed.head.get() + entries);
    }

    /// Puts the database back: another epoch, whose head is where it was.
    pub(super) fn put_back(&self) {
        *self.feed.epoch.lock().unwrap() = epoch(2);
    }

    pub(super) fn script(&self, script: impl IntoIterator<Item = Script>) {
        self.feed.script.lock().unwrap().extend(script);
    }

    pub(super) fn acknowledged(&self) -> Vec<Acknowledgement> {
        self.feed.acknowledged.borrow().clone()
    }

    pub(super) async fn until_acknowledged(&self, wanted: impl Fn(&Acknowledgement) -> bool) {
        let mut acknowledged = self.feed.acknowledged.subscribe();
        let there = acknowledged.wait_for(|all| all.last().is_some_and(&wanted));
        timeout(PATIENCE, there).await.unwrap().unwrap();
    }

    /// Waits until a follower has been answered all there is and waits for more.
    pub(super) async fn until_waiting(&self) {
        let mut waiting = self.feed.waiting.subscribe();
        let there = waiting.wait_for(|waiting| *waiting > 0);
        timeout(PATIENCE, there).await.unwrap().unwrap();
    }
}

impl Feed {
    async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, Infallible> {
        if let Some(PeerCertificate(Some(certificate))) = request.extensions().get() {
            self.shown.lock().unwrap().push(certificate.to_vec());
        }
        let path = request.uri().path().to_owned();
        Ok(match path.as_str() {
            FOLLOW_ROUTE => self.follow(request.uri().query()).await,
            ACKNOWLEDGE_ROUTE => {
                let body = request.into_body().collect().await.unwrap().to_bytes();
                let acknowledgement = serde_json::from_slice(&body).unwrap();
                self.acknowledged
                    .send_modify(|all| all.push(acknowledgement));
                status(204, "")
            }
            _ => status(404, ""),
        })
    }

    async fn follow(&self, query: Option<&str>) -> Response<Full<Bytes>> {
        let query = FollowQuery::parse(query).unwrap();
        let script = self
            .script
            .lock()
            .unwrap()
            .pop_front()
            .unwrap_or(Script::Answer);
        if let Script::Refuse(code) = script {
            return status(code, r#"{"code":"peer-suspended"}"#);
        }
        if self.head.get() == query.after && query.wait > 0 {
            self.waiting.send_modify(|waiting| *waiting += 1);
            self.head
                .beyond(query.after, Duration::from_secs(query.wait.into()))
                .await;
            self.waiting.send_modify(|waiting| *waiting -= 1);
        }
        let mut answer = self.whole_answer(&query);
        if let Script::Backwards = script {
            let mut entries = answer.lines.entries().unwrap();
            entries.reverse();
            answer.lines = Lines::of(&entries).unwrap();
        }
        let mut response = Response::builder();
        for (name, value) in answer.headers() {
            response = response.header(name, value);
        }
        let mut body = answer.lines.into_octets();
        if let Script::Garbage = script {
            body.truncate(body.len() / 2);
        }
        response.body(Full::new(Bytes::from(body))).unwrap()
    }

    fn whole_answer(&self, query: &FollowQuery) -> FollowAnswer {
        let head = self.head.get();
        let page = query
            .page
            .as_deref()
            .map_or(0, |page| page.parse().unwrap());
        let after = query.after.max(page);
        let last = head.min(after + u64::from(query.limit));
        let next = (last < head).then(|| last.to_string());
        FollowAnswer {
            epoch: self.epoch.lock().unwrap().clone(),
            head,
            snapshot: (query.after == 0).then_some(SnapshotPage { next }),
            lines: Lines::of(&(after + 1..=last).map(entry).collect::<Vec<_>>()).unwrap(),
        }
    }
}

pub(super) fn epoch(number: u8) -> Epoch {
    Epoch::from_bytes([number; 16])
}

fn entry(seq: u64) -> Entry {
    Entry {
        seq,
        at: Timestamp::from_second(1_800_000_000).unwrap(),
        event: Event::Document {
            name: format!("cps/{seq}.html"),
            media_type: "text/html".to_owned(),
            body: Base64(b"text".to_vec()),
            issuer: "esign-ca".parse().unwrap(),
        },
    }
}

fn status(code: u16, body: &'static str) -> Response<Full<Bytes>> {
    Response::builder()
        .status(code)
        .header("content-type", "application/problem+json")
        .body(Full::new(Bytes::from(body)))
        .unwrap()
}

fn make_certificates(directory: &Path) {
    std::fs::write(directory.join("openssl.cnf"), CONFIG).unwrap();
    let request = "req -config openssl.cnf -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    openssl(
        directory,
        &format!("{request} -x509 -days 30 -subj /CN=ca -keyout ca.key -out ca.pem"),
    );
    for name in ["server", "follower", "renewed"] {
        openssl(
            directory,
            &format!("{request} -subj /CN={name} -keyout {name}.key -out {name}.csr"),
        );
        openssl(
            directory,
            &format!(
                "x509 -req -days 30 -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial \
                 -extfile openssl.cnf -extensions leaf -out {name}.pem"
            ),
        );
    }
}

fn openssl(directory: &Path, arguments: &str) {
    let mut command = Command::new("openssl");
    let output = command
        .args(arguments.split_whitespace())
        .current_dir(directory)
        .output();
    let output = output.unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl {arguments}: {complaint}");
}
