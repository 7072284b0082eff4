//! Questions about earlier requests and certificates: those that come while one is on its way to the
//! database go there together with the next.

use std::collections::HashMap;

use tokio::sync::{mpsc, oneshot};

use super::{
    facts::{About, Facts, facts, place},
    query::{FactsQuery, StoredFacts},
};
use crate::{
    Store, StoreError,
    engine::{Options, Pool},
};

/// How many questions may wait before those who ask do.
const QUEUE: usize = 1024;
/// How many go together at most.
const TOGETHER: usize = 128;

/// Where questions are handed in.
#[derive(Debug, Clone)]
pub(crate) struct Inquiries {
    queue: mpsc::Sender<Inquiry>,
    reads: Pool,
}

/// A question, and who asks it.
#[derive(Debug)]
struct Inquiry {
    query: FactsQuery,
    answer: oneshot::Sender<Result<StoredFacts, StoreError>>,
}

impl Inquiries {
    /// Answers questions until every handle is gone.
    pub(crate) fn start(options: Options) -> Self {
        // All that wait ask together: one connection does.
        let reads = Pool::open(options.inquiring(), 1);
        let (queue, inquiries) = mpsc::channel(QUEUE);
        tokio::spawn(answer(reads.clone(), inquiries));
        Self { queue, reads }
    }

    /// Closes the connection; questions that come later fail.
    pub(crate) async fn close(&self) {
        self.reads.close().await;
    }

    async fn ask(&self, query: FactsQuery) -> Result<StoredFacts, StoreError> {
        let (answer, answered) = oneshot::channel();
        let handed_in = self.queue.send(Inquiry { query, answer }).await;
        handed_in.map_err(|_| sqlx::Error::PoolClosed)?;
        answered.await.map_err(|_| sqlx::Error::PoolClosed)?
    }
}

impl Store {
    /// Reads what the policy must know about earlier requests and certificates.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn issuance_facts(&self, query: FactsQuery) -> Result<StoredFacts, StoreError> {
        self.inquiries().ask(query).await
    }
}

async fn answer(reads: Pool, mut queue: mpsc::Receiver<Inquiry>) {
    let mut inquiries = Vec::new();
    while queue.recv_many(&mut inquiries, TOGETHER).await > 0 {
        let about: Vec<_> = inquiries.iter().map(|it| About::of(&it.query)).collect();
        let mut found = look_up(&reads, &about).await;
        for (number, inquiry) in inquiries.drain(..).enumerate() {
            let answer = match &mut found {
                Ok(found) => found
                    .remove(&number)
                    .ok_or(StoreError::Corrupt { what: "facts" }),
                Err(error) => Err(error.clone()),
            };
            // One who went away has no use for it.
            inquiry.answer.send(answer).ok();
        }
    }
}

async fn look_up(
    reads: &Pool,
    about: &[About<'_>],
) -> Result<HashMap<usize, StoredFacts>, StoreError> {
    let mut found = HashMap::with_capacity(about.len());
    for query in facts(reads.kind(), about) {
        for row in reads.all(query).await? {
            found.insert(place(&row)?, Facts::from_row(&row)?.stored);
        }
    }
    Ok(found)
}
