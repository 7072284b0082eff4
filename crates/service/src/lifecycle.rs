//! The life of a daemon: its tasks, the signals that end it, the deadlines by which it ends.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Deserialize;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::{HumanDuration, notify};

/// How long a daemon may take to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LifecycleLimits {
    /// From the signal until unfinished work is told to break off; default 20 seconds.
    pub soft_stop: HumanDuration,
    /// From then until the process leaves it behind; default 5 seconds.
    pub hard_stop: HumanDuration,
}

/// A daemon's tasks and how they are told to end; clones share them.
///
/// First [`stopping`](Self::stopping) is cancelled: take nothing new, finish what was begun. After
/// the soft deadline, or at a second signal, [`aborting`](Self::aborting): break off.
#[derive(Debug, Clone)]
pub struct Lifecycle {
    shared: Arc<Shared>,
}

/// Why a daemon ended otherwise than by being told to.
#[derive(Debug, thiserror::Error)]
pub enum LifecycleError {
    /// The operating system would not deliver signals.
    #[error("signals cannot be received")]
    Signals(#[source] std::io::Error),
    /// A task that was to live as long as the daemon failed.
    #[error("task {task} failed")]
    TaskFailed {
        /// Its name.
        task: String,
        /// What it returned.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A task that was to live as long as the daemon returned.
    #[error("task {task} ended by itself")]
    TaskEnded {
        /// Its name.
        task: String,
    },
    /// A task panicked or was dropped.
    #[error("task {task} died")]
    TaskDied {
        /// Its name.
        task: String,
    },
    /// The hard deadline passed.
    #[error("still running after the hard deadline: {}", .tasks.join(", "))]
    Deadline {
        /// The names of what was left behind.
        tasks: Vec<String>,
    },
}

/// What a task may return: nothing, or a result whose error ends the daemon.
pub trait TaskOutcome {
    /// As a result with an error of any type.
    ///
    /// # Errors
    /// The task's own.
    fn into_result(self) -> Result<(), Box<dyn std::error::Error + Send + Sync>>;
}

impl TaskOutcome for () {
    fn into_result(self) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Ok(())
    }
}

impl<E: Into<Box<dyn std::error::Error + Send + Sync>>> TaskOutcome for Result<(), E> {
    fn into_result(self) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        self.map_err(Into::into)
    }
}

#[derive(Debug)]
struct Shared {
    limits: LifecycleLimits,
    stopping: CancellationToken,
    aborting: CancellationToken,
    tracker: TaskTracker,
    running: Mutex<Running>,
    reloads: watch::Sender<u64>,
}

/// Guarded by the lock in [`Shared`].
#[derive(Debug, Default)]
struct Running {
    next: u64,
    names: BTreeMap<u64, Cow<'static, str>>,
    /// The first failure; it is what the daemon returns.
    failure: Option<LifecycleError>,
}

/// Takes a task off the list however it ends, and reports it unless it was allowed to end.
struct Place {
    shared: Arc<Shared>,
    id: u64,
    name: Cow<'static, str>,
    armed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Received {
    Terminate,
    Interrupt,
    HangUp,
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Default for LifecycleLimits {
    fn default() -> Self {
        Self {
            soft_stop: HumanDuration::from_secs(20),
            hard_stop: HumanDuration::from_secs(5),
        }
    }
}

impl Lifecycle {
    /// With no tasks yet.
    pub fn new(limits: LifecycleLimits) -> Self {
        Self {
            shared: Arc::new(Shared {
                limits,
                stopping: CancellationToken::new(),
                aborting: CancellationToken::new(),
                tracker: TaskTracker::new(),
                running: Mutex::new(Running::default()),
                reloads: watch::Sender::new(0),
            }),
        }
    }

    /// Cancelled when nothing new may be begun.
    pub fn stopping(&self) -> CancellationToken {
        self.shared.stopping.clone()
    }

    /// Cancelled when what is still running must break off.
    pub fn aborting(&self) -> CancellationToken {
        self.shared.aborting.clone()
    }

    /// Changes with each SIGHUP: read keys and certificates again.
    pub fn reloads(&self) -> watch::Receiver<u64> {
        self.shared.reloads.subscribe()
    }

    /// Tells the daemon to end, as SIGTERM does.
    pub fn stop(&self) {
        self.shared.stopping.cancel();
    }

    /// Runs a task that lives as long as the daemon: if it ends before it was told to, so does the
    /// daemon, with an error.
    pub fn spawn<F>(&self, name: impl Into<Cow<'static, str>>, task: F)
    where
        F: Future<Output: TaskOutcome> + Send + 'static,
    {
        let mut place = self.take_place(name, true);
        self.shared.tracker.spawn(async move {
            let outcome = task.await.into_result();
            place.armed = false;
            place.shared.ended(&place.name, outcome);
        });
    }

    /// Runs a task that may end by itself; the daemon waits for it before it ends.
    pub fn background<F>(&self, name: impl Into<Cow<'static, str>>, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let place = self.take_place(name, false);
        self.shared.tracker.spawn(async move {
            task.await;
            drop(place);
        });
    }

    /// Waits for a signal, a call of [`stop`](Self::stop) or the end of a task; then ends the daemon.
    ///
    /// # Errors
    /// [`LifecycleError`], unless the daemon was told to end and everything ended in time.
    pub async fn run(self) -> Result<(), LifecycleError> {
        let mut signals = Signals::new().map_err(LifecycleError::Signals)?;
        self.until_stopping(&mut signals).await;
        self.shared.stopping.cancel();
        notify::stopping();
        self.shared.tracker.close();
        self.soft_stop(&mut signals).await;
        self.shared.aborting.cancel();
        let in_time = tokio::time::timeout(
            self.shared.limits.hard_stop.get(),
            self.shared.tracker.wait(),
        );
        let ended = in_time.await.is_ok();
        self.outcome(ended)
    }

    async fn until_stopping(&self, signals: &mut Signals) {
        loop {
            tokio::select! {
                () = self.shared.stopping.cancelled() => return,
                received = signals.next() => match received {
                    Received::HangUp => {
                        tracing::info!("reloading");
                        self.shared.reloads.send_modify(|count| *count = count.wrapping_add(1));
                    }
                    Received::Terminate | Received::Interrupt => {
                        tracing::info!(signal = ?received, "stopping");
                        return;
                    }
                }
            }
        }
    }

    async fn soft_stop(&self, signals: &mut Signals) {
        let soft_stop = self.shared.limits.soft_stop;
        tokio::select! {
            () = self.shared.tracker.wait() => {}
            () = tokio::time::sleep(soft_stop.get()) => {
                tracing::warn!(after = %soft_stop, "breaking off what has not ended");
            }
            () = signals.next_ending() => tracing::warn!("told twice, breaking off"),
        }
    }

    fn outcome(&self, ended: bool) -> Result<(), LifecycleError> {
        let mut running = self.shared.running();
        if let Some(failure) = running.failure.take() {
            return Err(failure);
        }
        if ended {
            return Ok(());
        }
        Err(LifecycleError::Deadline {
            tasks: running
                .names
                .values()
                .map(|name| name.clone().into_owned())
                .collect(),
        })
    }

    fn take_place(&self, name: impl Into<Cow<'static, str>>, armed: bool) -> Place {
        let name = name.into();
        let mut running = self.shared.running();
        let id = running.next;
        running.next = id.wrapping_add(1);
        running.names.insert(id, name.clone());
        Place {
            shared: Arc::clone(&self.shared),
            id,
            name,
            armed,
        }
    }
}

impl Shared {
    fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ended(&self, task: &str, outcome: Result<(), Box<dyn std::error::Error + Send + Sync>>) {
        let task = task.to_owned();
        match outcome {
            Err(source) => self.fail(LifecycleError::TaskFailed { task, source }),
            Ok(()) if self.stopping.is_cancelled() => {}
            Ok(()) => self.fail(LifecycleError::TaskEnded { task }),
        }
    }

    /// Also a failure while stopping is kept: work that was to be finished was not.
    fn fail(&self, failure: LifecycleError) {
        tracing::error!(error = %failure, "the daemon cannot go on");
        self.running().failure.get_or_insert(failure);
        self.stopping.cancel();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared.running().names.remove(&self.id);
        if self.armed && !self.shared.stopping.is_cancelled() {
            self.shared.fail(LifecycleError::TaskDied {
                task: self.name.clone().into_owned(),
            });
        }
    }
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Received {
        tokio::select! {
            _ = self.terminate.recv() => Received::Terminate,
            _ = self.interrupt.recv() => Received::Interrupt,
            _ = self.hang_up.recv() => Received::HangUp,
        }
    }

    async fn next_ending(&mut self) {
        while self.next().await == Received::HangUp {}
    }
}

#[cfg(test)]
mod tests;
