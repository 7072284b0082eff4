//! What the prober counts.

use std::collections::BTreeSet;

use pki::time::Timestamp;

use super::{Finding, Report, Visit};

/// Says what each metric means; call once, after the recorder is installed.
pub fn describe() {
    metrics::describe_gauge!(
        "probe_success_time_seconds",
        "When a URL was last found sound, seconds since 1970, by URL and method"
    );
    metrics::describe_gauge!(
        "probe_next_update_seconds",
        "Time until nextUpdate of what a URL serves, by URL and method"
    );
    metrics::describe_gauge!(
        "probe_latency_seconds",
        "How long the last answer took, by URL and method; of OCSP the slowest of the round"
    );
    metrics::describe_gauge!("probe_findings", "Findings of the last round, by code");
    metrics::describe_gauge!(
        "probe_round_time_seconds",
        "When the last round ended, seconds since 1970"
    );
}

/// Sets the gauges after a round. Codes that were ever found stay, at zero.
pub(super) fn round(report: &Report, codes: &mut BTreeSet<&'static str>, now: Timestamp) {
    for visit in &report.visits {
        visited(visit, now);
    }
    codes.extend(report.findings.iter().map(|finding| finding.code));
    for code in codes.iter() {
        let of_code = |finding: &&Finding| finding.code == *code;
        let count = report.findings.iter().filter(of_code).count();
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        metrics::gauge!("probe_findings", "code" => *code).set(f64::from(count));
    }
    metrics::gauge!("probe_round_time_seconds").set(seconds(now));
}

fn visited(visit: &Visit, now: Timestamp) {
    let labels = [
        ("url", visit.url.clone()),
        ("method", visit.method.to_owned()),
    ];
    metrics::gauge!("probe_latency_seconds", &labels).set(visit.seconds);
    if visit.sound {
        metrics::gauge!("probe_success_time_seconds", &labels).set(seconds(visit.at));
    }
    if let Some(next_update) = visit.next_update {
        let left = next_update.duration_since(now).as_secs_f64();
        metrics::gauge!("probe_next_update_seconds", &labels).set(left);
    }
}

fn seconds(at: Timestamp) -> f64 {
    at.duration_since(Timestamp::UNIX_EPOCH).as_secs_f64()
}
