//! What the responder counts.

use std::{collections::BTreeSet, sync::Arc};

use ::metrics::{Counter, Histogram};
use ocsp::ResponseStatus;
use pki::time::Timestamp;

use crate::authority::Authority;

/// What an answer said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// One certificate: good.
    Good,
    /// One certificate: revoked.
    Revoked,
    /// One certificate: unknown.
    Unknown,
    /// Several certificates.
    Several,
    /// Nothing was signed.
    Exception(ResponseStatus),
}

impl Outcome {
    const ALL: [Self; 8] = [
        Self::Good,
        Self::Revoked,
        Self::Unknown,
        Self::Several,
        Self::Exception(ResponseStatus::MalformedRequest),
        Self::Exception(ResponseStatus::InternalError),
        Self::Exception(ResponseStatus::TryLater),
        Self::Exception(ResponseStatus::Unauthorized),
    ];

    /// The label's value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Revoked => "revoked",
            Self::Unknown => "unknown",
            Self::Several => "several",
            Self::Exception(status) => status.code(),
        }
    }
}

/// Says what each metric means; call once, after the recorder is installed.
pub fn describe() {
    metrics::describe_counter!(
        "ocsp_feed_started_over_total",
        "Copies begun anew because ca-daemon's database was put back"
    );
    metrics::describe_counter!("ocsp_answers_total", "Answers given, by what they say");
    metrics::describe_counter!("ocsp_signatures_total", "Signatures made by the token");
    metrics::describe_counter!("ocsp_signature_failures_total", "Signatures that failed");
    metrics::describe_counter!(
        "ocsp_signatures_refused_total",
        "Signatures not asked for because the budget was used up"
    );
    metrics::describe_counter!(
        "ocsp_cache_requests_total",
        "Answers that many may share: found in the cache, or signed"
    );
    metrics::describe_counter!(
        "ocsp_answers_refreshed_total",
        "Answers that are asked for often, signed ahead of the end of their reuse, by result"
    );
    metrics::describe_counter!(
        "ocsp_answers_overtaken_total",
        "Answers thrown away because the status changed while they were made"
    );
    metrics::describe_gauge!("ocsp_certificates", "Certificates whose status is known");
    metrics::describe_gauge!(
        "ocsp_feed_sequence",
        "Sequence number up to which the feed is known"
    );
    metrics::describe_gauge!(
        "ocsp_feed_silence_seconds",
        "Time since the feed was last heard; tryLater beyond max_staleness of the policy"
    );
    metrics::describe_gauge!(
        "ocsp_responder_certificate_expires_seconds",
        "Time until the last of the responder certificates expires, by issuer; 0 without one"
    );
    metrics::describe_gauge!(
        "ocsp_responder_keys",
        "Keys with a responder certificate that is valid, by issuer"
    );
    metrics::describe_histogram!("ocsp_request_duration_seconds", "Time to answer a request");
}

/// What every answer counts: looked up once, after the recorder is installed.
#[derive(Debug)]
pub(crate) struct AnswerCounts {
    outcomes: [(Outcome, Counter); 8],
    found: Counter,
    signed: Counter,
}

impl AnswerCounts {
    pub(crate) fn new() -> Self {
        let outcome = |outcome: Outcome| {
            let counter = metrics::counter!("ocsp_answers_total", "outcome" => outcome.as_str());
            (outcome, counter)
        };
        let cache = |result| metrics::counter!("ocsp_cache_requests_total", "result" => result);
        Self {
            outcomes: Outcome::ALL.map(outcome),
            found: cache("found"),
            signed: cache("signed"),
        }
    }

    pub(crate) fn answered(&self, outcome: Outcome) {
        let mut outcomes = self.outcomes.iter();
        if let Some((_, counter)) = outcomes.find(|(counted, _)| *counted == outcome) {
            counter.increment(1);
        }
    }

    /// An answer that many may share was in the cache, or was signed.
    pub(crate) fn shared(&self, found: bool) {
        let counter = if found { &self.found } else { &self.signed };
        counter.increment(1);
    }
}

pub(crate) fn signed() {
    metrics::counter!("ocsp_signatures_total").increment(1);
}

pub(crate) fn signing_failed() {
    metrics::counter!("ocsp_signature_failures_total").increment(1);
}

pub(crate) fn refused_signature(budget: &'static str) {
    metrics::counter!("ocsp_signatures_refused_total", "budget" => budget).increment(1);
}

pub(crate) fn refreshed(well: bool) {
    let result = if well { "signed" } else { "failed" };
    metrics::counter!("ocsp_answers_refreshed_total", "result" => result).increment(1);
}

pub(crate) fn overtaken() {
    metrics::counter!("ocsp_answers_overtaken_total").increment(1);
}

/// For the time of every request.
pub(crate) fn request_duration() -> Histogram {
    metrics::histogram!("ocsp_request_duration_seconds")
}

/// How far the feed is known, and how many certificates with it.
pub(crate) fn known(cursor: u64, certificates: usize) {
    metrics::gauge!("ocsp_feed_sequence").set(float(cursor));
    let certificates = u64::try_from(certificates).unwrap_or(u64::MAX);
    metrics::gauge!("ocsp_certificates").set(float(certificates));
}

/// What only time changes.
pub(crate) fn watched(now: Timestamp, heard: Option<Timestamp>, authorities: &[Arc<Authority>]) {
    if let Some(heard) = heard {
        let silence = now.duration_since(heard).as_secs_f64();
        metrics::gauge!("ocsp_feed_silence_seconds").set(silence);
    }
    for authority in authorities
        .iter()
        .filter(|authority| authority.is_delegated())
    {
        let valid = || authority.valid(now);
        let end = valid().map(|delegation| delegation.certificate.not_after());
        let end = end.max();
        let left = end.map_or(0.0, |end| end.duration_since(now).as_secs_f64());
        let issuer = authority.name.to_string();
        let keys: BTreeSet<_> = valid().map(|delegation| delegation.key()).collect();
        let keys = u64::try_from(keys.len()).unwrap_or(u64::MAX);
        metrics::gauge!("ocsp_responder_keys", "issuer" => issuer.clone()).set(float(keys));
        metrics::gauge!("ocsp_responder_certificate_expires_seconds", "issuer" => issuer).set(left);
    }
}

/// Exact up to 2^52, which no feed reaches.
fn float(count: u64) -> f64 {
    let high = u32::try_from(count >> 32).unwrap_or(u32::MAX);
    let low = u32::try_from(count & u64::from(u32::MAX)).unwrap_or(u32::MAX);
    f64::from(high) * 4_294_967_296.0 + f64::from(low)
}

/// The feed had another epoch, and the copy was begun anew.
pub fn started_over() {
    metrics::counter!("ocsp_feed_started_over_total").increment(1);
}
