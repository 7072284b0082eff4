//! The daemon: opens what it needs, follows, answers, ends.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use feed::{Follower, FollowerConfig};
use hsm::Token;
use pki::time::{SharedClock, Timestamp};
use service::{
    Health, Lifecycle, SystemClock, health::Condition, http::bind, notify, ops, tls::client_config,
};
use store::copy::StatusCopy;

use crate::{
    answer::{AnswerSigner, Responder, ResponderParts},
    authority::Authorities,
    config::{Config, FeedConfig},
    follow::ResponderSink,
    freshness::Freshness,
    heard::HeardFile,
    http::HttpResponder,
    index::StatusIndex,
    key, metrics,
};

/// Runs until the process is told to end.
///
/// # Errors
/// What keeps the daemon from serving.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let recorder = ops::install_metrics()?;
    metrics::describe();
    let (token, signer) = key::open(&config).await.context("the token")?;
    let state = State::load(&config, signer).await?;
    let follower = follower(&config.feed, &state.clock)?;
    let public = bind(config.listen.public).await?;
    let operations = bind(config.listen.operations).await?;
    let health = Health::new();
    let lifecycle = Lifecycle::new(config.shutdown);

    let token_condition = health.condition("token");
    add_checks(&health, &state);
    ops::serve(operations, recorder, health, &lifecycle);
    spawn_follower(&lifecycle, follower, &config.feed, &state);
    spawn_watch(&lifecycle, &state, token.clone(), token_condition);
    let http = HttpResponder::new(
        Arc::clone(&state.responder),
        Arc::clone(&state.clock),
        config.http_terms(),
    );
    let service = tower::service_fn(move |request| http.clone().serve(request));
    let daemon = lifecycle.clone();
    lifecycle.spawn("public listener", async move {
        service::http::serve_plain(public, service, config.limits, &daemon).await
    });
    notify::spawn_watchdog(&lifecycle);
    notify::ready();
    tracing::info!(listen = %config.listen.public, "answering");
    let ended = lifecycle.run().await;
    token.close().await;
    Ok(ended?)
}

/// What the parts share.
struct State {
    clock: SharedClock,
    authorities: Arc<Authorities>,
    freshness: Arc<Freshness>,
    sink: Arc<ResponderSink>,
    heard_file: HeardFile,
    responder: Arc<Responder>,
}

impl State {
    async fn load(config: &Config, signer: Arc<dyn AnswerSigner>) -> anyhow::Result<Self> {
        let clock: SharedClock = Arc::new(SystemClock);
        let path = &config.copy.path;
        let copy = StatusCopy::open(path).await.context("the copy")?;
        let heard_file = HeardFile::beside(path);
        let heard = heard_file.read(copy.cursor().await?);
        let max_staleness = config.answers.max_staleness.get();
        let freshness = Arc::new(Freshness::new(Arc::clone(&clock), max_staleness, heard));
        let authorities = Arc::new(Authorities::new(signer.public_key().clone()));
        let index = Arc::new(StatusIndex::default());
        let sink = ResponderSink::load(
            copy,
            &config.feed.name,
            Arc::clone(&index),
            Arc::clone(&authorities),
            Arc::clone(&freshness),
        );
        let sink = Arc::new(sink.await.context("the copy")?);
        let parts = ResponderParts {
            clock: Arc::clone(&clock),
            authorities: Arc::clone(&authorities),
            index,
            freshness: Arc::clone(&freshness),
            signer,
        };
        Ok(Self {
            responder: Arc::new(Responder::new(parts, config.answers.terms())),
            clock,
            authorities,
            freshness,
            sink,
            heard_file,
        })
    }
}

fn follower(config: &FeedConfig, clock: &SharedClock) -> anyhow::Result<Follower> {
    let tls = client_config(&config.tls).context("feed.tls")?;
    let config = FollowerConfig::new(&config.url, tls, &config.name, Arc::clone(clock));
    Ok(Follower::new(config)?)
}

fn add_checks(health: &Health, state: &State) {
    let freshness = Arc::clone(&state.freshness);
    health.check("feed", move || match freshness.known_at() {
        Ok(_) => Ok(()),
        Err(reason) => Err(reason.to_string()),
    });
    let (authorities, clock) = (Arc::clone(&state.authorities), Arc::clone(&state.clock));
    health.check("responder certificates", move || {
        without_certificate(&authorities, clock.now())
    });
}

/// Ready with a certificate of one issuer, and while none of those that there were is over.
fn without_certificate(authorities: &Authorities, now: Timestamp) -> Result<(), String> {
    let authorities = authorities.all();
    let delegated = || {
        authorities
            .iter()
            .filter(|authority| authority.is_delegated())
    };
    let without: Vec<&str> = delegated()
        .filter(|authority| authority.delegation(now).is_none())
        .map(|authority| authority.name.as_str())
        .collect();
    if delegated().next().is_none() {
        return Err("no issuer has given one yet".to_owned());
    }
    if without.is_empty() {
        Ok(())
    } else {
        Err(format!("none for {}", without.join(", ")))
    }
}

/// Follows the feed, with new TLS files after SIGHUP.
fn spawn_follower(lifecycle: &Lifecycle, follower: Follower, config: &FeedConfig, state: &State) {
    let follower = Arc::new(follower);
    let (sink, stopping) = (Arc::clone(&state.sink), lifecycle.stopping());
    let following = Arc::clone(&follower);
    lifecycle.spawn("feed follower", async move {
        following.run(sink, stopping).await;
    });
    let heard = state.sink.heard_from_now();
    let keep = state.heard_file.clone().keep(heard, lifecycle.stopping());
    lifecycle.background("memory of the feed", keep);
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

/// Keeps gauges and the token's condition up to date.
fn spawn_watch(lifecycle: &Lifecycle, state: &State, token: Token, condition: Condition) {
    let stopping = lifecycle.stopping();
    let (clock, freshness) = (Arc::clone(&state.clock), Arc::clone(&state.freshness));
    let authorities = Arc::clone(&state.authorities);
    let watch = async move {
        loop {
            let health = token.health().await;
            match health.fault {
                None => condition.set_ready(),
                Some(fault) => condition.set_not_ready(fault),
            }
            metrics::watched(clock.now(), freshness.last_heard(), &authorities.all());
            tokio::time::sleep(WATCH).await;
        }
    };
    lifecycle.background("watch", async move {
        stopping.run_until_cancelled(watch).await;
    });
}

/// How often the token is asked how it is.
const WATCH: Duration = Duration::from_secs(5);
