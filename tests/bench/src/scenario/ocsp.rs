//! OCSP: answers that many share, and answers with a nonce.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, bail};
use base64::Engine as _;
use blackbox_tests::{Daemon, Key, KeyKind, enrolment};
use bytes::Bytes;
use hyper::{Request, header};
use jiff::SignedDuration;
use ocsp::{Asked, CertIdHash, CertStatus, Query};
use pki::{Certificate, time::Clock as _};
use service::SystemClock;

use super::{Scale, setting::Setting};
use crate::{
    connection::{Address, Body, Connection},
    figure::{Figure, Latency, Target},
    floor,
    load::{self, Outcome, Pace, Requests},
};

/// One request again and again.
struct Same {
    get: Option<String>,
    der: Bytes,
}

/// A nonce of its own for each request.
struct Fresh {
    certificate: Certificate,
    issuer: Certificate,
}

impl Requests for Same {
    fn request(&self, _: usize) -> Option<Request<Body>> {
        match &self.get {
            Some(path) => get(path),
            None => post(self.der.clone()),
        }
    }

    fn is_good(&self, status: u16, body: &Bytes) -> bool {
        status == 200 && body.len() > SIGNED
    }
}

impl Requests for Fresh {
    fn request(&self, number: usize) -> Option<Request<Body>> {
        let nonce = [[1; 8], number.to_be_bytes()].concat();
        let hash = CertIdHash::Sha1;
        let query = Query::about(&self.certificate, &self.issuer, hash, Some(&nonce)).ok()?;
        post(query.der().to_vec().into())
    }

    fn is_good(&self, status: u16, body: &Bytes) -> bool {
        status == 200 && body.len() > SIGNED
    }
}

/// Cached answers by GET and POST against a bare server, and answers with a nonce against the token.
///
/// # Errors
/// A request failed.
pub(crate) fn measure(setting: &Setting, scale: Scale) -> anyhow::Result<Vec<Figure>> {
    let world = &setting.world;
    let key = Key::new(&world.scratch(), KeyKind::P256);
    let enrolled = enrolment::enroll(world.ra(), "esign-individual", &key, "Bench");
    let pem = enrolled.certificate.certificate.unwrap_or_default();
    let certificate = Certificate::parse_pem(&pem)?;
    let issuer = Certificate::parse_pem(&std::fs::read_to_string(world.issuer("esign-ca"))?)?;
    let query = Query::about(&certificate, &issuer, CertIdHash::Sha1, None)?;
    let der = Bytes::copy_from_slice(query.der());
    let engine = &base64::engine::general_purpose::STANDARD;
    let path = format!(
        "/{}",
        engine.encode(&der).replace('+', "%2B").replace('/', "%2F")
    );

    let answer = world.scratch().join("answer.der");
    std::fs::write(&answer, answered(setting, &query, &issuer)?)?;
    let bare = floor::http::Server::start(&answer, testkit::free_port())?;
    let mut figures = Vec::new();
    for (method, get) in [("get", Some(path)), ("post", None)] {
        let requests = Arc::new(Same {
            get,
            der: der.clone(),
        });
        figures.push(cached(setting, scale, &bare, method, &requests)?);
    }
    let fresh = Arc::new(Fresh {
        certificate,
        issuer,
    });
    figures.push(with_nonce(setting, scale, &fresh)?);
    Ok(figures)
}

fn cached(
    setting: &Setting,
    scale: Scale,
    bare: &floor::http::Server,
    method: &str,
    requests: &Arc<Same>,
) -> anyhow::Result<Figure> {
    // In turns: what disturbs one disturbs the other.
    let (mut reached, mut floor) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        let time = scale.load / TURNS;
        reached.push(drive(setting, &setting.ocsp(), requests, time)?);
        floor.push(drive(
            setting,
            &Address::plain(bare.address),
            requests,
            time,
        )?);
    }
    let best = |outcomes: &[Outcome]| outcomes.iter().map(Outcome::rate).fold(0.0, f64::max);
    let daemon = setting.process(Daemon::Ocsp)?;
    let before = daemon.cpu()?;
    let last = drive(setting, &setting.ocsp(), requests, scale.load / TURNS)?;
    let mut figure = Figure::new(
        format!("ocsp-cached-{method}-{}", setting.name()),
        format!(
            "OCSP answers to {} over {CONNECTIONS} connections",
            method.to_uppercase()
        ),
        best(&reached),
        "1/s",
    )
    .against("a bare hyper server with the same answer", best(&floor))
    .target(Target::RatioAtLeast(0.85));
    figure.latency = Some(Latency::of(&last.times));
    figure.cost = Some(daemon.cost(before, last.answers)?);
    Ok(figure)
}

fn with_nonce(setting: &Setting, scale: Scale, requests: &Arc<Fresh>) -> anyhow::Result<Figure> {
    let daemon = setting.process(Daemon::Ocsp)?;
    let before = daemon.cpu()?;
    let outcome = drive(setting, &setting.ocsp(), requests, scale.load)?;
    let (floor, sessions) = setting.token_floor();
    let mut figure = Figure::new(
        format!("ocsp-nonce-{}", setting.name()),
        format!("OCSP answers with a nonce over {CONNECTIONS} connections"),
        outcome.rate(),
        "1/s",
    )
    .against(
        format!("raw signatures of the token, {sessions} sessions"),
        floor,
    )
    .target(Target::RatioAtLeast(0.60));
    figure.latency = Some(Latency::of(&outcome.times));
    figure.cost = Some(daemon.cost(before, outcome.answers)?);
    Ok(figure)
}

fn drive(
    setting: &Setting,
    address: &Address,
    requests: &Arc<impl Requests>,
    time: Duration,
) -> anyhow::Result<Outcome> {
    let load = load::run(
        address,
        Arc::clone(requests),
        CONNECTIONS,
        Pace::Closed,
        time,
    );
    setting.runtime.block_on(load)
}

/// The answer that the floor repeats, once the responder has heard of the certificate.
fn answered(setting: &Setting, query: &Query, issuer: &Certificate) -> anyhow::Result<Bytes> {
    let same = Same {
        get: None,
        der: Bytes::copy_from_slice(query.der()),
    };
    setting.runtime.block_on(async {
        let mut connection = Connection::open(&setting.ocsp()).await?;
        for _ in 0..MOST_QUESTIONS {
            let request = same.request(0).context("no request")?;
            let (_, body) = connection.send(request).await?;
            let asked = Asked {
                query,
                issuer,
                now: SystemClock.now(),
                tolerance: SignedDuration::from_secs(1),
            };
            let good = |answer: &ocsp::Answer| {
                let mut statuses = answer.statuses.iter();
                statuses.all(|stated| stated.status == CertStatus::Good)
            };
            if ocsp::Answer::verify(&body, &asked).is_ok_and(|answer| good(&answer)) {
                return Ok(body);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("the responder does not say good");
    })
}

fn get(path: &str) -> Option<Request<Body>> {
    let request = Request::get(path).header(header::HOST, "127.0.0.1");
    request.body(Body::default()).ok()
}

fn post(der: Bytes) -> Option<Request<Body>> {
    Request::post("/")
        .header(header::HOST, "127.0.0.1")
        .header(header::CONTENT_TYPE, "application/ocsp-request")
        .body(Body::new(der))
        .ok()
}

const CONNECTIONS: usize = 64;
const TURNS: u32 = 4;
/// Asked every 50 milliseconds: 20 seconds.
const MOST_QUESTIONS: u32 = 400;
/// An answer of this length is signed; unsigned ones have 5 octets.
const SIGNED: usize = 100;
