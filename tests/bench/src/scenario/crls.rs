//! CRLs: from the database to what relying parties fetch, beside reading, hashing and signing alone.

mod floor;
mod scene;

use std::time::Duration;

use anyhow::Context as _;
use blackbox_tests::Daemon;
use pki::CrlScope;

use self::scene::{Deltas, Made, Round, Scene};
use super::{Scale, setting::Setting};
use crate::figure::{Figure, Target, real};

/// Entries of the list that a delta is compared with.
const FEW: u64 = 1_000;
/// Entries of each shard.
const IN_SHARD: u64 = 10_000;
/// How often each list is made; the median counts.
const ROUNDS: usize = 5;

/// A CA with few revoked certificates, then with many.
///
/// # Errors
/// A daemon or SQLite failed.
pub(crate) fn measure(setting: &Setting, scale: Scale) -> anyhow::Result<Vec<Figure>> {
    if setting.name() != "sqlite-ec-p256" {
        return Ok(Vec::new());
    }
    let many = if scale.wide { 1_000_000 } else { 100_000 };
    let mut scene = Scene::start(setting.binaries(), u16::try_from(many / IN_SHARD)?);
    let empty = scene.memory()?;
    scene.fill(FEW)?;
    let few = scene.deltas(ROUNDS)?;
    scene.fill(many - FEW)?;
    scene.start_again();
    let delta = scene.deltas(ROUNDS)?;
    let rounds = scene.all(ROUNDS)?;
    let mut figures = works(setting, &scene, many, &rounds)?;
    figures.extend(beside(many, &few, &delta)?);
    for (scope, bound) in [
        (CrlScope::Full, scene::FULL_BOUND),
        (CrlScope::Delta, scene::DELTA_BOUND),
    ] {
        figures.push(visible(scope, many, &rounds, bound)?);
    }
    figures.extend(memory(&scene, many, empty)?);
    Ok(figures)
}

/// A delta beside few entries and beside many, and the first one after a start.
fn beside(many: u64, few: &Deltas, delta: &Deltas) -> anyhow::Result<[Figure; 2]> {
    let next = Figure::new(
        format!("crl-delta-beside-{many}"),
        format!("delta of few entries beside a list of {many}"),
        milliseconds(median(delta.others.iter())?),
        "ms",
    )
    .against(
        format!("the same beside a list of {FEW}"),
        milliseconds(median(few.others.iter())?),
    )
    .target(Target::RatioAtMost(1.5));
    let first = Figure::new(
        format!("crl-visible-restart-{many}"),
        format!(
            "from a revocation, beside {many}, right after the start of ca-daemon and crl-publisher \
             until the delta list with it is published"
        ),
        milliseconds(delta.first.visible()),
        "ms",
    )
    .target(Target::AtMost(milliseconds(scene::DELTA_BOUND)));
    Ok([next, first])
}

/// The most that each daemon had above what it needed without lists.
fn memory(scene: &Scene, many: u64, empty: Vec<(Daemon, u64)>) -> anyhow::Result<Vec<Figure>> {
    let figure = |(daemon, before): (Daemon, u64)| {
        let peak = scene.process(daemon)?.memory()?.1.saturating_sub(before);
        let program = daemon.program();
        // One makes its lists one after another, the other serves them all.
        let (what, octets) = match daemon {
            Daemon::Crl => ("the lists that it publishes", scene.size()?),
            Daemon::Ca | Daemon::Ocsp => (
                "the list",
                u64::try_from(scene.list(CrlScope::Full)?.len())?,
            ),
        };
        let figure = Figure::new(
            format!("crl-memory-{program}-{many}"),
            format!("most memory of {program} above what it needs without lists"),
            real(peak) / MEBIBYTE,
            "MiB",
        );
        let figure = figure.against(what, real(octets) / MEBIBYTE);
        Ok(figure.target(Target::RatioAtMost(3.0)))
    };
    empty.into_iter().map(figure).collect()
}

/// What a complete list and a shard take, beside their floors.
fn works(
    setting: &Setting,
    scene: &Scene,
    many: u64,
    rounds: &[Round],
) -> anyhow::Result<Vec<Figure>> {
    let (rate, sessions) = setting.token_floor();
    let signature = Duration::from_secs_f64(real(u64::try_from(sessions)?) / rate);
    let figure = |scope: CrlScope, name: String| -> anyhow::Result<(Figure, f64)> {
        let hash = floor::hash(&scene.list(scope)?);
        let select = floor::select(&scene.database(), scope.shard())?;
        let floor = milliseconds(select + hash + signature);
        // Of shards the one that the revoked certificate is in.
        let same = |other: CrlScope| {
            other == scope || (other.shard().is_some() && scope.shard().is_some())
        };
        let made = rounds.iter().flatten();
        let work = median(
            made.filter(|(other, _)| same(**other))
                .map(|(_, made)| made),
        )?;
        let what = format!("{name}: built, signed, checked and published");
        let figure = Figure::new(name, what, milliseconds(work), "ms").against(FLOOR, floor);
        Ok((figure, floor))
    };
    let (full, _) = figure(CrlScope::Full, format!("crl-of-{many}"))?;
    let (shard, floor) = figure(CrlScope::Shard(0), format!("crl-shard-of-{IN_SHARD}"))?;
    Ok(vec![
        full.target(Target::RatioAtMost(2.0)),
        shard.target(Target::AtMost(floor + 100.0)),
    ])
}

fn visible(
    scope: CrlScope,
    many: u64,
    rounds: &[Round],
    bound: Duration,
) -> anyhow::Result<Figure> {
    let lists = rounds.iter().filter_map(|round| round.get(&scope));
    let longest = lists.map(Made::visible).max().context("no list")?;
    let what = format!(
        "longest time from a revocation, beside {many}, until the {scope} list with it is published"
    );
    let name = format!("crl-visible-{scope}-{many}");
    let figure = Figure::new(name, what, milliseconds(longest), "ms");
    Ok(figure.target(Target::AtMost(milliseconds(bound))))
}

fn median<'a>(lists: impl Iterator<Item = &'a Made>) -> anyhow::Result<Duration> {
    let mut times: Vec<_> = lists.map(Made::work).collect();
    times.sort_unstable();
    times
        .get(times.len() / 2)
        .copied()
        .context("no list was made")
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

const FLOOR: &str = "plain SELECT of the rows, SHA-256 of the list, one signature of the token";
const MEBIBYTE: f64 = 1_048_576.0;
