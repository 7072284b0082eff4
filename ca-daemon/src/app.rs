//! Start and end of the daemon: what is proved before anything is served, and the tasks that run.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use feed::server::Acknowledged;
use pki::time::SharedClock;
use service::http::{bind, serve_tls};
use service::tls::{ClientAuth, Reloadable};
use service::{Health, Lifecycle, SystemClock};
use store::Store;
use uuid::Uuid;

use crate::access_refusals::AccessRefusals;
use crate::authority::Authority;
use crate::config::CaConfig;
use crate::delivery::Deliveries;
use crate::in_flight::InFlight;
use crate::leadership::Leadership;
use crate::life_events::{record_start, record_stop};
use crate::{
    alarms, crl, http, issue, leadership, neighbours, open, policies, receipts, responders,
};

/// What request handlers share.
pub struct App {
    /// CAs, records and time.
    pub authority: Arc<Authority>,
    /// Refused access, counted by source and minute.
    pub access_refusals: AccessRefusals,
    /// Certificates on their way to their RAs.
    pub deliveries: Deliveries,
    /// Requests of each peer under way.
    pub in_flight: InFlight,
    /// Octets of a request body.
    pub max_body_bytes: usize,
    /// Where copies of the database are written.
    pub backup_directory: Option<PathBuf>,
}

impl App {
    /// A new id for a request: sorts by time, otherwise random.
    pub fn new_request_id(&self) -> Uuid {
        let now = self.authority.clock.now();
        let seconds = u64::try_from(now.as_second()).unwrap_or(0);
        let nanos = u32::try_from(now.subsec_nanosecond()).unwrap_or(0);
        Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds, nanos))
    }
}

/// Runs the daemon until it is told to stop. `config_digest` is the SHA-256 of the configuration
/// file, for the audit log.
///
/// # Errors
/// Whatever keeps it from starting, with the key path or file at fault; a task that failed.
pub async fn run(config: CaConfig, config_digest: [u8; 32]) -> anyhow::Result<()> {
    let clock: SharedClock = Arc::new(SystemClock);
    let lifecycle = Lifecycle::new(config.shutdown);
    let metrics = service::ops::install_metrics()?;
    let health = Health::new();
    let operations = bind(config.listen.operations).await?;
    let serving = health.condition("serving");

    // Proved before anything is served: records, keys, policies.
    let store = Store::connect(&config.database, Arc::clone(&clock)).await?;
    let tokens = open::tokens(&config).await?;
    let issuers = open::issuers(&config, &tokens).await?;
    open::check_registered(&store, &issuers, &config).await?;
    let authority = Arc::new(Authority {
        management: open::management(&issuers)?,
        receipts: open::receipts(&config, &tokens, &issuers).await?,
        issuers,
        weak_keys: open::weak_keys(&config)?,
        acknowledgements: Acknowledged::new(confirmed(&store).await?),
        policies_turn: tokio::sync::Mutex::default(),
        leadership: Leadership::new(&store),
        store,
        clock,
        lifecycle: lifecycle.clone(),
    });
    policies::take_up(&authority).await?;
    check_profiles_are_served_once(&authority)?;
    service::ops::serve(operations, metrics, health, &lifecycle);

    // What a crash left behind.
    issue::abandon_unfinished(&authority, issue::lost_after(&authority)).await?;
    record_start(&authority, &config_digest)
        .await
        .context("cannot record the start")?;

    let (deliveries, delivered) = Deliveries::new();
    let app = Arc::new(App {
        authority: Arc::clone(&authority),
        access_refusals: AccessRefusals::default(),
        deliveries,
        in_flight: InFlight::new(config.max_requests_per_peer),
        max_body_bytes: config.max_body_bytes,
        backup_directory: config.backup_directory.clone(),
    });
    spawn_tasks(&app, &config, &lifecycle);
    lifecycle.background("deliveries", delivered.record(Arc::clone(&authority)));

    let tls = Arc::new(Reloadable::new(config.tls.clone(), ClientAuth::Required)?);
    lifecycle.background(
        "tls reload",
        reload_tls(Arc::clone(&tls), lifecycle.clone()),
    );
    let api = bind(config.listen.api).await?;
    let feed = bind(config.listen.feed).await?;
    tracing::info!(api = %api.local_addr()?, feed = %feed.local_addr()?, "serving");
    let api_routes = http::api_routes(Arc::clone(&app));
    let feed_routes = http::feed_routes(Arc::clone(&app));
    serve(
        &lifecycle,
        "api",
        api,
        Arc::clone(&tls),
        api_routes,
        config.limits,
    );
    serve(&lifecycle, "feed", feed, tls, feed_routes, config.limits);
    serving.set_ready();
    service::notify::ready();
    service::notify::spawn_watchdog(&lifecycle);

    let ended = lifecycle.run().await;
    service::notify::stopping();
    app.access_refusals.flush(&app).await;
    record_stop(&authority)
        .await
        .context("cannot record the stop")?;
    authority.store.close().await;
    ended.map_err(Into::into)
}

fn serve(
    lifecycle: &Lifecycle,
    name: &'static str,
    listener: tokio::net::TcpListener,
    tls: Arc<Reloadable>,
    routes: axum::Router,
    limits: service::http::HttpLimits,
) {
    let of_task = lifecycle.clone();
    lifecycle.spawn(name, async move {
        serve_tls(listener, tls, http::from_hyper(routes), limits, &of_task).await
    });
}

fn spawn_tasks(app: &Arc<App>, config: &CaConfig, lifecycle: &Lifecycle) {
    let authority = &app.authority;
    lifecycle.spawn("lead", leadership::keep(Arc::clone(authority)));
    if !authority.store.is_exclusive() {
        lifecycle.spawn("feed of others", neighbours::hear(Arc::clone(authority)));
        lifecycle.spawn(
            "policies of others",
            neighbours::take_up(Arc::clone(authority)),
        );
    }
    for ca in authority.issuing() {
        for kinds in [crl::Kinds::Complete, crl::Kinds::Short] {
            let task = crl::schedule(Arc::clone(authority), Arc::clone(ca), kinds);
            lifecycle.spawn(format!("{kinds:?} lists of {}", ca.name()), task);
        }
    }
    lifecycle.spawn("responders", responders::keep_certified(Arc::clone(app)));
    if authority.receipts.is_some() {
        lifecycle.spawn("receipts", receipts::keep_certified(Arc::clone(app)));
    }
    lifecycle.spawn(
        "unfinished",
        issue::watch_for_unfinished(Arc::clone(authority)),
    );
    lifecycle.spawn(
        "refused access",
        crate::access_refusals::flush_every_minute(Arc::clone(app)),
    );
    lifecycle.spawn(
        "alarms",
        alarms::watch(Arc::clone(app), alarms::Watched::of(config)),
    );
}

/// Reads key and certificate again at each SIGHUP; a fault leaves the old ones in use.
async fn reload_tls(tls: Arc<Reloadable>, lifecycle: Lifecycle) {
    let stopping = lifecycle.stopping();
    let mut reloads = lifecycle.reloads();
    loop {
        tokio::select! {
            () = stopping.cancelled() => return,
            changed = reloads.changed() => if changed.is_err() { return },
        }
        match tls.reload() {
            Ok(()) => tracing::info!("TLS key and certificates read again"),
            Err(error) => tracing::error!(
                error = format!("{:#}", anyhow!(error)),
                "TLS files not usable; the old ones stay"
            ),
        }
    }
}

async fn confirmed(store: &Store) -> anyhow::Result<BTreeMap<String, u64>> {
    let recorded = store.acknowledgements().await?;
    Ok(recorded
        .into_iter()
        .map(|entry| (entry.follower, entry.sequence))
        .collect())
}

/// A request names a profile, not a CA: each profile must lead to one CA.
fn check_profiles_are_served_once(authority: &Authority) -> anyhow::Result<()> {
    let mut names = authority.profile_names();
    names.sort();
    match names.windows(2).find(|pair| pair.first() == pair.last()) {
        Some(pair) => bail!(
            "two policies have a profile {:?}: give one another name",
            pair.first()
        ),
        None => Ok(()),
    }
}
