//! The daemon: opens what it needs, follows, publishes, serves, ends.

use std::{future::ready, sync::Arc, time::Duration};

use anyhow::Context as _;
use feed::{Acknowledger, Follower, FollowerConfig};
use pki::time::{SharedClock, Timestamp};
use service::{Health, Lifecycle, SystemClock, http::bind, notify, ops, tls::client_config};
use store::copy::StatusCopy;

use crate::{
    config::{Config, FeedConfig},
    directory::Directory,
    follow::{PublisherSink, State},
    http::HttpShelf,
    metrics, probe,
    publisher::Publisher,
    shelf::Shelf,
};

/// Runs until the process is told to end.
///
/// # Errors
/// What keeps the daemon from serving.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let recorder = ops::install_metrics()?;
    metrics::describe();
    let clock: SharedClock = Arc::new(SystemClock);
    let shelf = Arc::new(Shelf::default());
    let sink = Arc::new(load(&config, &clock, &shelf).await?);
    let follower = follower(&config.feed, &clock)?;
    let public = bind(config.listen.public).await?;
    let operations = bind(config.listen.operations).await?;
    let health = Health::new();
    let lifecycle = Lifecycle::new(config.shutdown);

    add_check(&health, &sink, &clock);
    ops::serve(operations, recorder, health, &lifecycle);
    spawn_watch(&lifecycle, &sink, follower.acknowledger(), &clock);
    if let Some(terms) = &config.probe {
        probe::spawn(&lifecycle, sink.copy().clone(), Arc::clone(&clock), terms);
    }
    spawn_follower(&lifecycle, follower, &config.feed, sink);
    let http = HttpShelf::new(shelf, clock);
    let service = tower::service_fn(move |request| ready(http.serve(&request)));
    let daemon = lifecycle.clone();
    lifecycle.spawn("public listener", async move {
        service::http::serve_plain(public, service, config.limits, &daemon).await
    });
    notify::spawn_watchdog(&lifecycle);
    notify::ready();
    tracing::info!(listen = %config.listen.public, "serving");
    Ok(lifecycle.run().await?)
}

async fn load(
    config: &Config,
    clock: &SharedClock,
    shelf: &Arc<Shelf>,
) -> anyhow::Result<PublisherSink> {
    let copy = StatusCopy::open(&config.copy.path)
        .await
        .context("the copy")?;
    let publisher = Publisher::new(
        Arc::clone(clock),
        Directory::new(config.directory.path.clone()),
        Arc::clone(shelf),
        config.cache_terms(),
    );
    Ok(PublisherSink::load(copy, publisher).await?)
}

fn follower(config: &FeedConfig, clock: &SharedClock) -> anyhow::Result<Follower> {
    let tls = client_config(&config.tls).context("feed.tls")?;
    let config = FollowerConfig::new(&config.url, tls, &config.name, Arc::clone(clock));
    Ok(Follower::new(config)?)
}

/// Ready with a list, and while no published list is over. What one list lacks is an alarm for
/// people, not a reason to withdraw the others.
fn add_check(health: &Health, sink: &PublisherSink, clock: &SharedClock) {
    let (state, clock) = (sink.state(), Arc::clone(clock));
    health.check("lists", move || lists_stand(&state.borrow(), clock.now()));
}

fn lists_stand(state: &State, now: Timestamp) -> Result<(), String> {
    let published = || {
        let standings = state.standings.iter();
        standings.filter_map(|(name, standing)| Some((name, standing.published?)))
    };
    if published().next().is_none() {
        return Err("none is published".to_owned());
    }
    let over = published().find(|(_, (_, next_update))| *next_update <= now);
    over.map_or(Ok(()), |(name, (_, next_update))| {
        Err(format!("that of {name} ended {next_update}"))
    })
}

/// Tries again what could not be published, and keeps the gauges up to date.
fn spawn_watch(
    lifecycle: &Lifecycle,
    sink: &Arc<PublisherSink>,
    acknowledger: Acknowledger,
    clock: &SharedClock,
) {
    let (sink, clock) = (Arc::clone(sink), Arc::clone(clock));
    let stopping = lifecycle.stopping();
    let watch = async move {
        loop {
            match sink.retry().await {
                Ok(true) => acknowledger.acknowledge(),
                Ok(false) => {}
                Err(error) => tracing::error!(%error, "cannot try again"),
            }
            metrics::watched(&sink.state().borrow(), clock.now());
            tokio::time::sleep(WATCH).await;
        }
    };
    lifecycle.background("watch", async move {
        stopping.run_until_cancelled(watch).await;
    });
}

/// Follows the feed, with new TLS files after SIGHUP.
fn spawn_follower(
    lifecycle: &Lifecycle,
    follower: Follower,
    config: &FeedConfig,
    sink: Arc<PublisherSink>,
) {
    let follower = Arc::new(follower);
    let (following, stopping) = (Arc::clone(&follower), lifecycle.stopping());
    lifecycle.spawn("feed follower", async move {
        following.run(sink, stopping).await;
    });
    let (mut reloads, stopping) = (lifecycle.reloads(), lifecycle.stopping());
    let files = config.tls.clone();
    lifecycle.background("reload", async move {
        while let Some(Ok(())) = stopping.run_until_cancelled(reloads.changed()).await {
            let replaced = client_config(&files).map_err(anyhow::Error::from);
            let replaced = replaced.and_then(|tls| Ok(follower.replace_tls(tls)?));
            if let Err(error) = replaced {
                tracing::error!(error = format!("{error:#}"), "TLS files stay as they were");
            }
        }
    });
}

/// How often what could not be published is tried again.
const WATCH: Duration = Duration::from_secs(10);
