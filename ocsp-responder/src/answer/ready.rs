//! Answers by the octets of their requests: what was asked before is found without parsing it.

use std::{
    hash::{BuildHasher as _, RandomState},
    ops::Range,
    sync::Arc,
};

use arc_swap::ArcSwapOption;
use pki::{SerialNumber, time::Timestamp};

use super::{Answer, cache::Cached, query::Query};
use crate::{
    authority::{Authorities, Authority},
    freshness::LastWord,
    index::{Record, StatusIndex},
    metrics::Outcome,
    terms::IssuerTerms,
};

/// Requests with their answers, each in the one place that its octets hash to. Whoever comes later
/// takes the place; the answer of the other is still in the cache, for those who ask the long way.
#[derive(Debug)]
pub(super) struct ReadyAnswers {
    places: Box<[ArcSwapOption<Ready>]>,
    /// With a secret, so that nobody can choose whose place to take.
    hasher: RandomState,
}

/// An answer that many may share, and all that it rests on.
#[derive(Debug)]
pub(super) struct Ready {
    request_der: Box<[u8]>,
    /// The issuers as they were: who may sign, and what policies promise.
    authorities: Arc<Vec<Arc<Authority>>>,
    authority: Arc<Authority>,
    terms: IssuerTerms,
    serial: SerialNumber,
    record: Record,
    /// When it may be given.
    times: Range<Timestamp>,
    cached: Arc<Cached>,
    outcome: Outcome,
}

impl ReadyAnswers {
    /// Takes about `bytes` of memory at most.
    pub(super) fn new(bytes: u64) -> Self {
        let places = usize::try_from(bytes / PLACE_BYTES).unwrap_or(usize::MAX);
        Self {
            places: (0..places.max(1)).map(|_| ArcSwapOption::empty()).collect(),
            hasher: RandomState::new(),
        }
    }

    /// The answer that was given to the same octets, if all that it rests on is as it was. The status
    /// is looked up anew each time: no question that is asked after a revocation is answered as before
    /// it (C-60).
    pub(super) fn find(
        &self,
        request_der: &[u8],
        word: LastWord,
        authorities: &Authorities,
        index: &StatusIndex,
    ) -> Option<(Answer, Outcome)> {
        let place = self.place(request_der)?.load();
        let ready = place.as_deref()?;
        let holds = *ready.request_der == *request_der
            && ready.times.contains(&word.now)
            && word.within(ready.terms.max_staleness).is_ok()
            && authorities.are(&ready.authorities)
            && index.lookup(&ready.authority.name, &ready.serial) == Some(ready.record);
        // Now and then by the long way, so that the cache knows what is asked for.
        if !holds || ready.cached.ask().is_multiple_of(LONG_WAY) {
            return None;
        }
        let answer = ready.cached.answer(ready.terms.max_age);
        Some((answer, ready.outcome))
    }

    /// Keeps the answer to a request about one certificate; `authorities` as they were before they
    /// were asked for this answer.
    pub(super) fn keep(
        &self,
        request_der: &[u8],
        authorities: Arc<Vec<Arc<Authority>>>,
        query: &Query<'_>,
        cached: Arc<Cached>,
    ) {
        let [subject] = query.subjects.as_slice() else {
            return;
        };
        let (Some(record), Some(place)) = (subject.record, self.place(request_der)) else {
            return;
        };
        if request_der.len() > LONGEST_REQUEST {
            return;
        }
        let period = cached.period.times();
        let end = period.end.min(cached.validity.next_update);
        place.store(Some(Arc::new(Ready {
            request_der: request_der.into(),
            authorities,
            authority: Arc::clone(&query.authority),
            terms: query.terms,
            serial: subject.cert_id.serial,
            record,
            times: period.start..end.min(query.archived_at(record)),
            outcome: query.outcome(),
            cached,
        })));
    }

    fn place(&self, request_der: &[u8]) -> Option<&ArcSwapOption<Ready>> {
        let hash = self.hasher.hash_one(request_der);
        let places = u64::try_from(self.places.len()).ok()?;
        self.places.get(usize::try_from(hash % places).ok()?)
    }
}

/// Memory for a place that is taken: a request, and an answer that the cache no longer holds.
const PLACE_BYTES: u64 = 4096;
/// The longest request that is kept; longer ones are rare.
const LONGEST_REQUEST: usize = 512;
/// One in so many questions is answered by the long way.
const LONG_WAY: u32 = 64;
