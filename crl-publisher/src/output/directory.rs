//! The directory: files under the paths of their URLs, replaced atomically.

use std::{
    io,
    path::{Path, PathBuf},
};

use bytes::Bytes;

use super::{Content, MayReplace, OutputError, Replaced};

/// The root of the published files. One publisher owns it.
#[derive(Debug, Clone)]
pub struct Directory {
    root: PathBuf,
}

impl Directory {
    /// The directory at `root`.
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    pub(super) async fn read(&self, path: &str) -> Result<Option<Bytes>, OutputError> {
        let file = self.root.join(path);
        tokio::task::spawn_blocking(move || read(&file)).await?
    }

    pub(super) async fn replace(
        &self,
        path: &str,
        content: &Content,
        may_replace: MayReplace<'_>,
    ) -> Result<Replaced, OutputError> {
        match self.read(path).await? {
            Some(standing) if standing == content.body => return Ok(Replaced::Stands),
            Some(standing) if !may_replace(&standing) => return Ok(Replaced::Kept),
            Some(_) | None => {}
        }
        let (file, body) = (self.root.join(path), content.body.clone());
        tokio::task::spawn_blocking(move || write(&file, &body)).await??;
        Ok(Replaced::Stands)
    }
}

fn read(file: &Path) -> Result<Option<Bytes>, OutputError> {
    match std::fs::read(file) {
        Ok(content) => Ok(Some(content.into())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(failed("read", file, source)),
    }
}

fn write(file: &Path, body: &[u8]) -> Result<(), OutputError> {
    if let Some(parent) = file.parent() {
        std::fs::create_dir_all(parent).map_err(|error| failed("made", parent, error))?;
    }
    service::fs::write_atomic(file, body).map_err(|error| failed("written", file, error))
}

fn failed(verb: &'static str, path: &Path, source: io::Error) -> OutputError {
    OutputError::Io {
        path: path.to_owned(),
        verb,
        source,
    }
}
