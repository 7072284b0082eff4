//! The writer: the only task that changes the database.
//!
//! Operations queue; everything that queued while the last transaction was being made durable goes
//! into the next one. There is no timer: an operation that finds the writer idle is committed at
//! once, and under load one sync serves many. What nobody waits for lies on a shelf until somebody
//! else's transaction takes it along. An operation that fails takes nobody with it: the
//! transaction is taken back and each of its operations is carried out alone.

mod job;

use std::{io, thread, time::Duration};

use async_trait::async_trait;
use pki::time::SharedClock;
use tokio::{
    runtime,
    sync::{mpsc, oneshot, watch},
    time::{Instant, timeout, timeout_at},
};
use tokio_util::sync::CancellationToken;

use self::job::{Job, Nudge, Queued, Shelf};
use crate::{
    FeedHead, StoreError,
    batch::{Batch, CommitFailure},
    engine::{Connection, Options},
    registry::KnownPeers,
};

/// How many operations may wait before callers do.
const QUEUE: usize = 4096;
/// How long an operation that is not urgent waits for company.
const LINGER: Duration = Duration::from_millis(20);
/// After how many operations in one transaction the next one waits until it is as large: where many
/// wait, what a transaction costs counts for more than when it begins.
const CROWD: usize = 32;
/// How long it waits at most.
const COMPANY: Duration = Duration::from_millis(2);
/// How many operations share a transaction at most.
const LARGEST_BATCH: usize = 512;

/// An operation. It may be carried out more than once, but is committed at most once.
#[async_trait]
pub(crate) trait Operation: Send + Sync + 'static {
    /// What the caller learns after the commit.
    type Answer: Send + 'static;

    /// Whether it may change what is known of peers.
    const CHANGES_PEERS: bool = false;

    /// Carries the operation out in a transaction; a refusal is an answer and must change nothing.
    async fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Answer, StoreError>;

    /// Carries several out, as if one after another: what is done most reads and writes its rows many
    /// at a time.
    async fn apply_all(
        operations: &[&Self],
        batch: &mut Batch<'_>,
    ) -> Result<Vec<Self::Answer>, StoreError>
    where
        Self: Sized,
    {
        let mut answers = Vec::with_capacity(operations.len());
        for operation in operations {
            answers.push(operation.apply(batch).await?);
        }
        Ok(answers)
    }
}

/// Where operations are handed in.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Box<dyn Job>>,
    shelf: Shelf,
    head: watch::Sender<FeedHead>,
    stop: CancellationToken,
}

impl Writer {
    /// Starts the writer; the receiver hears when it has ended, which it does when every handle is gone
    /// and the queue is empty.
    ///
    /// It has a thread of its own: everybody waits for it, so it must not stand in line behind those
    /// that check signatures.
    ///
    /// # Errors
    /// There can be no more threads.
    pub(crate) fn start(
        options: Options,
        clock: SharedClock,
        feed_head: FeedHead,
        peers: KnownPeers,
    ) -> io::Result<(Self, oneshot::Receiver<()>)> {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let head = watch::Sender::new(feed_head);
        let announce = head.clone();
        let stop = CancellationToken::new();
        let shelf = Shelf::default();
        let task = WriterTask {
            connection: None,
            options,
            clock,
            announce,
            shelf: shelf.clone(),
            peers,
        };
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (ended, end) = oneshot::channel();
        let stopping = stop.clone();
        thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || {
                runtime.block_on(task.run(jobs, stopping));
                // Nobody may be waiting for it.
                ended.send(()).ok();
            })?;
        let writer = Self {
            queue,
            shelf,
            head,
            stop,
        };
        Ok((writer, end))
    }

    /// Hands an operation in and waits until it is durable.
    pub(crate) async fn submit<O: Operation>(&self, operation: O) -> Result<O::Answer, StoreError> {
        let (job, answered) = Queued::queue(operation);
        self.hand_in(job).await?;
        answered.await.map_err(|_| StoreError::WriterStopped)?
    }

    /// As [`Self::submit`], for what nobody is kept waiting by: it goes with the next transaction that
    /// is made anyway, and has one of its own only if there is none for a while.
    pub(crate) async fn submit_unhurried<O: Operation>(
        &self,
        operation: O,
    ) -> Result<O::Answer, StoreError> {
        let (job, mut answered) = Queued::queue(operation);
        self.shelf.put(job);
        let outcome = if let Ok(outcome) = timeout(LINGER, &mut answered).await {
            outcome
        } else {
            let (nudge, _) = Queued::queue(Nudge);
            self.hand_in(nudge).await?;
            answered.await
        };
        outcome.map_err(|_| StoreError::WriterStopped)?
    }

    async fn hand_in(&self, job: Box<dyn Job>) -> Result<(), StoreError> {
        let handed_in = self.queue.send(job).await;
        handed_in.map_err(|_| StoreError::WriterStopped)
    }

    /// Takes no more operations; those that are queued are still carried out.
    pub(crate) fn stop(&self) {
        self.stop.cancel();
    }

    /// Takes note of a head that another daemon may have moved.
    pub(crate) fn saw(&self, head: FeedHead) {
        self.head.send_if_modified(|known| known.advance(head));
    }

    /// Shows the feed's head, as this process moves it.
    pub(crate) fn head(&self) -> watch::Receiver<FeedHead> {
        self.head.subscribe()
    }
}

struct WriterTask {
    /// Absent at first and after a failure, until the next transaction needs it.
    connection: Option<Connection>,
    options: Options,
    clock: SharedClock,
    announce: watch::Sender<FeedHead>,
    shelf: Shelf,
    peers: KnownPeers,
}

/// Why a transaction was not committed.
enum Failure {
    /// It could not begin.
    Begin(StoreError),
    /// One of its operations cannot be carried out; the others can.
    Operation(StoreError),
    /// The database is gone, or it is not known whether it committed.
    Database(StoreError),
}

impl Failure {
    fn into_error(self) -> StoreError {
        match self {
            Self::Begin(error) | Self::Operation(error) | Self::Database(error) => error,
        }
    }
}

impl WriterTask {
    async fn run(mut self, mut queue: mpsc::Receiver<Box<dyn Job>>, stop: CancellationToken) {
        let mut jobs = Vec::new();
        let mut before = 0;
        loop {
            let received = tokio::select! {
                biased;
                () = stop.cancelled(), if !queue.is_closed() => {
                    queue.close();
                    continue;
                }
                received = queue.recv_many(&mut jobs, LARGEST_BATCH) => received,
            };
            if before >= CROWD {
                wait_for_company(&mut jobs, &mut queue, before).await;
            }
            before = jobs.len();
            jobs.extend(self.shelf.take());
            if jobs.is_empty() {
                break;
            }
            metrics::histogram!("store_batch_operations").record(count(&jobs));
            self.carry_out(std::mem::take(&mut jobs)).await;
            if received == 0 {
                break;
            }
        }
        if let Some(connection) = self.connection.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "the writer's connection was not closed in order");
        }
    }

    async fn carry_out(&mut self, mut jobs: Vec<Box<dyn Job>>) {
        match self.transact(&mut jobs).await {
            Err(Failure::Operation(_)) if jobs.len() > 1 => {
                for job in jobs {
                    let mut alone = vec![job];
                    let outcome = self.transact(&mut alone).await;
                    answer(alone, outcome);
                }
            }
            outcome => answer(jobs, outcome),
        }
    }

    /// Carries all jobs out in one transaction and commits it.
    async fn transact(&mut self, jobs: &mut [Box<dyn Job>]) -> Result<(), Failure> {
        if let Some(connection) = self.connection.take() {
            match self.transact_on(connection, jobs).await {
                // The server may have been restarted since the last transaction.
                Err(Failure::Begin(error)) => {
                    tracing::warn!(%error, "the writer connects again");
                }
                outcome => return outcome,
            }
        }
        let connection = Batch::connect(&self.options)
            .await
            .map_err(|error| Failure::Database(error.into()))?;
        self.transact_on(connection, jobs).await
    }

    async fn transact_on(
        &mut self,
        mut connection: Connection,
        jobs: &mut [Box<dyn Job>],
    ) -> Result<(), Failure> {
        let applied = apply_all(&mut connection, &self.clock, jobs).await;
        // Also where it is not known whether it was committed; before anybody hears of it.
        if jobs.iter().any(|job| job.changes_peers()) {
            self.peers.forget();
        }
        match applied {
            Ok(head) => {
                self.connection = Some(connection);
                self.announce.send_if_modified(|known| known.advance(head));
                Ok(())
            }
            Err(failure) => {
                // A connection that cannot roll back is dropped, which takes the transaction back.
                if matches!(failure, Failure::Operation(_)) && connection.roll_back().await.is_ok()
                {
                    self.connection = Some(connection);
                }
                Err(failure)
            }
        }
    }
}

/// Those that the last transaction answered are on their way here again.
async fn wait_for_company(
    jobs: &mut Vec<Box<dyn Job>>,
    queue: &mut mpsc::Receiver<Box<dyn Job>>,
    before: usize,
) {
    let until = Instant::now() + COMPANY;
    while jobs.len() < before {
        let room = before - jobs.len();
        match timeout_at(until, queue.recv_many(jobs, room)).await {
            Ok(more) if more > 0 => {}
            _ => return,
        }
    }
}

fn answer(jobs: Vec<Box<dyn Job>>, outcome: Result<(), Failure>) {
    match outcome {
        Ok(()) => {
            for job in jobs {
                job.answer();
            }
        }
        Err(failure) => {
            let error = failure.into_error();
            for job in jobs {
                job.fail(error.clone());
            }
        }
    }
}

async fn apply_all(
    connection: &mut Connection,
    clock: &SharedClock,
    jobs: &mut [Box<dyn Job>],
) -> Result<FeedHead, Failure> {
    let mut batch = Batch::begin(connection, clock.now())
        .await
        .map_err(Failure::Begin)?;
    // All of them wait at the same time, so that any order of them is right.
    jobs.sort_by_key(|job| job.kind());
    for alike in jobs.chunk_by_mut(|one, other| one.kind() == other.kind()) {
        if let Some((first, others)) = alike.split_first_mut() {
            first.apply(others, &mut batch).await.map_err(at_fault)?;
        }
    }
    batch.commit().await.map_err(|failure| match failure {
        CommitFailure::Before(error) => at_fault(error),
        CommitFailure::During(source) => Failure::Database(StoreError::OutcomeUnknown {
            source: source.into(),
        }),
    })
}

/// Tells an operation that cannot be carried out from a database that is gone.
fn at_fault(error: StoreError) -> Failure {
    if matches!(&error, StoreError::Database { source } if is_gone(source)) {
        Failure::Database(error)
    } else {
        Failure::Operation(error)
    }
}

fn is_gone(error: &sqlx::Error) -> bool {
    matches!(
        error,
        sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::WorkerCrashed
    )
}

fn count(jobs: &[Box<dyn Job>]) -> f64 {
    u32::try_from(jobs.len()).unwrap_or(u32::MAX).into()
}
