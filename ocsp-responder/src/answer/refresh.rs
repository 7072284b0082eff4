//! Answers that are asked for often are signed anew before their time is over, so that no client
//! waits for the token when it is. The others just expire.

use std::{sync::Arc, time::Duration};

use pki::time::SignedDuration;
use tokio::task::JoinSet;

use super::{
    Responder,
    cache::{Cached, Key, Period},
    query::Question,
};
use crate::metrics;

/// How many answers are signed ahead at once: clients who wait need the token too.
const AT_ONCE: usize = 4;

/// The longest pause between two looks for what is due.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_secs(30);

impl Responder {
    /// How long to wait between two calls of [`Responder::refresh_ahead`]: short against the time
    /// that they have for their work.
    pub fn refresh_pause(&self) -> Duration {
        let pause = Period::lead(self.settings.reuse) / 4;
        let pause = pause.clamp(SignedDuration::from_secs(1), LONGEST_PAUSE);
        Duration::try_from(pause).unwrap_or(Duration::from_secs(1))
    }

    /// Signs what is due anew. An answer is kept under the sequence number of the status that it
    /// states, so that one which a revocation overtakes is never found.
    pub async fn refresh_ahead(self: &Arc<Self>) {
        let due = self.cache.due(self.clock.now(), self.settings.hot.get());
        let mut signing = JoinSet::new();
        for (key, cached) in due {
            if signing.len() >= AT_ONCE {
                signing.join_next().await;
            }
            let responder = Arc::clone(self);
            signing.spawn(async move { responder.refresh(&key, &cached).await });
        }
        while signing.join_next().await.is_some() {}
    }

    async fn refresh(&self, key: &Key, cached: &Cached) {
        let question = Question {
            cert_ids: std::slice::from_ref(&key.cert_id),
            nonce: None,
            preferred: &cached.preferred,
        };
        let Ok(query) = self.look_up(question) else {
            return;
        };
        let Some(record) = query.only_known().filter(|record| record.seq == key.seq) else {
            return;
        };
        let period = cached.period.next();
        let Ok(choice) = self.choose_for(&query, self.clock.now(), period) else {
            return;
        };
        let Some(next) = Key::new(&query, record, &choice, period) else {
            return;
        };
        let sign = self.signing.sign(&query, None, &choice);
        let made = self.cache.get_or_make(next, &query, period, sign).await;
        metrics::refreshed(made.is_ok());
    }
}
