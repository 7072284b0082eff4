//! The daemon: opens what it needs, follows, answers, ends.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use feed::{Follower, FollowerConfig};
use hsm::Token;
use pki::time::{SharedClock, Timestamp};
use service::{
    Health, Lifecycle, SystemClock, config::ConfigFaults, health::Condition, http::bind, notify,
    ops, tls::client_config,
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
    key,
    keys::Keys,
    metrics,
};

/// Runs until the process is told to end; `path` is where the configuration came from.
///
/// # Errors
/// What keeps the daemon from serving.
pub async fn run(config: Config, path: PathBuf) -> anyhow::Result<()> {
    let recorder = ops::install_metrics()?;
    metrics::describe();
    let (token, signers) = key::open(&config).await.context("the token")?;
    let state = State::load(&config, signers).await?;
    let follower = follower(&config.feed, &state.clock)?;
    let public = bind(config.listen.public).await?;
    let operations = bind(config.listen.operations).await?;
    let health = Health::new();
    let lifecycle = Lifecycle::new(config.shutdown);

    let token_condition = health.condition("token");
    add_checks(&health, &state);
    ops::serve(operations, recorder, health, &lifecycle);
    let follower = Arc::new(follower);
    spawn_follower(&lifecycle, Arc::clone(&follower), &state);
    let reload = Reload {
        path,
        token: token.clone(),
        follower,
        keys: Arc::clone(&state.keys),
        authorities: Arc::clone(&state.authorities),
    };
    spawn_reload(&lifecycle, reload);
    spawn_refresh(&lifecycle, &state);
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
    keys: Arc<Keys>,
    responder: Arc<Responder>,
}

impl State {
    async fn load(config: &Config, signers: Vec<Arc<dyn AnswerSigner>>) -> anyhow::Result<Self> {
        let clock: SharedClock = Arc::new(SystemClock);
        let path = &config.copy.path;
        let copy = StatusCopy::open(path).await.context("the copy")?;
        let heard_file = HeardFile::beside(path);
        let heard = heard_file.read(copy.cursor().await?);
        let freshness = Arc::new(Freshness::new(Arc::clone(&clock), heard));
        let keys = Arc::new(Keys::new(signers));
        let authorities = Arc::new(Authorities::new(keys.hashes()));
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
            keys: Arc::clone(&keys),
        };
        Ok(Self {
            responder: Arc::new(Responder::new(parts, config.answers.settings())),
            keys,
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
    let (freshness, authorities) = (Arc::clone(&state.freshness), Arc::clone(&state.authorities));
    health.check("feed", move || silent(&freshness, &authorities));
    let authorities = Arc::clone(&state.authorities);
    health.check("policies", move || without_terms(&authorities));
    let (authorities, clock) = (Arc::clone(&state.authorities), Arc::clone(&state.clock));
    health.check("responder certificates", move || {
        without_certificate(&authorities, clock.now())
    });
}

/// Ready while the feed was heard recently enough for every issuer.
fn silent(freshness: &Freshness, authorities: &Authorities) -> Result<(), String> {
    let word = freshness.last_word().map_err(|stale| stale.to_string())?;
    let authorities = authorities.all();
    let terms = authorities.iter().filter_map(|authority| authority.terms);
    let strictest = terms.map(|terms| terms.max_staleness).min();
    match strictest.map(|max_staleness| word.within(max_staleness)) {
        Some(Err(stale)) => Err(stale.to_string()),
        Some(Ok(_)) | None => Ok(()),
    }
}

/// Ready once the policy of every issuer that is answered for has come.
fn without_terms(authorities: &Authorities) -> Result<(), String> {
    let authorities = authorities.all();
    let without: Vec<&str> = authorities
        .iter()
        .filter(|authority| authority.is_delegated() && authority.terms.is_none())
        .map(|authority| authority.name.as_str())
        .collect();
    if without.is_empty() {
        Ok(())
    } else {
        Err(format!("none yet of {}", without.join(", ")))
    }
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
        .filter(|authority| authority.valid(now).next().is_none())
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

/// Follows the feed.
fn spawn_follower(lifecycle: &Lifecycle, follower: Arc<Follower>, state: &State) {
    let (sink, stopping) = (Arc::clone(&state.sink), lifecycle.stopping());
    lifecycle.spawn("feed follower", async move {
        follower.run(sink, stopping).await;
    });
    let heard = state.sink.heard_from_now();
    let keep = state.heard_file.clone().keep(heard, lifecycle.stopping());
    lifecycle.background("memory of the feed", keep);
}

/// What SIGHUP changes: the TLS files and the keys.
struct Reload {
    path: PathBuf,
    token: Token,
    follower: Arc<Follower>,
    keys: Arc<Keys>,
    authorities: Arc<Authorities>,
}

fn spawn_reload(lifecycle: &Lifecycle, reload: Reload) {
    let (mut reloads, stopping) = (lifecycle.reloads(), lifecycle.stopping());
    lifecycle.background("reload", async move {
        while let Some(Ok(())) = stopping.run_until_cancelled(reloads.changed()).await {
            if let Err(error) = reload.reload().await {
                let error = format!("{error:#}");
                tracing::error!(error, "TLS files and keys stay as they were");
            }
        }
    });
}

impl Reload {
    async fn reload(&self) -> anyhow::Result<()> {
        let config = read(&self.path)?;
        let tls = client_config(&config.feed.tls).context("feed.tls")?;
        let signers = key::signers(&self.token, &config.keys).await;
        let signers = signers.context("keys")?;
        self.follower.replace_tls(tls)?;
        let count = signers.len();
        // A key that is not there any more is never chosen: its signer goes first.
        self.keys.replace(signers);
        self.authorities.hold(self.keys.hashes());
        tracing::info!(count, "TLS files and keys taken up");
        Ok(())
    }
}

fn read(path: &Path) -> anyhow::Result<Config> {
    let config: Config = service::config::load(path)?;
    ConfigFaults::check(path, config.faults())?;
    Ok(config)
}

/// Signs what is asked for often ahead of its time.
fn spawn_refresh(lifecycle: &Lifecycle, state: &State) {
    let (responder, stopping) = (Arc::clone(&state.responder), lifecycle.stopping());
    let pause = responder.refresh_pause();
    lifecycle.background("refresh", async move {
        while stopping
            .run_until_cancelled(tokio::time::sleep(pause))
            .await
            .is_some()
        {
            responder.refresh_ahead().await;
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
