//! From CSR to certificate: everything on, client and daemon on the same cores.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use blackbox_tests::Daemon;
use bytes::Bytes;
use hyper::Request;

use super::{
    Scale,
    setting::{Setting, enrolments, post},
};
use crate::{
    connection::Body,
    figure::{Cost, Figure, Latency, Target},
    load::{self, Outcome, Pace, Requests},
};

/// Enrolments, each with a key of its own; a body is sent once.
struct Enrolments {
    bodies: Vec<Bytes>,
    /// For idempotency keys that no other load uses.
    load: u32,
}

impl Requests for Enrolments {
    fn request(&self, number: usize) -> Option<Request<Body>> {
        let body = self.bodies.get(number)?.clone();
        let key = format!("bench-{}-{number}", self.load);
        post(api::routes::CERTIFICATES, &key, body)
    }

    fn is_good(&self, status: u16, _: &Bytes) -> bool {
        status == 201
    }
}

/// Closed loops over several counts of connections, and an open one at half of the best rate.
///
/// # Errors
/// A request failed.
pub(crate) fn measure(setting: &Setting, scale: Scale) -> anyhow::Result<Vec<Figure>> {
    let mut best = 0.0;
    let mut figures = Vec::new();
    for &connections in scale.connections {
        let figure = one(setting, scale, connections, Pace::Closed)?;
        best = figure.value.max(best);
        figures.push(figure);
    }
    figures.push(one(setting, scale, 32, Pace::Open(best / 2.0))?);
    Ok(figures)
}

fn one(setting: &Setting, scale: Scale, connections: usize, pace: Pace) -> anyhow::Result<Figure> {
    // On both sides of the load: the machine may have more or less to give than a minute ago.
    let before = setting.token_rate()?;
    let (outcome, cost) = issue(setting, connections, pace, scale.load)?;
    let floor = f64::midpoint(before, setting.token_rate()?);
    let (kind, words) = match pace {
        Pace::Closed => ("closed", "as fast as the answers come".to_owned()),
        Pace::Open(rate) => ("open", format!("{rate:.0} a second are asked for")),
    };
    let mut figure = Figure::new(
        format!("issuing-{}-{kind}-{connections}", setting.name()),
        format!("certificates over {connections} connections, {words}"),
        outcome.rate(),
        "1/s",
    )
    .against(
        format!(
            "raw signatures of the token, {} sessions",
            setting.token_floor().1
        ),
        floor,
    );
    figure.latency = Some(Latency::of(&outcome.times));
    figure.cost = Some(cost);
    Ok(match (pace, connections, setting.algorithm()) {
        (Pace::Closed, 32, "ec-p256") => figure.target(Target::P99AtMost(50.0)),
        (Pace::Closed, BUSY, "ec-p256") => figure.target(Target::RatioAtLeast(0.20)),
        (Pace::Closed, BUSY, _) => figure.target(Target::RatioAtLeast(0.90)),
        _ => figure,
    })
}

/// Asks for certificates; what came of it, and what each cost ca-daemon.
///
/// # Errors
/// A request failed.
pub(super) fn issue(
    setting: &Setting,
    connections: usize,
    pace: Pace,
    time: Duration,
) -> anyhow::Result<(Outcome, Cost)> {
    static LOADS: AtomicU32 = AtomicU32::new(0);
    let rate = match pace {
        Pace::Closed => MOST_PER_SECOND,
        Pace::Open(rate) => rate,
    };
    let requests = Arc::new(Enrolments {
        bodies: enrolments(load::count(rate, time))?,
        load: LOADS.fetch_add(1, Ordering::Relaxed),
    });
    let daemon = setting.process(Daemon::Ca)?;
    let api = setting.api()?;
    let before = daemon.cpu()?;
    let load = load::run(&api, requests, connections, pace, time);
    let outcome = setting.runtime.block_on(load)?;
    let cost = daemon.cost(before, outcome.answers)?;
    Ok((outcome, cost))
}

/// Connections that keep daemon and token busy.
const BUSY: usize = 128;

/// Certificates for which there are requests: a load that is faster ends when it has sent them all.
const MOST_PER_SECOND: f64 = 5_000.0;
