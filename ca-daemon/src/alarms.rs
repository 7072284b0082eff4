//! Alarms before something expires: metrics always, a log line when it is near.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use api::PeerStatus;
use jiff::{SignedDuration, Timestamp};
use pki::{CrlScope, IssuerName};

use crate::app::App;
use crate::config::CaConfig;
use crate::open;

/// How often to look.
const LOOK_EVERY: Duration = Duration::from_mins(1);

/// What is watched, and how early its alarm comes.
#[derive(Debug)]
pub struct Watched {
    server_certificate: PathBuf,
    offline_cas: Vec<(IssuerName, PathBuf)>,
    ca_certificate: SignedDuration,
    tls_certificate: SignedDuration,
    imported_crl: SignedDuration,
}

impl Watched {
    /// As configured.
    pub fn of(config: &CaConfig) -> Self {
        let span = |duration: service::HumanDuration| {
            SignedDuration::try_from(duration.get()).unwrap_or(SignedDuration::MAX)
        };
        let offline = config.offline_cas.iter();
        Self {
            server_certificate: config.tls.certificate.clone(),
            offline_cas: offline
                .map(|(name, ca)| (name.clone(), ca.certificate.clone()))
                .collect(),
            ca_certificate: span(config.alarms.ca_certificate),
            tls_certificate: span(config.alarms.tls_certificate),
            imported_crl: span(config.alarms.imported_crl),
        }
    }
}

/// Looks until the daemon stops.
pub async fn watch(app: Arc<App>, watched: Watched) {
    let stopping = app.authority.lifecycle.stopping();
    loop {
        if let Err(error) = look(&app, &watched).await {
            tracing::error!(error = format!("{error:#}"), "cannot look for what expires");
        }
        tokio::select! {
            () = stopping.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

async fn look(app: &App, watched: &Watched) -> anyhow::Result<()> {
    let now = app.authority.clock.now();
    for ca in app.authority.issuers.values() {
        let name = ca.name().as_str();
        tell(
            now,
            "ca-certificate",
            name,
            ca.issuer.certificate().not_after(),
            watched.ca_certificate,
        );
    }
    for (name, path) in &watched.offline_cas {
        let certificate = open::certificate(path)?;
        let not_after = certificate.not_after();
        tell(
            now,
            "ca-certificate",
            name.as_str(),
            not_after,
            watched.ca_certificate,
        );
        match app.authority.store.last_crl(name, CrlScope::Full).await? {
            Some(crl) => {
                tell(
                    now,
                    "imported-crl",
                    name.as_str(),
                    crl.next_update,
                    watched.imported_crl,
                );
            }
            None => {
                tracing::warn!(ca = %name, "no CRL imported yet: `chancery officer import-crl`");
            }
        }
    }
    let server = open::certificate(&watched.server_certificate)?;
    let not_after = server.not_after();
    tell(
        now,
        "tls-certificate",
        "server",
        not_after,
        watched.tls_certificate,
    );
    look_at_peers(app, watched, now).await
}

/// A peer is as good as its certificate that lasts longest.
async fn look_at_peers(app: &App, watched: &Watched, now: Timestamp) -> anyhow::Result<()> {
    for peer in app.authority.store.peers(None).await? {
        if peer.status != PeerStatus::Active {
            continue;
        }
        let pins = app.authority.store.pins(&peer.name).await?;
        let longest = pins
            .iter()
            .filter(|pin| pin.retired_at.is_none())
            .map(|pin| pin.not_after)
            .max();
        if let Some(not_after) = longest {
            tell(
                now,
                "peer-certificate",
                &peer.name,
                not_after,
                watched.tls_certificate,
            );
        }
    }
    Ok(())
}

#[expect(
    clippy::cast_precision_loss,
    clippy::as_conversions,
    reason = "seconds until an expiry, as a metric"
)]
fn tell(now: Timestamp, kind: &'static str, name: &str, ends: Timestamp, early: SignedDuration) {
    let left = ends.duration_since(now);
    metrics::gauge!("ca_expires_in_seconds", "kind" => kind, "name" => name.to_owned())
        .set(left.as_secs() as f64);
    if left < early {
        tracing::warn!(kind, name, expires = %ends, "expires soon");
    }
}
