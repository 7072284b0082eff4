//! From the request to revoke to the 200 that says that every responder has it.

mod responder;

use std::sync::Arc;

use blackbox_tests::statement;
use bytes::Bytes;
use hyper::Request;
use serde_json::json;

use self::responder::Responder;
use super::{
    Scale,
    issuing::issue,
    setting::{Setting, enrolments, post},
};
use crate::{
    connection::Body,
    figure::{Figure, Latency, Target},
    load::{self, Pace, Requests},
};

struct Revocations {
    paths: Vec<String>,
    body: Bytes,
}

impl Requests for Revocations {
    fn request(&self, number: usize) -> Option<Request<Body>> {
        let key = format!("revoke-{number}");
        post(self.paths.get(number)?, &key, self.body.clone())
    }

    fn is_good(&self, status: u16, _: &Bytes) -> bool {
        status == 200
    }
}

/// Certificates are issued first; then they are revoked over a few connections, with three responders
/// to wait for, while others ask for certificates at half of the rate that was reached before.
///
/// # Errors
/// A request failed, or a responder cannot be started.
pub(crate) fn measure(setting: &Setting, scale: Scale) -> anyhow::Result<Vec<Figure>> {
    let seconds = scale.load.as_secs_f64();
    let paths = issued(setting, load::count(REVOCATIONS, scale.load))?;
    let _others = [
        Responder::start(&setting.world, 2)?,
        Responder::start(&setting.world, 3)?,
    ];
    let (closed, _) = issue(setting, ISSUING, Pace::Closed, scale.load / 2)?;
    let half = closed.rate() / 2.0;
    let body = json!({ "ground": "sub.request", "evidence": [statement::evidence("name")] });
    let body = serde_json::to_vec(&body)?.into();
    let revocations = Arc::new(Revocations { paths, body });
    let api = setting.api()?;
    let pace = Pace::Open(REVOCATIONS);
    let time = scale.load;
    let revoking = setting
        .runtime
        .spawn(async move { load::run(&api, revocations, CONNECTIONS, pace, time).await });
    let (beside, _) = issue(setting, ISSUING, Pace::Open(half), time)?;
    let outcome = setting.runtime.block_on(revoking)??;
    let mut figure = Figure::new(
        format!("revoking-{}", setting.name()),
        format!(
            "revocations, each answered when three responders have it, while {:.0} of {half:.0} \
             certificates a second are issued for {seconds:.0} s",
            beside.rate(),
        ),
        outcome.rate(),
        "1/s",
    )
    .target(Target::P99AtMost(100.0));
    figure.latency = Some(Latency::of(&outcome.times));
    Ok(vec![figure])
}

/// Issues certificates; the paths to revoke them.
fn issued(setting: &Setting, count: usize) -> anyhow::Result<Vec<String>> {
    let mut paths = Vec::new();
    for (number, body) in enrolments(count)?.iter().enumerate() {
        let body: serde_json::Value = serde_json::from_slice(body)?;
        let key = format!("to-revoke-{number}");
        let issued = setting
            .world
            .ra()
            .submit(api::routes::CERTIFICATES, &key, &body);
        let issued: api::IssuedBody = issued.expect(201).read();
        let serial = issued.certificate.summary.serial;
        paths.push(blackbox_tests::enrolment::path(api::routes::REVOKE, serial));
    }
    Ok(paths)
}

/// Revocations a second, over so many connections.
const REVOCATIONS: f64 = 50.0;
const CONNECTIONS: usize = 16;
/// Connections of those who ask for certificates.
const ISSUING: usize = 32;
