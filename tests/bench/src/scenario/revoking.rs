//! From the request to revoke to the 200 that says that every responder has it.

use std::sync::Arc;

use blackbox_tests::Daemon;
use bytes::Bytes;
use hyper::Request;

use super::{
    Scale,
    setting::{Setting, enrolments, post},
};
use crate::{
    connection::Body,
    figure::{Figure, Latency, Target},
    load::{self, Pace, Requests},
};

const CERTIFICATES: usize = 400;

struct Revocations {
    paths: Vec<String>,
}

impl Requests for Revocations {
    fn request(&self, number: usize) -> Option<Request<Body>> {
        let body = Bytes::from_static(REQUEST.as_bytes());
        post(self.paths.get(number)?, &format!("revoke-{number}"), body)
    }

    fn is_good(&self, status: u16, _: &Bytes) -> bool {
        status == 200
    }
}

/// Certificates are issued first, then revoked over a few connections.
///
/// # Errors
/// A request failed.
pub(crate) fn measure(setting: &Setting, scale: Scale) -> anyhow::Result<Vec<Figure>> {
    let ra = setting.world.ra();
    let mut paths = Vec::new();
    for (number, body) in enrolments(CERTIFICATES)?.iter().enumerate() {
        let body: serde_json::Value = serde_json::from_slice(body)?;
        let issued = ra.submit(
            api::routes::CERTIFICATES,
            &format!("to-revoke-{number}"),
            &body,
        );
        let issued: api::IssuedBody = issued.expect(201).read();
        let serial = issued.certificate.summary.serial;
        paths.push(blackbox_tests::enrolment::path(api::routes::REVOKE, serial));
    }
    let daemon = setting.process(Daemon::Ca)?;
    let before = daemon.cpu()?;
    let revocations = Arc::new(Revocations { paths });
    let api = setting.api()?;
    let load = load::run(&api, revocations, 4, Pace::Closed, scale.load);
    let outcome = setting.runtime.block_on(load)?;
    let mut figure = Figure::new(
        format!("revoking-{}", setting.name()),
        "revocations, each answered when every responder has it, over 4 connections",
        outcome.rate(),
        "1/s",
    )
    .target(Target::P99AtMost(100.0));
    figure.latency = Some(Latency::of(&outcome.times));
    figure.cost = Some(daemon.cost(before, outcome.answers)?);
    Ok(vec![figure])
}

const REQUEST: &str = r#"{"ground": "sub.request"}"#;
