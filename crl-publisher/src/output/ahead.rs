//! Content that goes to the disk while it is still asked whether it may stand there.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use bytes::Bytes;
use service::fs::NextFile;
use tokio::task::{JoinHandle, spawn_blocking};

/// What is written ahead: one file, since one list is checked at a time. If it is never asked for,
/// it goes with the next one, or when it is given up.
#[derive(Debug, Default)]
pub(super) struct Ahead(Mutex<Option<Writing>>);

#[derive(Debug)]
struct Writing {
    body: Bytes,
    next: JoinHandle<io::Result<NextFile>>,
}

impl Ahead {
    /// Begins to write what `file` may hold next.
    pub(super) fn begin(&self, file: PathBuf, body: Bytes) {
        let content = body.clone();
        let next = spawn_blocking(move || NextFile::write(&file, &content));
        self.replace(Some(Writing { body, next }));
    }

    /// Removes what was written, when all of it is.
    pub(super) fn give_up(&self) {
        drop(self.replace(None));
    }

    /// What was written of these octets for `file`; `None` if they are to be written now.
    pub(super) async fn take(&self, file: &Path, body: &Bytes) -> Option<NextFile> {
        let Writing { body: ahead, next } = self.replace(None)?;
        // The same octets in memory: to compare a million entries takes as long as to write them.
        if (ahead.as_ptr(), ahead.len()) != (body.as_ptr(), body.len()) {
            return None;
        }
        let next = next.await.ok()?.ok()?;
        (next.path() == file).then_some(next)
    }

    fn replace(&self, writing: Option<Writing>) -> Option<Writing> {
        let mut ahead = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *ahead, writing)
    }
}
