//! Answers that many share, by GET and POST.

use blackbox_tests::Daemon;

use super::{CONNECTIONS, Scale, Scene, TURNS, drive};
use crate::{
    connection::Address,
    figure::{Figure, Latency, Target},
    floor::http::Server,
    load::Outcome,
};

pub(super) fn measure(scene: &Scene<'_>, scale: Scale) -> anyhow::Result<Vec<Figure>> {
    let answer = scene.setting.world.scratch().join("answer.der");
    std::fs::write(&answer, &scene.answer)?;
    let bare = Server::start(&answer, testkit::free_port())?;
    let get = by(scene, scale, &bare, true)?;
    let post = by(scene, scale, &bare, false)?;
    Ok(vec![get, post])
}

fn by(scene: &Scene<'_>, scale: Scale, bare: &Server, get: bool) -> anyhow::Result<Figure> {
    let setting = scene.setting;
    let requests = scene.same(get);
    let floor = Address::plain(bare.address);
    let time = scale.load / TURNS;
    let (mut reached, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        reached.push(scene.drive(&requests, time)?);
        bare.push(drive(setting, &floor, &requests, time)?);
    }
    let best = |outcomes: &[Outcome]| outcomes.iter().map(Outcome::rate).fold(0.0, f64::max);
    let daemon = setting.process(Daemon::Ocsp)?;
    let before = daemon.cpu()?;
    let last = scene.drive(&requests, time)?;
    let method = if get { "get" } else { "post" };
    let mut figure = Figure::new(
        format!("ocsp-cached-{method}-{}", setting.name()),
        format!(
            "OCSP answers to {} over {CONNECTIONS} connections",
            method.to_uppercase()
        ),
        best(&reached),
        "1/s",
    )
    .against("a bare hyper server with the same answer", best(&bare))
    .target(Target::RatioAtLeast(0.85))
    .target(Target::P99AtMost(5.0));
    figure.latency = Some(Latency::of(&last.times));
    figure.cost = Some(daemon.cost(before, last.answers)?);
    Ok(figure)
}
