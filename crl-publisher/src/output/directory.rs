//! The directory: files under the paths of their URLs, replaced atomically.

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use bytes::Bytes;
use service::fs::NextFile;

use super::{Content, OutputError, Replaceable, Replaced, ahead::Ahead};

/// The root of the published files. One publisher owns it.
#[derive(Debug)]
pub struct Directory {
    root: PathBuf,
    ahead: Ahead,
}

impl Directory {
    /// The directory at `root`, without what a publisher left there that was killed.
    pub fn open(root: PathBuf) -> Self {
        if let Err(error) = service::fs::remove_unfinished(&root) {
            tracing::warn!(root = %root.display(), %error, "cannot be tidied up");
        }
        let ahead = Ahead::default();
        Self { root, ahead }
    }

    pub(super) fn write_ahead(&self, path: &str, body: &Bytes) {
        self.ahead.begin(self.root.join(path), body.clone());
    }

    pub(super) fn give_up_ahead(&self) {
        self.ahead.give_up();
    }

    pub(super) async fn read(&self, path: &str) -> Result<Option<Bytes>, OutputError> {
        let file = self.root.join(path);
        tokio::task::spawn_blocking(move || read(&file)).await?
    }

    pub(super) async fn replace(
        &self,
        path: &str,
        content: &Content,
        replaceable: Replaceable<'_>,
    ) -> Result<Replaced, OutputError> {
        let file = self.root.join(path);
        let ahead = self.ahead.take(&file, &content.body).await;
        if !is_known(&file, replaceable).await? {
            match self.read(path).await? {
                Some(standing) if standing == content.body => return Ok(Replaced::Stands),
                Some(standing) if !replaceable.allows(&standing) => return Ok(Replaced::Kept),
                Some(_) | None => {}
            }
        }
        let body = content.body.clone();
        tokio::task::spawn_blocking(move || write(&file, &body, ahead)).await??;
        Ok(Replaced::Stands)
    }
}

/// Whether the file is what is known to be replaceable, without having all of it in memory.
async fn is_known(file: &Path, replaceable: Replaceable<'_>) -> Result<bool, OutputError> {
    let Some(known) = replaceable.known.cloned() else {
        return Ok(false);
    };
    let file = file.to_owned();
    tokio::task::spawn_blocking(move || match holds(&file, &known) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        held => held.map_err(|source| failed("read", &file, source)),
    })
    .await?
}

fn holds(file: &Path, mut content: &[u8]) -> io::Result<bool> {
    let mut file = File::open(file)?;
    let mut piece = vec![0; PIECE];
    loop {
        let read = file.read(&mut piece)?;
        let Some(rest) = content.strip_prefix(piece.get(..read).unwrap_or_default()) else {
            return Ok(false);
        };
        if read == 0 {
            return Ok(content.is_empty());
        }
        content = rest;
    }
}

/// Octets that are compared at a time.
const PIECE: usize = 64 * 1024;

fn read(file: &Path) -> Result<Option<Bytes>, OutputError> {
    match std::fs::read(file) {
        Ok(content) => Ok(Some(content.into())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(failed("read", file, source)),
    }
}

fn write(file: &Path, body: &[u8], ahead: Option<NextFile>) -> Result<(), OutputError> {
    let not_written = |error| failed("written", file, error);
    if let Some(next) = ahead {
        return next.put().map_err(not_written);
    }
    if let Some(parent) = file.parent() {
        std::fs::create_dir_all(parent).map_err(|error| failed("made", parent, error))?;
    }
    service::fs::write_atomic(file, body).map_err(not_written)
}

fn failed(verb: &'static str, path: &Path, source: io::Error) -> OutputError {
    OutputError::Io {
        path: path.to_owned(),
        verb,
        source,
    }
}
