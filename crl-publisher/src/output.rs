//! Where files are published: a directory, an object store, or both.
//!
//! Whatever the kind, readers see the old file or the new one, and an older list never replaces a
//! newer one, even when another publisher writes to the same place.

mod ahead;
mod bucket;
mod credentials;
mod directory;
#[cfg(test)]
mod tests;

use std::{io, path::PathBuf, time::Duration};

use bytes::Bytes;

pub use self::{
    bucket::{Bucket, BucketConfig},
    directory::Directory,
};

/// A place for published files.
#[derive(Debug)]
pub enum Output {
    /// A directory of this machine.
    Directory(Directory),
    /// A bucket of an S3-compatible object store.
    Bucket(Bucket),
}

/// A file as it is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The octets.
    pub body: Bytes,
    /// Content-Type.
    pub media_type: &'static str,
    /// How long HTTP caches may keep it.
    pub max_age: Duration,
}

/// What may be replaced by new content.
#[derive(Clone, Copy)]
pub struct Replaceable<'a> {
    /// What is known to be older. Large files are compared with it and not read as a whole.
    pub known: Option<&'a Bytes>,
    /// Says of anything else whether it may be replaced.
    pub other: &'a (dyn Fn(&[u8]) -> bool + Send + Sync),
}

impl<'a> Replaceable<'a> {
    /// Whatever the function says.
    pub fn by(other: &'a (dyn Fn(&[u8]) -> bool + Send + Sync)) -> Self {
        Self { known: None, other }
    }

    fn allows(self, standing: &[u8]) -> bool {
        self.known.is_some_and(|known| known == standing) || (self.other)(standing)
    }
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replaced {
    /// It stands there.
    Stands,
    /// What stands there may not be replaced by it, and goes on standing.
    Kept,
}

/// Why a file was not read or written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The name could lead out of the place, or hide in it.
    #[error("{path:?} is no path for publication")]
    Path {
        /// The path.
        path: String,
    },
    /// The operating system's error.
    #[error("{path} cannot be {verb}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried.
        verb: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The object store's error.
    #[error("the object store did not take or give {path}")]
    Store {
        /// The path.
        path: String,
        /// Why.
        #[source]
        source: object_store::Error,
    },
    /// Somebody else goes on changing the same object.
    #[error("{path} changed at each attempt to replace it")]
    Contended {
        /// The path.
        path: String,
    },
    /// The task that wrote died.
    #[error("the writing task died")]
    Died(#[from] tokio::task::JoinError),
}

impl OutputError {
    /// A stable slug for logs and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Path { .. } => "path-refused",
            Self::Io { .. } | Self::Died(_) => "directory-unusable",
            Self::Store { .. } => "object-store-unusable",
            Self::Contended { .. } => "object-store-contended",
        }
    }
}

impl Output {
    /// What it is, for logs and metrics.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Directory(_) => "directory",
            Self::Bucket(_) => "object-store",
        }
    }

    /// What stands under `path`, if anything does.
    ///
    /// # Errors
    /// [`OutputError`].
    pub async fn read(&self, path: &str) -> Result<Option<Bytes>, OutputError> {
        check_path(path)?;
        match self {
            Self::Directory(directory) => directory.read(path).await,
            Self::Bucket(bucket) => bucket.read(path).await,
        }
    }

    /// Begins to write what may be put under `path` next, so that [`Self::replace`] with the same
    /// octets has less to wait for. Nobody sees it until then.
    pub fn write_ahead(&self, path: &str, body: &Bytes) {
        if let (Self::Directory(directory), Ok(())) = (self, check_path(path)) {
            directory.write_ahead(path, body);
        }
    }

    /// Has nothing left of what was written ahead, soon: it was refused.
    pub fn give_up_ahead(&self) {
        if let Self::Directory(directory) = self {
            directory.give_up_ahead();
        }
    }

    /// Puts `content` under `path` if what stands there is replaceable. When this
    /// returns [`Replaced::Stands`], the new content outlives a power cut.
    ///
    /// # Errors
    /// [`OutputError`]; what stood there still stands, or the new content does.
    pub async fn replace(
        &self,
        path: &str,
        content: &Content,
        replaceable: Replaceable<'_>,
    ) -> Result<Replaced, OutputError> {
        check_path(path)?;
        match self {
            Self::Directory(directory) => directory.replace(path, content, replaceable).await,
            Self::Bucket(bucket) => bucket.replace(path, content, replaceable).await,
        }
    }
}

/// Names come from the feed: each part must begin with a letter or digit and be plain.
pub(crate) fn check_path(path: &str) -> Result<(), OutputError> {
    if path.len() <= MAX_PATH && path.split('/').all(is_plain) {
        Ok(())
    } else {
        Err(OutputError::Path {
            path: path.to_owned(),
        })
    }
}

fn is_plain(part: &str) -> bool {
    part.starts_with(|first: char| first.is_ascii_alphanumeric())
        && part
            .chars()
            .all(|other| other.is_ascii_alphanumeric() || matches!(other, '.' | '-' | '_'))
}

const MAX_PATH: usize = 200;
