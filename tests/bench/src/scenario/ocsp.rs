//! OCSP: answers that many share, answers for one client, a flood, and copies of a full feed.

mod cached;
mod flood;
mod nonce;
mod restart;
mod snapshot;

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, bail};
use blackbox_tests::{Key, KeyKind, enrolment};
use bytes::Bytes;
use hyper::{Request, header};
use jiff::SignedDuration;
use ocsp::{Asked, CertIdHash, CertStatus, Query};
use pki::{Certificate, time::Clock as _};
use service::SystemClock;

use super::{Scale, footprint, setting::Setting, settled};
use crate::{
    connection::{Address, Body, Connection},
    figure::Figure,
    load::{self, Outcome, Pace, Requests},
};

/// A good certificate that the responder has heard of.
struct Scene<'a> {
    setting: &'a Setting,
    issuer: Certificate,
    certificate: Certificate,
    /// Without a nonce.
    query: Query,
    /// What the responder answers to it.
    answer: Bytes,
}

/// One request again and again.
struct Same {
    /// By GET.
    path: Option<String>,
    der: Bytes,
}

/// Cached answers by GET and POST against a bare server, answers with a nonce against the token, and
/// what a flood of other questions changes.
///
/// # Errors
/// A request failed.
pub(crate) fn measure(setting: &Setting, scale: Scale) -> anyhow::Result<Vec<Figure>> {
    let scene = Scene::new(setting)?;
    let mut figures = cached::measure(&scene, scale)?;
    figures.push(nonce::measure(&scene, scale)?);
    figures.extend(flood::measure(&scene, scale)?);
    Ok(figures)
}

/// Start and memory with a full copy, and how a full copy is made.
///
/// # Errors
/// The database cannot be filled, or the copy is not made.
pub(crate) fn full(setting: &Setting, scale: Scale) -> anyhow::Result<Vec<Figure>> {
    if setting.algorithm() != "ec-p256" {
        return Ok(Vec::new());
    }
    let filled = setting.filled(scale)?;
    let mut figures = restart::measure(setting, filled, scale)?;
    figures.push(snapshot::measure(filled, scale)?);
    Ok(figures)
}

impl<'a> Scene<'a> {
    fn new(setting: &'a Setting) -> anyhow::Result<Self> {
        let world = &setting.world;
        let key = Key::new(&world.scratch(), KeyKind::P256);
        let enrolled = enrolment::enroll(world.ra(), "esign-individual", &key, "Bench");
        let pem = enrolled.certificate.certificate.unwrap_or_default();
        let certificate = Certificate::parse_pem(&pem)?;
        let issuer = Certificate::parse_pem(&std::fs::read_to_string(world.issuer("esign-ca"))?)?;
        let query = Query::about(&certificate, &issuer, CertIdHash::Sha1, None)?;
        let answer = answered(setting, &query, &issuer)?;
        Ok(Self {
            setting,
            issuer,
            certificate,
            query,
            answer,
        })
    }

    fn same(&self, by_get: bool) -> Arc<Same> {
        Arc::new(Same {
            path: by_get.then(|| format!("/{}", self.query.get_path())),
            der: Bytes::copy_from_slice(self.query.der()),
        })
    }

    /// Sends requests to the responder.
    fn drive(&self, requests: &Arc<impl Requests>, time: Duration) -> anyhow::Result<Outcome> {
        drive(self.setting, &self.setting.ocsp(), requests, time)
    }
}

impl Requests for Same {
    fn request(&self, _: usize) -> Option<Request<Body>> {
        match &self.path {
            Some(path) => get(path),
            None => post(self.der.clone()),
        }
    }

    fn is_good(&self, status: u16, body: &Bytes) -> bool {
        is_signed(status, body)
    }
}

fn drive(
    setting: &Setting,
    address: &Address,
    requests: &Arc<impl Requests>,
    time: Duration,
) -> anyhow::Result<Outcome> {
    let requests = Arc::clone(requests);
    let load = load::run(address, requests, CONNECTIONS, Pace::Closed, time);
    setting.runtime.block_on(load)
}

/// The answer, once the responder has heard of the certificate.
fn answered(setting: &Setting, query: &Query, issuer: &Certificate) -> anyhow::Result<Bytes> {
    let der = Bytes::copy_from_slice(query.der());
    setting.runtime.block_on(async {
        let mut connection = Connection::open(&setting.ocsp()).await?;
        for _ in 0..MOST_QUESTIONS {
            let request = post(der.clone()).context("no request")?;
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

fn is_signed(status: u16, body: &Bytes) -> bool {
    status == 200 && body.len() > SIGNED
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
/// What disturbs one side of a comparison is to disturb the other: they take turns.
const TURNS: u32 = 4;
/// Asked every 50 milliseconds: 20 seconds.
const MOST_QUESTIONS: u32 = 400;
/// An answer of this length is signed; unsigned ones have 5 octets.
const SIGNED: usize = 100;
