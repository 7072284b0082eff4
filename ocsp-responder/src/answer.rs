//! What to answer: from the bytes of a request to the bytes of a response.

mod budget;
mod cache;
mod query;
mod ready;
mod refresh;
mod signer;
mod signing;
mod validators;

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use bytes::Bytes;
use ocsp::{OcspRequest, ResponseStatus, unsigned};
use pki::time::{SharedClock, Timestamp};

use self::{
    budget::Budget,
    cache::{Cache, Cached, Key, Period},
    query::{Query, Question},
    ready::ReadyAnswers,
    signing::Signing,
};
pub use self::{
    signer::{AnswerSigner, SigningFault},
    validators::{Validators, http_date},
};
use crate::{
    authority::Authorities,
    freshness::Freshness,
    index::{Record, StatusIndex},
    keys::{Choice, Keys, Moment},
    metrics::{self, AnswerCounts, Outcome},
};

/// How answers are made and kept; what they promise stands in the policy of each issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerSettings {
    /// How long a signed answer may be given again to others, at most.
    pub reuse: Duration,
    /// How often an answer must have been asked for within its reuse to be signed anew ahead of
    /// its end.
    pub hot: NonZeroU32,
    /// Memory for signed answers, in octets.
    pub cache_bytes: u64,
    /// Signatures per second for answers that many may share, made while a client waits.
    pub known_per_second: NonZeroU32,
    /// Signatures per second for answers that nobody else can be given: with a nonce, or about
    /// several certificates.
    pub fresh_per_second: NonZeroU32,
    /// Signatures per second for serial numbers that were never given out.
    pub unknown_per_second: NonZeroU32,
    /// What is said of those.
    pub never_issued: NeverIssued,
}

/// What is said of a serial number that was never given out (RFC 6960 section 2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NeverIssued {
    /// `unknown`.
    Unknown,
    /// `revoked`, on hold since 1970, with the extension for the extended definition.
    Revoked,
}

/// What goes back to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The `OCSPResponse`, DER.
    pub der: Bytes,
    /// For how long others who ask the same may be given it, if they may.
    pub shareable: Option<Shareable>,
}

/// An answer that others may be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shareable {
    /// The times in it.
    pub validity: Validity,
    /// How long HTTP caches may keep it, by the issuer's policy.
    pub max_age: Duration,
    /// What they compare it by.
    pub validators: Validators,
}

/// The times of a response about one certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// When the status was known to be right.
    pub this_update: Timestamp,
    /// Until when it may be relied on.
    pub next_update: Timestamp,
}

/// Answers requests. One for the whole process.
#[derive(Debug)]
pub struct Responder {
    clock: SharedClock,
    authorities: Arc<Authorities>,
    index: Arc<StatusIndex>,
    freshness: Arc<Freshness>,
    keys: Arc<Keys>,
    signing: Signing,
    cache: Cache,
    ready: ReadyAnswers,
    counts: AnswerCounts,
    known: Budget,
    fresh: Budget,
    unknown: Budget,
    settings: AnswerSettings,
}

/// The parts of a [`Responder`] that others hold too.
#[derive(Debug)]
pub struct ResponderParts {
    /// The time of day.
    pub clock: SharedClock,
    /// The issuers.
    pub authorities: Arc<Authorities>,
    /// The certificates.
    pub index: Arc<StatusIndex>,
    /// Whether anything may be said.
    pub freshness: Arc<Freshness>,
    /// The keys.
    pub keys: Arc<Keys>,
}

/// What answers a query.
enum Answered {
    /// An answer that many may share.
    Shared(Arc<Cached>),
    /// One for this client alone.
    Fresh(Bytes),
}

/// Why the answer is not signed.
type Refusal = ResponseStatus;

impl Responder {
    /// Puts the parts together.
    pub fn new(parts: ResponderParts, settings: AnswerSettings) -> Self {
        let budget = |count| Budget::per_second(Arc::clone(&parts.clock), count);
        Self {
            signing: Signing::new(Arc::clone(&parts.clock), settings.never_issued),
            cache: Cache::new(&settings),
            ready: ReadyAnswers::new(settings.cache_bytes / 2),
            counts: AnswerCounts::new(),
            known: budget(settings.known_per_second),
            fresh: budget(settings.fresh_per_second),
            unknown: budget(settings.unknown_per_second),
            clock: parts.clock,
            authorities: parts.authorities,
            index: parts.index,
            freshness: parts.freshness,
            keys: parts.keys,
            settings,
        }
    }

    /// Answers a request in DER. There is always an answer; what goes wrong becomes one of the
    /// exceptions of RFC 6960 section 2.3.
    pub async fn answer(&self, request_der: &[u8]) -> Answer {
        let answered = match self.answer_again(request_der) {
            Some(answered) => Ok(answered),
            None => self.try_answer(request_der).await,
        };
        match answered {
            Ok((answer, outcome)) => {
                self.counts.answered(outcome);
                answer
            }
            Err(status) => self.refuse(status),
        }
    }

    /// Answers with an exception.
    pub fn refuse(&self, status: ResponseStatus) -> Answer {
        self.counts.answered(Outcome::Exception(status));
        Answer {
            der: unsigned(status).into(),
            shareable: None,
        }
    }

    /// What was answered to the same octets before, if nothing has changed since.
    fn answer_again(&self, request_der: &[u8]) -> Option<(Answer, Outcome)> {
        let word = self.freshness.last_word().ok()?;
        let found = self
            .ready
            .find(request_der, word, &self.authorities, &self.index)?;
        self.counts.shared(true);
        Some(found)
    }

    /// Looks everything up, answers, and looks again: if a status changed in between, what was
    /// made is thrown away (C-60). Statuses rarely change twice within a signature, so the bound
    /// is there only to have one.
    async fn try_answer(&self, request_der: &[u8]) -> Result<(Answer, Outcome), Refusal> {
        let request = OcspRequest::parse(request_der).map_err(|error| {
            tracing::debug!(code = error.code(), "refused a request");
            error.status()
        })?;
        let question = Question {
            cert_ids: request.cert_ids(),
            nonce: request.nonce(),
            preferred: request.preferred_algorithms(),
        };
        for _ in 0..MAX_ATTEMPTS {
            let authorities = self.authorities.all();
            let query = self.look_up(question)?;
            let answered = self.answer_query(&query).await?;
            if query.still_holds(&self.index) {
                let answer = match answered {
                    Answered::Fresh(der) => Answer {
                        der,
                        shareable: None,
                    },
                    Answered::Shared(cached) => {
                        let answer = cached.answer(query.terms.max_age);
                        if query.nonce.is_none() {
                            self.ready.keep(request_der, authorities, &query, cached);
                        }
                        answer
                    }
                };
                return Ok((answer, query.outcome()));
            }
            metrics::overtaken();
        }
        Err(ResponseStatus::TryLater)
    }

    /// Everything that an answer rests on. The age of what is known is asked for first, so that
    /// the statuses are at least as new as it says.
    fn look_up<'a>(&self, question: Question<'a>) -> Result<Query<'a>, Refusal> {
        let word = self.freshness.last_word().map_err(|stale| {
            tracing::debug!(%stale, "not answering");
            ResponseStatus::TryLater
        })?;
        let query = Query::new(question, word, &self.authorities, &self.index)?;
        if query.is_archived(query.known_at) {
            return Err(ResponseStatus::Unauthorized);
        }
        Ok(query)
    }

    /// One certificate that is known gets an answer that many may share, unless the client wants
    /// its nonce in it and the budget for that is not used up.
    async fn answer_query(&self, query: &Query<'_>) -> Result<Answered, Refusal> {
        if query.has_unknown() && !self.unknown.take() {
            metrics::refused_signature("unknown");
            return Err(ResponseStatus::Unauthorized);
        }
        let Some(record) = query.only_known() else {
            if !query.has_unknown() && !self.fresh.take() {
                metrics::refused_signature("fresh");
                return Err(ResponseStatus::TryLater);
            }
            return self.fresh(query).await;
        };
        if query.nonce.is_some() {
            if self.fresh.take() {
                let answered = self.fresh(query).await;
                if !matches!(answered, Err(ResponseStatus::TryLater)) {
                    return answered;
                }
            }
            // RFC 9654 section 2.1 leaves the nonce to the responder: better none than no answer.
            metrics::refused_signature("fresh");
        }
        self.shared(query, record).await
    }

    async fn shared(&self, query: &Query<'_>, record: Record) -> Result<Answered, Refusal> {
        let now = self.clock.now();
        let period = Period::at(now, query, self.settings.reuse);
        let choice = self.choose_for(query, now, period)?;
        let mut found = true;
        let sign = async {
            found = false;
            if !self.known.take() {
                metrics::refused_signature("known");
                return Err(SigningFault::Busy);
            }
            self.signing.sign(query, None, &choice).await
        };
        let key = Key::new(query, record, &choice, period).ok_or(ResponseStatus::InternalError)?;
        let cached = self.cache.get_or_make(key, query, period, sign).await;
        self.counts.shared(found);
        let cached = cached.map_err(SigningFault::status)?;
        cached.ask();
        if cached.validity.next_update <= now {
            return Err(ResponseStatus::TryLater);
        }
        Ok(Answered::Shared(cached))
    }

    /// The key for an answer that is given within `period`: of a certificate that came shortly
    /// before its beginning or later nothing could be signed ahead, so the one before goes on.
    fn choose_for(
        &self,
        query: &Query<'_>,
        now: Timestamp,
        period: Period,
    ) -> Result<Choice, Refusal> {
        let moment = Moment {
            now,
            settled: period.settled(),
        };
        self.keys
            .choose(&query.authority, query.preferred, moment)
            .ok_or(ResponseStatus::TryLater)
    }

    async fn fresh(&self, query: &Query<'_>) -> Result<Answered, Refusal> {
        let now = self.clock.now();
        let moment = Moment { now, settled: now };
        let choice = self.keys.choose(&query.authority, query.preferred, moment);
        let choice = choice.ok_or(ResponseStatus::TryLater)?;
        let signed = self.signing.sign(query, query.nonce, &choice).await;
        let signed = signed.map_err(SigningFault::status)?;
        Ok(Answered::Fresh(signed.der))
    }
}

/// How often an answer is made again because a status changed while it was signed.
const MAX_ATTEMPTS: usize = 3;

#[cfg(test)]
mod tests;
