//! ocsp-responder in this process, and what it answers.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use feed::{FeedSink as _, Position};
use ocsp::{Answer, Asked, CertIdHash, CertStatus, Query, ResponseFault, ResponseStatus};
use ocsp_responder::answer::{
    AnswerSettings, AnswerSigner, NeverIssued, Responder, ResponderParts,
};
use ocsp_responder::authority::Authorities;
use ocsp_responder::follow::ResponderSink;
use ocsp_responder::freshness::Freshness;
use ocsp_responder::index::StatusIndex;
use ocsp_responder::keys::Keys;
use pki::SerialNumber;
use pki::time::{SharedClock, SignedDuration};
use store::copy::StatusCopy;

use crate::authority::{RESPONDER, TestAuthority};
use crate::model::{Known, Model, Shown};

/// The responder and its copy of the feed.
pub struct TestResponder {
    directory: PathBuf,
    sink: ResponderSink,
    responder: Responder,
}

/// Of `policy/internal.toml`.
pub const ARCHIVE: Duration = Duration::from_hours(30 * 24);

impl TestResponder {
    pub async fn start(at: &TestAuthority, directory: &Path) -> Self {
        let clock: SharedClock = Arc::new(at.clock.clone());
        let copy = StatusCopy::open(&directory.join("responder.db"))
            .await
            .unwrap();
        let freshness = Arc::new(Freshness::new(Arc::clone(&clock), None));
        let signer: Arc<dyn AnswerSigner> = Arc::new(at.responder_key.clone());
        let keys = Arc::new(Keys::new(vec![signer]));
        let authorities = Arc::new(Authorities::new(keys.hashes()));
        let index = Arc::new(StatusIndex::default());
        let sink = ResponderSink::load(
            copy,
            RESPONDER,
            Arc::clone(&index),
            Arc::clone(&authorities),
            Arc::clone(&freshness),
        );
        let parts = ResponderParts {
            clock,
            authorities,
            index: Arc::clone(&index),
            freshness,
            keys,
        };
        let settings = AnswerSettings {
            reuse: Duration::from_mins(5),
            hot: NonZeroU32::MAX,
            cache_bytes: 1 << 22,
            known_per_second: NonZeroU32::MAX,
            fresh_per_second: NonZeroU32::MAX,
            unknown_per_second: NonZeroU32::MAX,
            never_issued: NeverIssued::Unknown,
        };
        Self {
            directory: directory.to_owned(),
            sink: sink.await.unwrap(),
            responder: Responder::new(parts, settings),
        }
    }

    /// Begins anew with what its copy says.
    pub async fn start_again(self, at: &TestAuthority) -> Self {
        let directory = self.directory.clone();
        drop(self);
        Self::start(at, &directory).await
    }

    /// Takes everything in.
    pub async fn follow(&self, at: &TestAuthority) {
        let store = &at.authority.store;
        loop {
            let Position { cursor, .. } = self.sink.position().await.unwrap();
            let entries = store
                .feed_after(cursor, PAGE)
                .await
                .unwrap()
                .entries()
                .unwrap();
            let Some(last) = entries.last() else { break };
            let reached = last.seq;
            self.sink.apply(entries, reached).await.unwrap();
        }
        self.sink.heard(at.now());
    }

    /// Asks about serial numbers, as many at once as a request can hold, and compares the answers.
    pub async fn compare(&self, at: &TestAuthority, model: &Model, serials: &[SerialNumber]) {
        let now = at.now();
        let is_archived = |serial: &&SerialNumber| {
            let known = model.find(serial);
            known.is_some_and(|known| is_archived(known, now))
        };
        let (archived, answered): (Vec<&SerialNumber>, Vec<_>) =
            serials.iter().partition(is_archived);
        for some in answered.chunks(ocsp::MAX_CERT_IDS) {
            let some: Vec<SerialNumber> = some.iter().map(|serial| **serial).collect();
            let answer = self.ask(at, &some).await.unwrap();
            for (serial, stated) in some.iter().zip(answer.statuses) {
                let expected = expected(model.find(serial));
                assert_eq!(stated.status, expected, "the answer about {serial}");
            }
        }
        for serial in archived {
            let unauthorized = ResponseFault::Exception {
                status: ResponseStatus::Unauthorized,
            };
            let answer = self.ask(at, &[*serial]).await;
            assert_eq!(answer, Err(unauthorized), "{serial} is over for long");
        }
    }

    async fn ask(
        &self,
        at: &TestAuthority,
        serials: &[SerialNumber],
    ) -> Result<Answer, ResponseFault> {
        let issuer = at.ca.issuer.certificate();
        let query = Query::new(issuer, serials, CertIdHash::Sha256, None).unwrap();
        let answer = self.responder.answer(query.der()).await;
        let asked = Asked {
            query: &query,
            issuer,
            now: at.now(),
            tolerance: SignedDuration::ZERO,
        };
        Answer::verify(&answer.der, &asked)
    }
}

fn is_archived(known: &Known, now: pki::time::Timestamp) -> bool {
    known.not_after + ARCHIVE < now
}

fn expected(known: Option<&Known>) -> CertStatus {
    let Some(known) = known else {
        return CertStatus::Unknown;
    };
    known.bad.map_or(CertStatus::Good, |shown| {
        let Shown { since, reason, .. } = shown;
        let at = pki::time::Timestamp::from_second(since).unwrap();
        CertStatus::Revoked { at, reason }
    })
}

const PAGE: u32 = 1_000;
