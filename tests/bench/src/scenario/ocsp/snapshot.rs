//! The first copy of a full feed: from an empty file to everything known and durable.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use blackbox_tests::Daemon;
use bytes::Bytes;
use feed::wire::{FOLLOW_ROUTE, FollowQuery, MAX_LIMIT, PAGE_HEADER};
use http_body_util::BodyExt as _;
use hyper::{Request, header};

use super::{Scale, settled};
use crate::{
    connection::{Body, Connection},
    figure::{Figure, Target, real},
    floor,
    scenario::setting::{Filled, Setting},
};

pub(super) fn measure(filled: &Filled, scale: Scale) -> anyhow::Result<Figure> {
    let setting = &filled.setting;
    let head = settled::sequence(setting, Daemon::Ocsp);
    let took = copy_anew(setting, head)?;
    let octets = setting.runtime.block_on(snapshot(setting))?;
    let size = octets.len();
    let copied = setting.world.scratch().join("copied");
    let server = floor::copy::Server::new(&setting.world.run(), octets)?;
    let mut floor = Duration::MAX;
    for _ in 0..ROUNDS {
        let copying = floor::copy::copy(&server, setting.follower()?, &copied);
        floor = floor.min(setting.runtime.block_on(copying)?);
    }
    let rate =
        |time: Duration| real(u64::try_from(size).unwrap_or(u64::MAX)) / 1e6 / time.as_secs_f64();
    let certificates = scale.full.certificates;
    Ok(Figure::new(
        format!("ocsp-snapshot-{}", setting.name()),
        format!(
            "first copy of a feed with {certificates} certificates, {} MB, in {:.1} s",
            size / 1_000_000,
            took.as_secs_f64()
        ),
        rate(took),
        "MB/s",
    )
    .against(
        "the same octets from memory over mutual TLS into a file that is synced",
        rate(floor),
    )
    .target(Target::RatioAtLeast(0.5)))
}

/// Starts the responder without a copy; how long until it knows all.
fn copy_anew(setting: &Setting, head: u64) -> anyhow::Result<Duration> {
    let world = &setting.world;
    world.stop(Daemon::Ocsp);
    for file in fs::read_dir(world.run().join("ocsp"))? {
        let path = file?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with("copy.db") {
            fs::remove_file(&path)?;
        }
    }
    let begun = Instant::now();
    world.launch(Daemon::Ocsp);
    while settled::sequence(setting, Daemon::Ocsp) < head {
        ensure!(begun.elapsed() < PATIENCE, "the copy is not made");
        thread::park_timeout(LOOK);
    }
    Ok(begun.elapsed())
}

/// The octets of all pages.
async fn snapshot(setting: &Setting) -> anyhow::Result<Bytes> {
    let mut connection = Connection::open(&setting.follower()?).await?;
    let mut octets = Vec::new();
    let mut query = FollowQuery {
        after: 0,
        limit: MAX_LIMIT,
        wait: 0,
        page: None,
    };
    loop {
        let request = Request::get(format!("{FOLLOW_ROUTE}?{}", query.to_query()))
            .header(header::HOST, "127.0.0.1")
            .body(Body::default())?;
        let answer = connection.ask(request).await?;
        ensure!(answer.status().is_success(), "{}", answer.status());
        let next = answer.headers().get(PAGE_HEADER).cloned();
        octets.extend_from_slice(&answer.into_body().collect().await?.to_bytes());
        let Some(next) = next else {
            return Ok(octets.into());
        };
        query.page = Some(next.to_str().context("page")?.to_owned());
    }
}

const ROUNDS: u32 = 3;
const LOOK: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_mins(10);
