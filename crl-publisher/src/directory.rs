//! The directory that is published: files under the paths of their URLs, replaced atomically.

use std::{
    io,
    path::{Path, PathBuf},
};

/// The root of the published files.
#[derive(Debug, Clone)]
pub struct Directory {
    root: PathBuf,
}

/// Why a file was not read or written.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The name could lead out of the directory, or hide in it.
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
}

impl Directory {
    /// The directory at `root`.
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// What stands under `path`, if anything does.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub fn read(&self, path: &str) -> Result<Option<Vec<u8>>, DirectoryError> {
        let file = self.file(path)?;
        match std::fs::read(&file) {
            Ok(content) => Ok(Some(content)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(failed("read", &file, source)),
        }
    }

    /// Puts `content` under `path`: readers see the old file or the new one, and when this returns
    /// the new one survives a power cut. A file with the same content is left alone.
    ///
    /// # Errors
    /// [`DirectoryError`]; the old file still stands.
    pub fn publish(&self, path: &str, content: &[u8]) -> Result<(), DirectoryError> {
        if self.read(path)?.as_deref() == Some(content) {
            return Ok(());
        }
        let file = self.file(path)?;
        if let Some(parent) = file.parent() {
            std::fs::create_dir_all(parent).map_err(|error| failed("made", parent, error))?;
        }
        service::fs::write_atomic(&file, content).map_err(|error| failed("written", &file, error))
    }

    /// Names come from the feed: each part must begin with a letter or digit and be plain.
    fn file(&self, path: &str) -> Result<PathBuf, DirectoryError> {
        let plain = |part: &str| {
            part.starts_with(|first: char| first.is_ascii_alphanumeric())
                && part
                    .chars()
                    .all(|other| other.is_ascii_alphanumeric() || matches!(other, '.' | '-' | '_'))
        };
        if path.len() <= MAX_PATH && path.split('/').all(plain) {
            Ok(self.root.join(path))
        } else {
            Err(DirectoryError::Path {
                path: path.to_owned(),
            })
        }
    }
}

fn failed(verb: &'static str, path: &Path, source: io::Error) -> DirectoryError {
    DirectoryError::Io {
        path: path.to_owned(),
        verb,
        source,
    }
}

const MAX_PATH: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_published_is_read_back() {
        let root = tempfile::tempdir().unwrap();
        let directory = Directory::new(root.path().to_owned());
        assert_eq!(directory.read("crl/ca.crl").unwrap(), None);
        directory.publish("crl/ca.crl", b"one").unwrap();
        directory.publish("crl/ca.crl", b"two").unwrap();
        assert_eq!(directory.read("crl/ca.crl").unwrap().unwrap(), b"two");
        let published = std::fs::read_dir(root.path().join("crl")).unwrap();
        assert_eq!(published.count(), 1);
    }

    #[test]
    fn no_name_leads_out_of_the_directory() {
        let root = tempfile::tempdir().unwrap();
        let directory = Directory::new(root.path().join("public"));
        for path in [
            "../secret",
            "/etc/passwd",
            "cps/../../secret",
            "cps//x",
            "cps/.hidden",
            "",
            "cps/",
            "cps/a b",
            "cps/\0",
        ] {
            let refused = directory.publish(path, b"x");
            assert!(
                matches!(refused, Err(DirectoryError::Path { .. })),
                "{path:?}"
            );
        }
        assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 0);
    }
}
