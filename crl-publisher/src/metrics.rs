//! What the publisher counts, and the alarms.

use pki::{IssuerName, time::Timestamp};

use crate::follow::State;

/// Says what each metric means; call once, after the recorder is installed.
pub fn describe() {
    metrics::describe_counter!("crl_published_total", "Lists published, by issuer");
    metrics::describe_counter!(
        "crl_not_published_total",
        "What the feed brought and was not published, by reason"
    );
    metrics::describe_gauge!(
        "crl_next_update_seconds",
        "Time until nextUpdate of the published list, by issuer; negative when it is over"
    );
    metrics::describe_gauge!("crl_number", "CRLNumber of the published list, by issuer");
    metrics::describe_gauge!(
        "crl_blocked",
        "1 while a newer list is not published, by issuer; the reason is in the log"
    );
    metrics::describe_gauge!(
        "crl_feed_sequence",
        "Sequence number up to which the feed is known"
    );
    metrics::describe_gauge!(
        "crl_feed_silence_seconds",
        "Time since the feed was last heard"
    );
}

pub(crate) fn published(issuer: &IssuerName) {
    metrics::counter!("crl_published_total", "issuer" => issuer.to_string()).increment(1);
}

pub(crate) fn not_published(code: &'static str) {
    metrics::counter!("crl_not_published_total", "reason" => code).increment(1);
}

/// Sets the gauges; an alarm belongs on each of them.
pub(crate) fn watched(state: &State, now: Timestamp) {
    if let Some(heard) = state.heard {
        let silence = now.duration_since(heard).as_secs_f64();
        metrics::gauge!("crl_feed_silence_seconds").set(silence);
    }
    for (issuer, standing) in &state.standings {
        let issuer = issuer.to_string();
        let blocked = if standing.blocked.is_some() { 1.0 } else { 0.0 };
        metrics::gauge!("crl_blocked", "issuer" => issuer.clone()).set(blocked);
        let Some((number, next_update)) = standing.published else {
            continue;
        };
        let left = next_update.duration_since(now).as_secs_f64();
        metrics::gauge!("crl_next_update_seconds", "issuer" => issuer.clone()).set(left);
        metrics::gauge!("crl_number", "issuer" => issuer).set(float(number.get()));
    }
}

pub(crate) fn feed_sequence(cursor: u64) {
    metrics::gauge!("crl_feed_sequence").set(float(cursor));
}

/// Exact up to 2^52, which no number here reaches.
fn float(count: u64) -> f64 {
    let high = u32::try_from(count >> 32).unwrap_or(u32::MAX);
    let low = u32::try_from(count & u64::from(u32::MAX)).unwrap_or(u32::MAX);
    f64::from(high) * 4_294_967_296.0 + f64::from(low)
}

/// An error with its causes, for one log line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
