//! What the publisher counts, and the alarms.

use pki::{CrlScope, IssuerName, time::Timestamp};

use crate::publisher::{Standing, State};

/// Says what each metric means; call once, after the recorder is installed.
pub fn describe() {
    metrics::describe_counter!(
        "crl_published_total",
        "Lists published, by issuer and scope"
    );
    metrics::describe_counter!(
        "crl_not_published_total",
        "What the feed brought and was not published, by reason"
    );
    metrics::describe_gauge!(
        "crl_next_update_seconds",
        "Time until nextUpdate of the published list, by issuer and scope; negative when it is \
         over, 0 without one, +Inf when nobody relies on it any more"
    );
    metrics::describe_gauge!(
        "crl_age_seconds",
        "Time since thisUpdate of the published list, by issuer and scope"
    );
    metrics::describe_gauge!(
        "crl_number",
        "CRLNumber of the published list, by issuer and scope"
    );
    metrics::describe_gauge!(
        "crl_blocked",
        "1 while a newer list is not published, or not in all outputs, by issuer, scope and code"
    );
    metrics::describe_counter!(
        "crl_feed_started_over_total",
        "Copies begun anew because ca-daemon's database was put back"
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

/// The feed had another epoch, and the copy was begun anew.
pub(crate) fn started_over() {
    metrics::counter!("crl_feed_started_over_total").increment(1);
}

pub(crate) fn published(issuer: &IssuerName, scope: CrlScope) {
    let labels = [("issuer", issuer.to_string()), ("scope", scope.to_string())];
    metrics::counter!("crl_published_total", &labels).increment(1);
}

pub(crate) fn not_published(code: &'static str) {
    metrics::counter!("crl_not_published_total", "reason" => code).increment(1);
}

/// Sets the gauges; an alarm belongs on each of them. `before` is what they were set from last.
pub(crate) fn watched(state: &State, before: &State, now: Timestamp) {
    if let Some(heard) = state.heard {
        let silence = now.duration_since(heard).as_secs_f64();
        metrics::gauge!("crl_feed_silence_seconds").set(silence);
    }
    for standing in &before.standings {
        set_blocked(standing, 0.0);
    }
    for standing in &state.standings {
        set_blocked(standing, 1.0);
        watch_list(standing, now);
    }
}

fn set_blocked(standing: &Standing, blocked: f64) {
    if let Some(code) = standing.blocked {
        let [issuer, scope] = labels(standing);
        let labels = [issuer, scope, ("code", code.to_owned())];
        metrics::gauge!("crl_blocked", &labels).set(blocked);
    }
}

fn watch_list(standing: &Standing, now: Timestamp) {
    let labels = labels(standing);
    let left = match standing.published {
        _ if !standing.needed => f64::INFINITY,
        None => 0.0,
        Some(list) => list.next_update.duration_since(now).as_secs_f64(),
    };
    metrics::gauge!("crl_next_update_seconds", &labels).set(left);
    if let Some(list) = standing.published {
        let age = now.duration_since(list.this_update).as_secs_f64();
        metrics::gauge!("crl_age_seconds", &labels).set(age);
        metrics::gauge!("crl_number", &labels).set(float(list.number.get()));
    }
}

fn labels(standing: &Standing) -> [(&'static str, String); 2] {
    [
        ("issuer", standing.issuer.to_string()),
        ("scope", standing.scope.to_string()),
    ]
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
