//! From CSR to certificate: everything on, client and daemon on the same cores.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
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
    figure::{Figure, Latency, Target},
    load::{self, Outcome, Pace, Requests},
};

/// The most certificates that one load may ask for: more than any machine makes in its time.
const PER_SECOND: usize = 6_000;

struct Enrolments {
    bodies: Arc<Vec<Bytes>>,
    /// Where this load begins: a body is sent once.
    from: usize,
    used: AtomicUsize,
}

impl Requests for Enrolments {
    fn request(&self, number: usize) -> Option<Request<Body>> {
        let number = self.from + number;
        let body = self.bodies.get(number)?.clone();
        self.used.fetch_max(number + 1, Ordering::Relaxed);
        post(api::routes::CERTIFICATES, &format!("bench-{number}"), body)
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
    let loads = scale.connections.len() + 1;
    let seconds = usize::try_from(scale.load.as_secs())?;
    let most = PER_SECOND
        .min(20_000 * loads / (seconds * loads))
        .max(1_500);
    let bodies = enrolments(most * seconds * loads)?;
    let mut from = 0;
    let mut best = 0.0;
    let mut figures = Vec::new();
    for &connections in scale.connections {
        let (figure, outcome, used) =
            one(setting, scale, &bodies, from, connections, Pace::Closed)?;
        from = used;
        best = outcome.rate().max(best);
        figures.push(figure);
    }
    let half = Pace::Open(best / 2.0);
    let (figure, ..) = one(setting, scale, &bodies, from, 32, half)?;
    figures.push(figure);
    Ok(figures)
}

fn one(
    setting: &Setting,
    scale: Scale,
    bodies: &Arc<Vec<Bytes>>,
    from: usize,
    connections: usize,
    pace: Pace,
) -> anyhow::Result<(Figure, Outcome, usize)> {
    let requests = Arc::new(Enrolments {
        bodies: Arc::clone(bodies),
        from,
        used: AtomicUsize::new(from),
    });
    let daemon = setting.process(Daemon::Ca)?;
    let before = daemon.cpu()?;
    let api = setting.api()?;
    let load = load::run(&api, Arc::clone(&requests), connections, pace, scale.load);
    let outcome = setting.runtime.block_on(load)?;
    let (floor, sessions) = setting.token_floor();
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
        format!("raw signatures of the token, {sessions} sessions"),
        floor,
    );
    figure.latency = Some(Latency::of(&outcome.times));
    figure.cost = Some(daemon.cost(before, outcome.answers)?);
    if let (Pace::Closed, 32) = (pace, connections) {
        let least = if setting.algorithm() == "ec-p256" {
            0.20
        } else {
            0.90
        };
        figure = figure.target(Target::RatioAtLeast(least));
    }
    Ok((figure, outcome, requests.used.load(Ordering::Relaxed)))
}
