//! What a full database changes: rate of issuing, time to start, memory.

use super::{Scale, footprint, issuing, setting::Setting};
use crate::{
    figure::{Cost, Figure, Latency, Target},
    load::{Outcome, Pace},
};

/// Issues by turns with an almost empty and with a full database; then looks at the footprint of the
/// full one.
///
/// # Errors
/// It cannot be filled, or a request failed.
pub(crate) fn measure(setting: &Setting, scale: Scale) -> anyhow::Result<Vec<Figure>> {
    if setting.algorithm() != "ec-p256" {
        return Ok(Vec::new());
    }
    let filled = setting.filled(scale)?;
    let turn = |setting| issuing::issue(setting, CONNECTIONS, Pace::Closed, scale.load / TURNS);
    let (mut empty, mut full) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        empty.push(turn(setting)?);
        full.push(turn(&filled.setting)?);
    }
    let certificates = scale.full.certificates;
    let mut figures = vec![
        figure(setting, &full, certificates)
            .against("the same with an almost empty database", rate(&empty))
            .target(Target::RatioAtLeast(0.90)),
    ];
    figures.extend(footprint::full(filled, certificates)?);
    Ok(figures)
}

fn figure(setting: &Setting, turns: &[(Outcome, Cost)], certificates: u64) -> Figure {
    let mut figure = Figure::new(
        format!("issuing-{}-full", setting.name()),
        format!(
            "certificates over {CONNECTIONS} connections with {certificates} in the database already"
        ),
        rate(turns),
        "1/s",
    );
    if let Some((outcome, cost)) = turns.last() {
        figure.latency = Some(Latency::of(&outcome.times));
        figure.cost = Some(*cost);
    }
    figure
}

/// The mean rate of all turns.
fn rate(turns: &[(Outcome, Cost)]) -> f64 {
    let rates = turns.iter().map(|(outcome, _)| outcome.rate());
    rates.sum::<f64>() / f64::from(TURNS)
}

const CONNECTIONS: usize = 32;
const TURNS: u32 = 4;
