//! Operations as the writer holds them: of any type, each with the caller that waits for it.

use std::{
    any::{Any, TypeId},
    fmt::{self, Debug},
    iter,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use tokio::sync::oneshot;

use super::Operation;
use crate::{StoreError, batch::Batch};

/// An operation of any type, with the caller that waits for it.
#[async_trait]
pub(super) trait Job: Any + Send {
    /// The type of the operation.
    fn kind(&self) -> TypeId;
    /// Whether it may change what is known of peers.
    fn changes_peers(&self) -> bool;
    /// Carries the operation out, and with it others of the same kind.
    async fn apply(
        &mut self,
        alike: &mut [Box<dyn Job>],
        batch: &mut Batch<'_>,
    ) -> Result<(), StoreError>;
    fn answer(self: Box<Self>);
    fn fail(self: Box<Self>, error: StoreError);
}

/// One operation, what came of it, and who is to hear.
pub(super) struct Queued<O: Operation> {
    operation: O,
    outcome: Option<O::Answer>,
    answer: oneshot::Sender<Result<O::Answer, StoreError>>,
}

/// Where the answer comes.
pub(super) type Answered<O> = oneshot::Receiver<Result<<O as Operation>::Answer, StoreError>>;

impl<O: Operation> Queued<O> {
    /// The job, and where its answer comes.
    pub(super) fn queue(operation: O) -> (Box<dyn Job>, Answered<O>) {
        let (answer, answered) = oneshot::channel();
        let job = Self {
            operation,
            outcome: None,
            answer,
        };
        (Box::new(job), answered)
    }
}

/// Jobs that wait for a transaction that is made anyway.
#[derive(Clone, Default)]
pub(super) struct Shelf(Arc<Mutex<Vec<Box<dyn Job>>>>);

impl Shelf {
    pub(super) fn put(&self, job: Box<dyn Job>) {
        self.jobs().push(job);
    }

    pub(super) fn take(&self) -> Vec<Box<dyn Job>> {
        std::mem::take(&mut *self.jobs())
    }

    fn jobs(&self) -> MutexGuard<'_, Vec<Box<dyn Job>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Shelf").field(&self.jobs().len()).finish()
    }
}

/// Makes the writer look at its shelf.
pub(super) struct Nudge;

#[async_trait]
impl Operation for Nudge {
    type Answer = ();

    async fn apply(&self, _: &mut Batch<'_>) -> Result<(), StoreError> {
        Ok(())
    }
}

#[async_trait]
impl<O: Operation> Job for Queued<O> {
    fn kind(&self) -> TypeId {
        TypeId::of::<O>()
    }

    fn changes_peers(&self) -> bool {
        O::CHANGES_PEERS
    }

    async fn apply(
        &mut self,
        alike: &mut [Box<dyn Job>],
        batch: &mut Batch<'_>,
    ) -> Result<(), StoreError> {
        let alike = alike.iter_mut().filter_map(|job| {
            let job: &mut dyn Any = job.as_mut();
            job.downcast_mut::<Self>()
        });
        let all: Vec<_> = iter::once(self).chain(alike).collect();
        let operations: Vec<_> = all.iter().map(|queued| &queued.operation).collect();
        let answers = O::apply_all(&operations, batch).await?;
        for (queued, answer) in all.into_iter().zip(answers) {
            queued.outcome = Some(answer);
        }
        Ok(())
    }

    fn answer(self: Box<Self>) {
        let outcome = self.outcome.ok_or(StoreError::WriterStopped);
        // A caller that went away does not matter: the operation is recorded all the same.
        self.answer.send(outcome).ok();
    }

    fn fail(self: Box<Self>, error: StoreError) {
        self.answer.send(Err(error)).ok();
    }
}
