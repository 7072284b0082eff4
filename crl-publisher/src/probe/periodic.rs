//! Probing again and again inside the daemon.

use std::{collections::BTreeSet, time::Duration};

use pki::time::SharedClock;
use service::Lifecycle;
use store::copy::StatusCopy;

use super::{ProbeConfig, Prober, Report, memory::Memory, metrics};

/// Probes until the daemon ends. What is wrong is logged once when it comes and once when it goes;
/// the metrics go on saying it.
pub fn spawn(lifecycle: &Lifecycle, copy: StatusCopy, clock: SharedClock, config: &ProbeConfig) {
    metrics::describe();
    let interval = config.interval.get();
    let mut prober = Prober::new(copy, SharedClock::clone(&clock), config);
    let stopping = lifecycle.stopping();
    let probing = async move {
        let mut codes = BTreeSet::new();
        // What is to be published at the start has to be published first.
        tokio::time::sleep(interval.min(FIRST)).await;
        loop {
            match prober.round().await {
                Ok(report) => {
                    metrics::round(&report, &mut codes, clock.now());
                    tell(&report, &mut prober.memory);
                }
                Err(error) => tracing::error!(%error, "cannot probe"),
            }
            tokio::time::sleep(interval).await;
        }
    };
    lifecycle.background("prober", async move {
        stopping.run_until_cancelled(probing).await;
    });
}

fn tell(report: &Report, memory: &mut Memory) {
    let (new, gone) = memory.compare(&report.findings);
    for finding in new {
        tracing::warn!(
            code = finding.code,
            issuer = %finding.issuer,
            url = finding.url,
            detail = finding.detail,
            "the prober found a fault"
        );
    }
    for (code, issuer, url) in gone {
        tracing::info!(code, %issuer, url, "a fault that the prober found is gone");
    }
}

/// The first round begins after this time, or after the interval if that is shorter.
const FIRST: Duration = Duration::from_secs(15);
