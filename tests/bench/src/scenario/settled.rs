//! Waiting until the daemons have done what there was to do.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::ensure;
use blackbox_tests::Daemon;
use indicatif::ProgressBar;

use super::Setting;

/// Waits until both followers know the feed up to `head`, and no daemon has anything left to do: lists
/// that fell due are made and published.
///
/// # Errors
/// A follower does not catch up in time.
pub(crate) fn wait(setting: &Setting, head: u64) -> anyhow::Result<()> {
    let progress = ProgressBar::new_spinner();
    progress.enable_steady_tick(LOOK);
    let begun = Instant::now();
    loop {
        let behind = [Daemon::Ocsp, Daemon::Crl]
            .map(|follower| sequence(setting, follower))
            .into_iter()
            .min()
            .unwrap_or_default();
        let busy = busy(setting)?;
        if behind >= head && busy < IDLE {
            progress.finish_and_clear();
            return Ok(());
        }
        ensure!(
            begun.elapsed() < PATIENCE,
            "the followers know {behind} of {head} entries after {} minutes: see `bench --help`",
            PATIENCE.as_secs() / 60
        );
        progress.set_message(format!(
            "the followers know {behind} of {head} entries; {busy:.1} cores are busy"
        ));
    }
}

/// How many cores the daemons keep busy, over a while.
fn busy(setting: &Setting) -> anyhow::Result<f64> {
    let used = || -> anyhow::Result<f64> {
        let mut sum = 0.0;
        for daemon in Daemon::ALL {
            sum += setting.process(daemon)?.cpu()?.as_secs_f64();
        }
        Ok(sum)
    };
    let (before, begun) = (used()?, Instant::now());
    thread::park_timeout(LOOK);
    Ok((used()? - before) / begun.elapsed().as_secs_f64())
}

/// The last entry that a follower knows, by its metrics.
pub(super) fn sequence(setting: &Setting, follower: Daemon) -> u64 {
    let url = format!("{}/metrics", setting.world.operations_url(follower));
    let text = setting.world.fetch(&url).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let line = text.lines().find_map(|line| {
        line.strip_prefix("ocsp_feed_sequence ")
            .or_else(|| line.strip_prefix("crl_feed_sequence "))
    });
    line.and_then(|value| value.trim().parse().ok())
        .unwrap_or(0)
}

const LOOK: Duration = Duration::from_secs(1);
const IDLE: f64 = 0.03;
/// Five million entries over the feed and into a copy.
const PATIENCE: Duration = Duration::from_mins(30);
