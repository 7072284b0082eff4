//! Worker threads that each own a session, and the calls that wait for them.
//!
//! PKCS#11 calls block and cannot be cancelled. A caller that gives up leaves its call to the
//! worker: one that has not begun is skipped, one that has begun is finished and its result
//! discarded.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, oneshot};

use crate::connection::Connection;
use crate::connector::Connector;
use crate::queue::{Queue, Refused};
use crate::{ErrorClass, HsmError};

/// The way to the workers; dropping it sends them home.
pub(crate) struct Pool {
    queue: Arc<Queue<Job>>,
    connector: Arc<Connector>,
    counts: Arc<Counts>,
    deadline: Duration,
}

type Job = Box<dyn FnOnce(&mut Worker) + Send>;

/// What the workers are doing and have done.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    alive: AtomicUsize,
    busy: AtomicUsize,
    late: AtomicU64,
    recoveries: AtomicU64,
    /// A worker has ended.
    ended: Notify,
}

/// Whether a call may be made again after an error that a new session can mend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// The call leaves nothing behind when it fails.
    Yes,
    /// It may have changed the token.
    Never,
}

impl Pool {
    /// Starts the workers. They open their sessions with their first call.
    pub(crate) fn start(
        connector: Arc<Connector>,
        workers: usize,
        queue: usize,
        deadline: Duration,
    ) -> Result<Self, HsmError> {
        let pool = Self {
            queue: Arc::new(Queue::new(queue)),
            connector,
            counts: Arc::default(),
            deadline,
        };
        for number in 0..workers {
            let queue = Arc::clone(&pool.queue);
            let worker = Worker {
                connector: Arc::clone(&pool.connector),
                connection: None,
                counts: Arc::clone(&pool.counts),
            };
            std::thread::Builder::new()
                .name(format!("hsm-{number}"))
                .spawn(move || worker.run(&queue))
                .map_err(|source| HsmError::Thread {
                    source: Arc::new(source),
                })?;
            pool.counts.alive.fetch_add(1, Ordering::AcqRel);
        }
        Ok(pool)
    }

    /// Sends the workers home and waits, within the deadline, until their sessions are closed.
    pub(crate) async fn close(&self) {
        self.queue.close();
        let all_ended = async {
            loop {
                let ended = self.counts.ended.notified();
                if self.counts.alive.load(Ordering::Acquire) == 0 {
                    break;
                }
                ended.await;
            }
        };
        if tokio::time::timeout(self.deadline, all_ended)
            .await
            .is_err()
        {
            tracing::warn!("the token is still busy; its sessions are left to the module");
        }
    }

    /// Runs a call on a worker's session, within the configured deadline.
    ///
    /// # Errors
    /// [`HsmError::QueueFull`], [`HsmError::Deadline`], or what the call met in the end.
    pub(crate) async fn call<T: Send + 'static>(
        &self,
        call: impl FnMut(&mut Connection) -> Result<T, HsmError> + Send + 'static,
    ) -> Result<T, HsmError> {
        self.call_within(self.deadline, Repeat::Yes, call).await
    }

    /// As [`Self::call`], with another deadline.
    pub(crate) async fn call_within<T: Send + 'static>(
        &self,
        deadline: Duration,
        repeat: Repeat,
        mut call: impl FnMut(&mut Connection) -> Result<T, HsmError> + Send + 'static,
    ) -> Result<T, HsmError> {
        let (reply, answer) = oneshot::channel();
        let caller = Caller::new();
        let ticket = Arc::clone(&caller.0);
        let job: Job = Box::new(move |worker| {
            if !begin(&ticket) {
                return;
            }
            let result = worker.perform(repeat, &mut call);
            if reply.send(result).is_err() {
                worker.counts.late.fetch_add(1, Ordering::Relaxed);
                metrics::counter!("hsm_late_results_total").increment(1);
                tracing::warn!("a result of the token came too late and was discarded");
            }
        });
        self.queue.push(job).map_err(|refused| match refused {
            Refused::Full => HsmError::QueueFull,
            Refused::Closed => HsmError::Stopped,
        })?;
        match tokio::time::timeout(deadline, answer).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(HsmError::Stopped),
            Err(_) => Err(HsmError::Deadline {
                started: caller.give_up(),
            }),
        }
    }

    pub(crate) fn connector(&self) -> &Connector {
        &self.connector
    }

    /// Calls that wait for a worker.
    pub(crate) fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Workers that are in a call.
    pub(crate) fn busy(&self) -> usize {
        self.counts.busy.load(Ordering::Relaxed)
    }

    /// Results that came after their caller had given up.
    pub(crate) fn late_results(&self) -> u64 {
        self.counts.late.load(Ordering::Relaxed)
    }

    /// Calls that were made again after an error.
    pub(crate) fn recoveries(&self) -> u64 {
        self.counts.recoveries.load(Ordering::Relaxed)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.queue.close();
    }
}

/// The caller's end of a call: whoever moves it off [`WAITING`] first decides whether it is made.
struct Caller(Arc<AtomicU8>);

impl Caller {
    fn new() -> Self {
        Self(Arc::new(AtomicU8::new(WAITING)))
    }

    /// Takes the call back; says whether it was too late for that.
    fn give_up(&self) -> bool {
        !move_from_waiting(&self.0, GIVEN_UP)
    }
}

impl Drop for Caller {
    /// Also when the caller's task is cancelled.
    fn drop(&mut self) {
        self.give_up();
    }
}

fn begin(ticket: &AtomicU8) -> bool {
    move_from_waiting(ticket, STARTED)
}

fn move_from_waiting(ticket: &AtomicU8, to: u8) -> bool {
    let moved = ticket.compare_exchange(WAITING, to, Ordering::AcqRel, Ordering::Acquire);
    moved.is_ok()
}

const WAITING: u8 = 0;
const STARTED: u8 = 1;
const GIVEN_UP: u8 = 2;

/// One thread's session and the means to get another.
struct Worker {
    connector: Arc<Connector>,
    connection: Option<Connection>,
    counts: Arc<Counts>,
}

impl Worker {
    fn run(mut self, queue: &Queue<Job>) {
        while let Some(job) = queue.pop() {
            self.counts.busy.fetch_add(1, Ordering::Relaxed);
            job(&mut self);
            self.counts.busy.fetch_sub(1, Ordering::Relaxed);
        }
        let counts = Arc::clone(&self.counts);
        drop(self);
        counts.alive.fetch_sub(1, Ordering::AcqRel);
        counts.ended.notify_waiters();
    }

    /// Makes a call, and makes it again after an error that a new session, a new login or a
    /// reinitialised module may mend: at most [`ATTEMPTS`] times, each a stage further.
    fn perform<T>(
        &mut self,
        repeat: Repeat,
        call: &mut impl FnMut(&mut Connection) -> Result<T, HsmError>,
    ) -> Result<T, HsmError> {
        let began = Instant::now();
        let mut attempt = 1;
        let result = loop {
            let (generation, result) = self.attempt(call);
            let Err(error) = &result else { break result };
            metrics::counter!("hsm_errors_total", "code" => error.code()).increment(1);
            let class = error.class();
            if class == ErrorClass::Permanent || attempt == ATTEMPTS || repeat == Repeat::Never {
                break result;
            }
            self.counts.recoveries.fetch_add(1, Ordering::Relaxed);
            metrics::counter!("hsm_recoveries_total").increment(1);
            tracing::warn!(error = %Chain(error), ?class, attempt, "recovering the token's session");
            // A second failure of a fresh session points at the module itself.
            let reinitialise =
                class == ErrorClass::Reinitialise || (class == ErrorClass::Reopen && attempt > 1);
            if reinitialise && !self.connector.module().reinitialise(generation) {
                break result;
            }
            if class == ErrorClass::LogInAgain {
                let state = self.connector.module().enter();
                self.connector.forget_login(state.generation);
            }
            attempt += 1;
        };
        metrics::histogram!("hsm_call_seconds").record(began.elapsed());
        result
    }

    /// One attempt, with the session dropped after any error of the module: an operation that a
    /// failed call left open would spoil the next.
    fn attempt<T>(
        &mut self,
        call: &mut impl FnMut(&mut Connection) -> Result<T, HsmError>,
    ) -> (u64, Result<T, HsmError>) {
        let connector = Arc::clone(&self.connector);
        let state = connector.module().enter();
        let generation = state.generation;
        let mut connection = match self.take_connection(generation) {
            Some(connection) => connection,
            None => match connector.connect(generation) {
                Ok(connection) => connection,
                Err(error) => return (generation, Err(error)),
            },
        };
        let result = call(&mut connection);
        match &result {
            Err(HsmError::Call { .. } | HsmError::Binding { .. }) => connection.close(generation),
            _ => self.connection = Some(connection),
        }
        (generation, result)
    }

    fn take_connection(&mut self, generation: u64) -> Option<Connection> {
        let connection = self.connection.take()?;
        if connection.generation() == generation {
            return Some(connection);
        }
        connection.close(generation);
        None
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            let state = self.connector.module().enter();
            connection.close(state.generation);
        }
    }
}

/// An error with its causes, for the log.
struct Chain<'a>(&'a HsmError);

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = std::error::Error::source(self.0);
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

/// As found, on a new session or login, on a reinitialised module.
const ATTEMPTS: u32 = 3;

#[cfg(test)]
mod tests;
