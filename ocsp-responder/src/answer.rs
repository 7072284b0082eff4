//! What to answer: from the bytes of a request to the bytes of a response.

mod budget;
mod cache;
mod query;
mod signer;
mod signing;

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use bytes::Bytes;
use ocsp::{OcspRequest, ResponseStatus, unsigned};
use pki::time::{SharedClock, Timestamp};

pub use self::signer::{AnswerSigner, SigningFault};
use self::{budget::Budget, cache::Cache, query::Query, signing::Signing};
use crate::{
    authority::{Authorities, Delegation},
    freshness::Freshness,
    index::{Record, StatusIndex},
    metrics::{self, Outcome},
};

/// How long answers are good for, and how many are made for strangers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerTerms {
    /// From thisUpdate to nextUpdate: 8 hours to 10 days (BR 4.9.10).
    pub validity: Duration,
    /// How long a signed answer may be given again to others.
    pub reuse: Duration,
    /// How long after a certificate's expiry it is answered for (RFC 6960 section 4.4.4).
    pub archive: Duration,
    /// Memory for signed answers, in octets.
    pub cache_bytes: u64,
    /// Signatures per second for answers that nobody else can be given: with a nonce, or about
    /// several certificates.
    pub fresh_per_second: NonZeroU32,
    /// Signatures per second for serial numbers that were never given out.
    pub unknown_per_second: NonZeroU32,
}

/// What goes back to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The `OCSPResponse`, DER.
    pub der: Bytes,
    /// The times in it, if others who ask the same may be given it.
    pub shareable: Option<Validity>,
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
    signing: Signing,
    cache: Cache,
    fresh: Budget,
    unknown: Budget,
    terms: AnswerTerms,
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
    /// The key.
    pub signer: Arc<dyn AnswerSigner>,
}

/// Why the answer is not signed.
type Refusal = ResponseStatus;

impl Responder {
    /// Puts the parts together.
    pub fn new(parts: ResponderParts, terms: AnswerTerms) -> Self {
        Self {
            signing: Signing::new(Arc::clone(&parts.clock), parts.signer, &terms),
            cache: Cache::new(&terms),
            fresh: Budget::per_second(Arc::clone(&parts.clock), terms.fresh_per_second),
            unknown: Budget::per_second(Arc::clone(&parts.clock), terms.unknown_per_second),
            clock: parts.clock,
            authorities: parts.authorities,
            index: parts.index,
            freshness: parts.freshness,
            terms,
        }
    }

    /// Answers a request in DER. There is always an answer; what goes wrong becomes one of the
    /// exceptions of RFC 6960 section 2.3.
    pub async fn answer(&self, request_der: &[u8]) -> Answer {
        match self.try_answer(request_der).await {
            Ok((answer, outcome)) => {
                metrics::answered(outcome);
                answer
            }
            Err(status) => {
                metrics::answered(Outcome::Exception(status));
                Answer {
                    der: unsigned(status).into(),
                    shareable: None,
                }
            }
        }
    }

    /// Looks everything up, answers, and looks again: if a status changed in between, what was
    /// made is thrown away (C-60). Statuses rarely change twice within a signature, so the bound
    /// is there only to have one.
    async fn try_answer(&self, request_der: &[u8]) -> Result<(Answer, Outcome), Refusal> {
        let request = OcspRequest::parse(request_der).map_err(|error| {
            tracing::debug!(code = error.code(), "refused a request");
            error.status()
        })?;
        for _ in 0..MAX_ATTEMPTS {
            let query = self.look_up(&request)?;
            let answered = self.answer_query(&query).await?;
            if query.still_holds(&self.index) {
                return Ok(answered);
            }
            metrics::overtaken();
        }
        Err(ResponseStatus::TryLater)
    }

    /// Everything that an answer rests on. The age of what is known is asked for first, so that
    /// the statuses are at least as new as it says.
    fn look_up<'a>(&self, request: &'a OcspRequest) -> Result<Query<'a>, Refusal> {
        let known_at = self.freshness.known_at().map_err(|stale| {
            tracing::debug!(%stale, "not answering");
            ResponseStatus::TryLater
        })?;
        let query = Query::new(request, known_at, &self.authorities, &self.index)?;
        if query.is_archived(known_at, self.terms.archive) {
            return Err(ResponseStatus::Unauthorized);
        }
        Ok(query)
    }

    /// One certificate that is known gets an answer that many may share, unless the client wants
    /// its nonce in it and the budget for that is not used up.
    async fn answer_query(&self, query: &Query<'_>) -> Result<(Answer, Outcome), Refusal> {
        let delegation = query
            .authority
            .delegation(self.clock.now())
            .ok_or(ResponseStatus::TryLater)?;
        if query.has_unknown() && !self.unknown.take() {
            metrics::refused_signature("unknown");
            return Err(ResponseStatus::Unauthorized);
        }
        let Some(record) = query.only_known() else {
            if !query.has_unknown() && !self.fresh.take() {
                metrics::refused_signature("fresh");
                return Err(ResponseStatus::TryLater);
            }
            return self.fresh(query, delegation).await;
        };
        if query.nonce.is_some() {
            if self.fresh.take() {
                let answered = self.fresh(query, delegation).await;
                if answered != Err(ResponseStatus::TryLater) {
                    return answered;
                }
            }
            // RFC 9654 section 2.1 leaves the nonce to the responder: better none than no answer.
            metrics::refused_signature("fresh");
        }
        self.shared(query, record, delegation).await
    }

    async fn shared(
        &self,
        query: &Query<'_>,
        record: Record,
        delegation: &Delegation,
    ) -> Result<(Answer, Outcome), Refusal> {
        let now = self.clock.now();
        let key = self.cache.key(query, record.seq, delegation.seq, now);
        let sign = self.signing.sign(query, None, delegation);
        let signed = self.cache.get_or_sign(key, sign).await;
        let signed = signed.map_err(SigningFault::status)?;
        if signed.validity.next_update <= now {
            return Err(ResponseStatus::TryLater);
        }
        let answer = Answer {
            der: signed.der.clone(),
            shareable: Some(signed.validity),
        };
        Ok((answer, query.outcome()))
    }

    async fn fresh(
        &self,
        query: &Query<'_>,
        delegation: &Delegation,
    ) -> Result<(Answer, Outcome), Refusal> {
        let signed = self.signing.sign(query, query.nonce, delegation).await;
        let signed = signed.map_err(SigningFault::status)?;
        let answer = Answer {
            der: signed.der,
            shareable: None,
        };
        Ok((answer, query.outcome()))
    }
}

/// How often an answer is made again because a status changed while it was signed.
const MAX_ATTEMPTS: usize = 3;

#[cfg(test)]
mod tests;
