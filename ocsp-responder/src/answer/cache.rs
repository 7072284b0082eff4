//! Signed answers that many may be given.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use moka::future::Cache as Store;
use ocsp::{CertId, PreferredAlgorithm};
use pki::{
    SignatureAlgorithm,
    time::{SignedDuration, Timestamp},
};

use super::{
    Answer, AnswerSettings, Shareable, SigningFault, Validators, Validity, query::Query,
    signing::Signed,
};
use crate::{index::Record, keys::Choice};

/// What an answer depends on. A change of status or of the responder's certificate has a new
/// sequence number and so never finds an answer of before.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    /// Octet for octet: an answer repeats it.
    pub(super) cert_id: CertId,
    /// Sequence number of the status.
    pub(super) seq: u64,
    /// Sequence number of the responder's certificate.
    delegation_seq: u64,
    /// One key may sign in several ways.
    algorithm: SignatureAlgorithm,
    /// Which stretch of time the answer is given in.
    period: i64,
}

impl Key {
    /// `None` for a query about several certificates.
    pub(super) fn new(
        query: &Query<'_>,
        record: Record,
        choice: &Choice,
        period: Period,
    ) -> Option<Self> {
        Some(Self {
            cert_id: query.subjects.first()?.cert_id.clone(),
            seq: record.seq,
            delegation_seq: choice.delegation.seq,
            algorithm: choice.signer.algorithm(),
            period: period.number,
        })
    }
}

/// The stretch of time in which an answer is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Period {
    number: i64,
    /// Seconds since 1970, and their count.
    start: i64,
    length: i64,
}

impl Period {
    /// Time is cut into stretches of the length for which answers are given again, shifted for each
    /// certificate, so that not all are signed at once.
    pub(super) fn at(now: Timestamp, query: &Query<'_>, reuse: Duration) -> Self {
        let mut hasher = DefaultHasher::new();
        for subject in &query.subjects {
            subject.cert_id.serial.hash(&mut hasher);
        }
        let reuse = query.terms.reuse(reuse).as_secs();
        let length = i64::try_from(reuse).unwrap_or(i64::MAX).max(1);
        let shift = i64::try_from(hasher.finish() >> 1).unwrap_or(0) % length;
        let number = now.as_second().saturating_add(shift).div_euclid(length);
        Self {
            number,
            start: number.saturating_mul(length).saturating_sub(shift),
            length,
        }
    }

    /// The one after it.
    pub(super) fn next(self) -> Self {
        Self {
            number: self.number.saturating_add(1),
            start: self.start.saturating_add(self.length),
            length: self.length,
        }
    }

    /// When its answers are given.
    pub(super) fn times(self) -> Range<Timestamp> {
        let at = |second| Timestamp::from_second(second).unwrap_or(Timestamp::MIN);
        at(self.start)..at(self.start.saturating_add(self.length))
    }

    /// From when on the answers of the period are signed ahead of its beginning: an eighth of its
    /// length before.
    pub(super) fn settled(self) -> Timestamp {
        let lead = (self.length / 8).max(1);
        let second = self.start.saturating_sub(lead);
        Timestamp::from_second(second).unwrap_or(Timestamp::MIN)
    }

    /// How long before its beginning the answers of a period are signed.
    pub(super) fn lead(length: Duration) -> SignedDuration {
        let lead = SignedDuration::try_from(length / 8).unwrap_or(SignedDuration::MAX);
        lead.max(SignedDuration::from_secs(1))
    }
}

/// A signed answer, and whether it is worth another one.
#[derive(Debug)]
pub(super) struct Cached {
    pub(super) der: bytes::Bytes,
    pub(super) validity: Validity,
    validators: Validators,
    pub(super) period: Period,
    /// What the first client wanted, so that the next answer is signed alike.
    pub(super) preferred: Vec<PreferredAlgorithm>,
    asked: AtomicU32,
    renewed: AtomicBool,
}

impl Cached {
    fn new(signed: Signed, query: &Query<'_>, period: Period) -> Self {
        Self {
            validators: Validators::of(&signed.der, signed.validity),
            der: signed.der,
            validity: signed.validity,
            period,
            preferred: query.preferred.to_vec(),
            asked: AtomicU32::new(0),
            renewed: AtomicBool::new(false),
        }
    }

    /// What is given to a client; HTTP caches may keep it for `max_age`.
    pub(super) fn answer(&self, max_age: Duration) -> Answer {
        Answer {
            der: self.der.clone(),
            shareable: Some(Shareable {
                validity: self.validity,
                max_age,
                validators: self.validators.clone(),
            }),
        }
    }

    /// Counts a question; gives how many there were before.
    pub(super) fn ask(&self) -> u32 {
        self.asked.fetch_add(1, Ordering::Relaxed)
    }

    /// Whether the next answer is to be signed now; says so once.
    fn is_due(&self, now: Timestamp, hot: u32) -> bool {
        let next = self.period.next();
        self.asked.load(Ordering::Relaxed) >= hot
            && next.settled() <= now
            && now.as_second() < next.start
            && !self.renewed.swap(true, Ordering::Relaxed)
    }
}

/// Bounded by memory; whoever is asked for least leaves first.
#[derive(Debug)]
pub(super) struct Cache {
    store: Store<Key, Arc<Cached>>,
}

impl Cache {
    pub(super) fn new(settings: &AnswerSettings) -> Self {
        // Signed ahead of its period, an answer lives longer than that.
        let lead = Duration::try_from(Period::lead(settings.reuse)).unwrap_or_default();
        let store = Store::builder()
            .max_capacity(settings.cache_bytes)
            .weigher(|key: &Key, cached: &Arc<Cached>| weight(key, cached))
            .time_to_live(settings.reuse.saturating_add(lead * 2))
            .build();
        Self { store }
    }

    /// The answer under `key`, made by `sign` if there is none; of many who ask at once, one signs.
    pub(super) async fn get_or_make(
        &self,
        key: Key,
        query: &Query<'_>,
        period: Period,
        sign: impl Future<Output = Result<Signed, SigningFault>>,
    ) -> Result<Arc<Cached>, SigningFault> {
        let make = async {
            let signed = sign.await?;
            Ok(Arc::new(Cached::new(signed, query, period)))
        };
        let found = self.store.try_get_with(key, make).await;
        found.map_err(|fault: Arc<SigningFault>| *fault)
    }

    /// The answers that were asked for often and are near the end of their period, each once.
    pub(super) fn due(&self, now: Timestamp, hot: u32) -> Vec<(Arc<Key>, Arc<Cached>)> {
        let all = self.store.iter();
        all.filter(|(_, cached)| cached.is_due(now, hot)).collect()
    }
}

fn weight(key: &Key, cached: &Cached) -> u32 {
    let cert_id = &key.cert_id;
    let octets = size_of::<Key>()
        + cert_id.raw.len()
        + cert_id.issuer_name_hash.len()
        + cert_id.issuer_key_hash.len()
        + size_of::<Cached>()
        + size_of_val(cached.preferred.as_slice())
        + cached.der.len();
    u32::try_from(octets).unwrap_or(u32::MAX)
}
