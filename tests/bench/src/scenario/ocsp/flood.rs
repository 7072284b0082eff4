//! What good clients notice of a flood of questions about serial numbers that do not exist.
//!
//! The flood is that of one attacker with bounded means: it has its own connections and takes its share
//! of the cores by asking alone. The budget for such questions is as it is shipped.

use std::sync::Arc;

use bytes::Bytes;
use hdrhistogram::Histogram;
use hyper::Request;
use ocsp::{CertIdHash, Query};
use pki::SerialNumber;

use super::{CONNECTIONS, Scale, Scene, TURNS, post};
use crate::{
    connection::Body,
    figure::{Figure, Latency, Target},
    load::{self, Outcome, Pace, Requests},
};

/// Each about another serial number.
struct Strange(Vec<Bytes>);

impl Requests for Strange {
    fn request(&self, number: usize) -> Option<Request<Body>> {
        post(self.0.get(number)?.clone())
    }

    /// Signed or not, it is answered.
    fn is_good(&self, status: u16, _: &Bytes) -> bool {
        status == 200
    }
}

pub(super) fn measure(scene: &Scene<'_>, scale: Scale) -> anyhow::Result<Vec<Figure>> {
    let time = scale.load / TURNS;
    let most = scene.drive(&scene.same(true), time)?.rate();
    let rate = most / 3.0;
    let (mut calm, mut flooded) = (Sum::new()?, Sum::new()?);
    for _ in 0..TURNS {
        calm.add(&good(scene, scale, rate, None)?)?;
        let strange = Strange(strange(scene, load::count(FLOOD, time))?);
        flooded.add(&good(scene, scale, rate, Some(strange))?)?;
    }
    let (before, after) = (Latency::of(&calm.times), Latency::of(&flooded.times));
    let name = scene.setting.name();
    let what = format!("while {FLOOD:.0} a second ask about random serial numbers");
    let mut reached = Figure::new(
        format!("ocsp-flood-{name}"),
        format!("OCSP answers to good clients at a third of the most, {what}"),
        flooded.rate(),
        "1/s",
    )
    .against("the same without the flood", calm.rate())
    .target(Target::RatioAtLeast(0.90));
    reached.latency = Some(after);
    let wait = |percentile: &str, after: f64, before: f64| {
        Figure::new(
            format!("ocsp-flood-{percentile}-{name}"),
            format!("{percentile} of good clients' answers {what}"),
            after,
            "ms",
        )
        .against("the same without the flood", before)
    };
    Ok(vec![
        reached,
        wait("p50", after.p50, before.p50).target(Target::RatioAtMost(1.10)),
        wait("p99", after.p99, before.p99),
    ])
}

/// Good clients, beside a flood or not.
fn good(
    scene: &Scene<'_>,
    scale: Scale,
    rate: f64,
    flood: Option<Strange>,
) -> anyhow::Result<Outcome> {
    let (setting, time) = (scene.setting, scale.load / TURNS);
    let address = setting.ocsp();
    let good = load::run(
        &address,
        scene.same(true),
        CONNECTIONS,
        Pace::Open(rate),
        time,
    );
    setting.runtime.block_on(async {
        let Some(flood) = flood else {
            return good.await;
        };
        let flood = load::run(&address, Arc::new(flood), FLOODING, Pace::Open(FLOOD), time);
        let (good, flood) = tokio::join!(good, flood);
        flood?;
        good
    })
}

fn strange(scene: &Scene<'_>, count: usize) -> anyhow::Result<Vec<Bytes>> {
    let mut requests = Vec::with_capacity(count);
    for _ in 0..count {
        let mut serial = [0x1f; 18];
        aws_lc_rs::rand::fill(serial.get_mut(1..).unwrap_or_default())?;
        let serial = SerialNumber::from_bytes(&serial)?;
        let query = Query::new(&scene.issuer, &[serial], CertIdHash::Sha1, None)?;
        requests.push(Bytes::copy_from_slice(query.der()));
    }
    Ok(requests)
}

/// All turns of one side.
struct Sum {
    times: Histogram<u64>,
    rates: f64,
}

impl Sum {
    fn new() -> anyhow::Result<Self> {
        Ok(Self {
            times: Histogram::new(3)?,
            rates: 0.0,
        })
    }

    fn add(&mut self, turn: &Outcome) -> anyhow::Result<()> {
        self.times.add(&turn.times)?;
        self.rates += turn.rate();
        Ok(())
    }

    fn rate(&self) -> f64 {
        self.rates / f64::from(TURNS)
    }
}

/// Questions a second.
const FLOOD: f64 = 2_000.0;
/// Connections of the flood.
const FLOODING: usize = 16;
