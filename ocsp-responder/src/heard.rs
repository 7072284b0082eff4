//! Remembers over a restart when the feed was last heard.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use pki::time::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// The last word from the feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// When it was heard.
    pub at: Timestamp,
    /// Up to where the copy reached then.
    pub cursor: u64,
}

/// The file beside the copy. What it says is never newer than what was heard, so a restart can only
/// make the responder silent too early.
#[derive(Debug, Clone)]
pub struct HeardFile {
    path: PathBuf,
}

impl HeardFile {
    /// The file that belongs to the copy at `copy`.
    pub fn beside(copy: &Path) -> Self {
        let mut path = copy.as_os_str().to_owned();
        path.push(".heard");
        Self { path: path.into() }
    }

    /// What was heard last, if the copy still is what it was then: one that was deleted or put back
    /// from a backup is older than the file says.
    pub fn read(&self, cursor: u64) -> Option<Timestamp> {
        let text = std::fs::read(&self.path).ok()?;
        let heard: Heard = serde_json::from_slice(&text).ok()?;
        (heard.cursor <= cursor).then_some(heard.at)
    }

    /// Writes down what `heard` says, now and then and at the end.
    pub async fn keep(
        self,
        mut heard: watch::Receiver<Option<Heard>>,
        stopping: CancellationToken,
    ) {
        loop {
            let changed = tokio::select! {
                () = stopping.cancelled() => break,
                changed = heard.changed() => changed,
            };
            if changed.is_err() {
                break;
            }
            self.write(&mut heard).await;
            tokio::select! {
                () = stopping.cancelled() => break,
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
        self.write(&mut heard).await;
    }

    async fn write(&self, heard: &mut watch::Receiver<Option<Heard>>) {
        let Some(heard) = *heard.borrow_and_update() else {
            return;
        };
        let path = self.path.clone();
        let written = tokio::task::spawn_blocking(move || {
            let text = serde_json::to_vec(&heard).map_err(std::io::Error::other)?;
            service::fs::write_atomic_private(&path, &text)
        });
        let written = written
            .await
            .map_err(std::io::Error::other)
            .and_then(|written| written);
        if let Err(error) = written {
            tracing::warn!(%error, path = %self.path.display(), "cannot remember what was heard");
        }
    }
}

/// Between two writes; what is heard in between is forgotten by a crash.
const PAUSE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn remembers_the_last_word_for_the_copy_that_it_was_about() {
        let directory = tempfile::tempdir().unwrap();
        let file = HeardFile::beside(&directory.path().join("copy.db"));
        assert_eq!(file.read(u64::MAX), None);
        let at = Timestamp::from_second(1_800_000_000).unwrap();
        let (sender, receiver) = watch::channel(None);
        let stopping = CancellationToken::new();
        sender.send_replace(Some(Heard { at, cursor: 7 }));
        stopping.cancel();
        file.clone().keep(receiver, stopping).await;
        assert_eq!(file.read(7), Some(at));
        assert_eq!(file.read(8), Some(at));
        assert_eq!(file.read(6), None);
    }
}
