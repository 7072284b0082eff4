//! A thread that owns a session, and what it does when a call fails on it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use tokio::sync::Notify;

use crate::connection::Connection;
use crate::connector::Connector;
use crate::queue::Queue;
use crate::{ErrorClass, HsmError};

/// One thread's session and the means to get another.
pub(crate) struct Worker {
    connector: Arc<Connector>,
    connection: Option<Connection>,
    counts: Arc<Counts>,
}

impl Worker {
    pub(crate) fn new(connector: Arc<Connector>, counts: Arc<Counts>) -> Self {
        Self {
            connector,
            connection: None,
            counts,
        }
    }

    /// Works until the queue is closed.
    pub(crate) fn run(mut self, queue: &Queue<Job>) {
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
    /// reinitialised module may mend: at most [`ATTEMPTS`] times, each a stage further, and only
    /// while somebody waits for the answer.
    pub(crate) fn perform<T>(
        &mut self,
        repeat: Repeat,
        is_awaited: impl Fn() -> bool,
        call: &mut impl FnMut(&mut Connection) -> Result<T, HsmError>,
    ) -> Result<T, HsmError> {
        let began = Instant::now();
        let mut attempt = 1;
        let result = loop {
            let (generation, result) = self.attempt(call);
            let Err(error) = &result else { break result };
            metrics::counter!("hsm_errors_total", "code" => error.code()).increment(1);
            let class = error.class();
            let hopeless = class == ErrorClass::Permanent || attempt == ATTEMPTS;
            if hopeless || repeat == Repeat::Never || !is_awaited() {
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

    /// Counts a result whose caller had given up.
    pub(crate) fn count_late_result(&self) {
        self.counts.late.fetch_add(1, Ordering::Relaxed);
        metrics::counter!("hsm_late_results_total").increment(1);
        tracing::warn!("a result of the token came too late and was discarded");
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

/// A call with the way to answer it.
pub(crate) type Job = Box<dyn FnOnce(&mut Worker) + Send>;

/// What the workers are doing and have done.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) alive: AtomicUsize,
    pub(crate) busy: AtomicUsize,
    pub(crate) late: AtomicU64,
    pub(crate) recoveries: AtomicU64,
    /// A worker has ended.
    pub(crate) ended: Notify,
}

/// Whether a call may be made again after an error that a new session can mend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// The call leaves nothing behind when it fails.
    Yes,
    /// It may have changed the token.
    Never,
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
pub(crate) const ATTEMPTS: u32 = 3;
