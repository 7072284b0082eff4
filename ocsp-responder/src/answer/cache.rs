//! Signed answers that many may be given.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::Duration,
};

use moka::future::Cache as Store;
use pki::time::Timestamp;

use super::{AnswerTerms, SigningFault, query::Query, signing::Signed};
use crate::metrics;

/// What an answer depends on. A change of status or of the responder's certificate has a new
/// sequence number and so never finds an answer of before.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    /// The CertID byte for byte: an answer repeats it.
    cert_id: Vec<u8>,
    /// Sequence number of the status.
    seq: u64,
    /// Sequence number of the responder's certificate.
    delegation_seq: u64,
    /// Which stretch of time the answer is given in.
    period: i64,
}

/// Bounded by memory; whoever is asked for least leaves first.
#[derive(Debug)]
pub(super) struct Cache {
    store: Store<Key, Arc<Signed>>,
    reuse: Duration,
}

impl Cache {
    pub(super) fn new(terms: &AnswerTerms) -> Self {
        let store = Store::builder()
            .max_capacity(terms.cache_bytes)
            .weigher(|key: &Key, signed: &Arc<Signed>| weight(key, signed))
            .time_to_live(terms.reuse)
            .build();
        Self {
            store,
            reuse: terms.reuse,
        }
    }

    /// The key of an answer given at `now`. Time is cut into stretches of the length for which
    /// answers are given again, shifted for each certificate, so that not all are signed at once.
    pub(super) fn key(
        &self,
        query: &Query<'_>,
        seq: u64,
        delegation_seq: u64,
        now: Timestamp,
    ) -> Key {
        let mut hasher = DefaultHasher::new();
        let mut cert_id = Vec::new();
        for subject in &query.subjects {
            subject.cert_id.serial.hash(&mut hasher);
            cert_id.extend_from_slice(&subject.cert_id.raw);
        }
        let stretch = i64::try_from(self.reuse.as_secs())
            .unwrap_or(i64::MAX)
            .max(1);
        let shift = i64::try_from(hasher.finish() >> 1).unwrap_or(0) % stretch;
        Key {
            cert_id,
            seq,
            delegation_seq,
            period: now.as_second().saturating_add(shift).div_euclid(stretch),
        }
    }

    /// The answer under `key`, made by `sign` if there is none; of many who ask at once, one signs.
    pub(super) async fn get_or_sign(
        &self,
        key: Key,
        sign: impl Future<Output = Result<Signed, SigningFault>>,
    ) -> Result<Arc<Signed>, SigningFault> {
        let mut missed = false;
        let signed = self
            .store
            .try_get_with(key, async {
                missed = true;
                sign.await.map(Arc::new)
            })
            .await
            .map_err(|fault: Arc<SigningFault>| *fault);
        metrics::cache(!missed);
        signed
    }
}

fn weight(key: &Key, signed: &Signed) -> u32 {
    let octets = size_of::<Key>() + key.cert_id.len() + size_of::<Signed>() + signed.der.len();
    u32::try_from(octets).unwrap_or(u32::MAX)
}
