//! Worker threads that each own a session, and the calls that wait for them.
//!
//! PKCS#11 calls block and cannot be cancelled. A caller that gives up leaves its call to the
//! worker: one that has not begun is skipped, one that has begun is finished and its result
//! discarded.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::HsmError;
use crate::connection::Connection;
use crate::connector::Connector;
use crate::queue::{Queue, Refused};
use crate::worker::{Counts, Job, Repeat, Worker};

/// The way to the workers; dropping it sends them home and gives them a moment to get there.
pub(crate) struct Pool {
    queue: Arc<Queue<Job>>,
    connector: Arc<Connector>,
    counts: Arc<Counts>,
    deadline: Duration,
    /// Disconnected when the last worker has ended; nothing is ever sent.
    at_work: Mutex<mpsc::Receiver<()>>,
    threads: Vec<JoinHandle<()>>,
}

impl Pool {
    /// Starts the workers. They open their sessions with their first call.
    pub(crate) fn start(
        connector: Arc<Connector>,
        workers: usize,
        queue: usize,
        deadline: Duration,
    ) -> Result<Self, HsmError> {
        let (working, at_work) = mpsc::channel();
        let mut pool = Self {
            queue: Arc::new(Queue::new(queue)),
            connector,
            counts: Arc::default(),
            deadline,
            at_work: Mutex::new(at_work),
            threads: Vec::with_capacity(workers),
        };
        for number in 0..workers {
            let queue = Arc::clone(&pool.queue);
            let worker = Worker::new(Arc::clone(&pool.connector), Arc::clone(&pool.counts));
            let working: mpsc::Sender<()> = working.clone();
            pool.counts.alive.fetch_add(1, Ordering::AcqRel);
            let thread = std::thread::Builder::new()
                .name(format!("hsm-{number}"))
                .spawn(move || {
                    worker.run(&queue);
                    drop(working);
                })
                .map_err(|source| HsmError::Thread {
                    source: Arc::new(source),
                })?;
            pool.threads.push(thread);
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
            let result = worker.perform(repeat, || !reply.is_closed(), &mut call);
            // What the call holds on to is not this thread's to drop last.
            drop(call);
            if reply.send(result).is_err() {
                worker.count_late_result();
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
    /// Modules crash when a process ends while they are closing a session, and so do the libraries
    /// below them while a thread that used them is ending.
    fn drop(&mut self) {
        self.queue.close();
        let at_work = self.at_work.get_mut();
        let at_work = at_work.unwrap_or_else(PoisonError::into_inner);
        let farewell = at_work.recv_timeout(self.deadline.min(LONGEST_FAREWELL));
        if farewell == Err(RecvTimeoutError::Timeout) {
            return;
        }
        let own = std::thread::current().id();
        for thread in self
            .threads
            .drain(..)
            .filter(|thread| thread.thread().id() != own)
        {
            // A worker that panicked has ended as well.
            let _ended = thread.join();
        }
    }
}

/// A module that hangs must not keep the process from ending.
const LONGEST_FAREWELL: Duration = Duration::from_secs(1);

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

#[cfg(test)]
mod tests;
