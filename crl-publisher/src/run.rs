//! The daemon: opens what it needs, follows, publishes, serves, ends.

use std::{future::ready, sync::Arc, time::Duration};

use anyhow::Context as _;
use feed::{Follower, FollowerConfig};
use pki::time::{SharedClock, Timestamp};
use service::{Health, Lifecycle, SystemClock, http::bind, notify, ops, tls::client_config};
use store::copy::StatusCopy;
use tokio::sync::{Notify, watch};

use crate::{
    config::{Config, FeedConfig},
    follow::{self, PublisherSink},
    http::HttpShelf,
    ledger::Ledger,
    metrics,
    output::{Bucket, Directory, Output},
    probe,
    publisher::{Parts, Publisher, Standing, State},
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
    let state = watch::Sender::<State>::default();
    let follower = Arc::new(follower(&config.feed, &clock)?);
    let copy = StatusCopy::open(&config.copy.path)
        .await
        .context("the copy")?;
    let parts = Parts {
        clock: Arc::clone(&clock),
        copy: copy.clone(),
        source: Arc::new(follower.lists()),
        outputs: outputs(&config)?,
        shelf: Arc::clone(&shelf),
        ledger: Ledger::open(&config.ledger())?,
        terms: config.cache_terms(),
        max_bytes: config.gate.max_bytes,
        state: state.clone(),
    };
    let mut publisher = Publisher::new(parts);
    publisher.resume().await?;
    let changed = Arc::new(Notify::new());
    let sink = PublisherSink::load(copy.clone(), state.clone(), Arc::clone(&changed)).await?;
    let public = bind(config.listen.public).await?;
    let operations = bind(config.listen.operations).await?;
    let health = Health::new();
    let lifecycle = Lifecycle::new(config.shutdown);

    add_check(&health, state.subscribe(), &clock);
    ops::serve(operations, recorder, health, &lifecycle);
    spawn_watch(&lifecycle, state.subscribe(), &clock);
    let acknowledge = follow::acknowledge(state.subscribe(), follower.acknowledger());
    spawn_until_stop(&lifecycle, "acknowledgements", acknowledge);
    let publish = follow::publish(publisher, changed, Arc::clone(&clock));
    spawn_until_stop(&lifecycle, "publisher", publish);
    if let Some(terms) = &config.probe {
        probe::spawn(&lifecycle, copy, Arc::clone(&clock), terms);
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

fn outputs(config: &Config) -> anyhow::Result<Vec<Output>> {
    let mut outputs = Vec::new();
    if let Some(directory) = &config.directory {
        let directory = Directory::open(directory.path.clone());
        outputs.push(Output::Directory(directory));
    }
    if let Some(bucket) = &config.object_store {
        let bucket = Bucket::open(bucket).context("object_store")?;
        outputs.push(Output::Bucket(bucket));
    }
    Ok(outputs)
}

fn follower(config: &FeedConfig, clock: &SharedClock) -> anyhow::Result<Follower> {
    let tls = client_config(&config.tls).context("feed.tls")?;
    let config = FollowerConfig::new(&config.url, tls, &config.name, Arc::clone(clock));
    Ok(Follower::new(config)?)
}

/// Ready with a list, and while no published list is over that somebody relies on. What one list
/// lacks is an alarm for people, not a reason to withdraw the others.
fn add_check(health: &Health, state: watch::Receiver<State>, clock: &SharedClock) {
    let clock = Arc::clone(clock);
    health.check("lists", move || lists_stand(&state.borrow(), clock.now()));
}

fn lists_stand(state: &State, now: Timestamp) -> Result<(), String> {
    let published = || {
        let standings = state.standings.iter();
        standings.filter_map(|standing| Some((standing, standing.published?)))
    };
    if published().next().is_none() {
        return Err("none is published".to_owned());
    }
    let over: Vec<String> = published()
        .filter(|(standing, list)| standing.needed && list.next_update <= now)
        .map(|(standing, list)| {
            let Standing { issuer, scope, .. } = standing;
            format!("{issuer} {scope} ended {}", list.next_update)
        })
        .collect();
    if over.is_empty() {
        Ok(())
    } else {
        Err(over.join(", "))
    }
}

/// Keeps the gauges up to date.
fn spawn_watch(lifecycle: &Lifecycle, state: watch::Receiver<State>, clock: &SharedClock) {
    let clock = Arc::clone(clock);
    let watch = async move {
        let mut before = State::default();
        loop {
            let now = state.borrow().clone();
            metrics::watched(&now, &before, clock.now());
            before = now;
            tokio::time::sleep(WATCH).await;
        }
    };
    spawn_until_stop(lifecycle, "watch", watch);
}

/// Runs in the background until the daemon is told to end.
fn spawn_until_stop(
    lifecycle: &Lifecycle,
    name: &'static str,
    work: impl Future<Output = ()> + Send + 'static,
) {
    let stopping = lifecycle.stopping();
    lifecycle.background(name, async move {
        stopping.run_until_cancelled(work).await;
    });
}

/// Follows the feed, with new TLS files after SIGHUP.
fn spawn_follower(
    lifecycle: &Lifecycle,
    follower: Arc<Follower>,
    config: &FeedConfig,
    sink: PublisherSink,
) {
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

/// How often the gauges are set.
const WATCH: Duration = Duration::from_secs(10);
