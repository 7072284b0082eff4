//! Files that must be whole or not there, and files that must stay secret.

use std::fs::{File, Permissions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use zeroize::Zeroizing;

/// Larger than any PIN, password or key in PEM.
const MAX_SECRET_BYTES: u64 = 64 * 1024;

/// Why a secret was not read; never shows what is in the file.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read.
    #[error("{} cannot be read", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Not a plain file.
    #[error("{} is not a plain file", .path.display())]
    NotAFile {
        /// The file.
        path: PathBuf,
    },
    /// Others than the owner (and root's group, to read) may use it.
    #[error("{} has mode {mode:04o}: others than its owner can use it", .path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Larger than 64 KiB.
    #[error("{} is too large for a secret", .path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// Nothing in it.
    #[error("{} is empty", .path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

/// Writes a file that anybody may read, whole or not at all: when this returns, the new content
/// survives a power cut; until then, readers see the old one.
///
/// Blocks: call it from a blocking task.
///
/// # Errors
/// The operating system's; the old file is then still there.
pub fn write_atomic(path: &Path, content: &[u8]) -> io::Result<()> {
    NextFile::with_mode(path, content, 0o644)?.persist()
}

/// Like [`write_atomic`], for a file that only its owner may read.
///
/// # Errors
/// The operating system's; the old file is then still there.
pub fn write_atomic_private(path: &Path, content: &[u8]) -> io::Result<()> {
    NextFile::with_mode(path, content, 0o600)?.persist()
}

/// What a file is going to hold, on the disk beside it, where only its owner may read it; gone with
/// this value unless it is put in its place.
#[derive(Debug)]
pub struct NextFile {
    file: NamedTempFile,
    path: PathBuf,
}

impl NextFile {
    /// Writes what the file at `path` is going to hold.
    ///
    /// Blocks: call it from a blocking task.
    ///
    /// # Errors
    /// The operating system's.
    pub fn write(path: &Path, content: &[u8]) -> io::Result<Self> {
        Self::with_mode(path, content, 0o600)
    }

    fn with_mode(path: &Path, content: &[u8], mode: u32) -> io::Result<Self> {
        let mut file = tempfile::Builder::new()
            .prefix(UNFINISHED)
            .permissions(Permissions::from_mode(mode))
            .tempfile_in(directory_of(path))?;
        file.write_all(content)?;
        file.as_file().sync_all()?;
        let path = path.to_owned();
        Ok(Self { file, path })
    }

    /// The file that is going to hold it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Puts it in its place, where anybody may read it: when this returns, it survives a power cut;
    /// until then, readers see the old content.
    ///
    /// Blocks: call it from a blocking task.
    ///
    /// # Errors
    /// The operating system's; the old file is then still there.
    pub fn put(self) -> io::Result<()> {
        let everybody = Permissions::from_mode(0o644);
        self.file.as_file().set_permissions(everybody)?;
        self.file.as_file().sync_all()?;
        self.persist()
    }

    fn persist(self) -> io::Result<()> {
        let Self { file, path } = self;
        file.persist(&path).map_err(|error| error.error)?;
        File::open(directory_of(&path))?.sync_all()
    }
}

/// Removes what was being written in a directory, and in those below, when its process was killed.
/// Nobody else may be writing there. One that does not exist has nothing of the kind.
///
/// Blocks: call it from a blocking task.
///
/// # Errors
/// The operating system's.
pub fn remove_unfinished(directory: &Path) -> io::Result<()> {
    let entries = match std::fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        if entry.file_type()?.is_dir() {
            remove_unfinished(&entry.path())?;
        } else if name.as_encoded_bytes().starts_with(UNFINISHED.as_bytes()) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// How the name of a file begins that is not in its place yet.
const UNFINISHED: &str = ".new-";

fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Reads a secret, without one newline at its end, into memory that is wiped after use.
///
/// The file may be readable by its owner, and by root's group as systemd's credentials are; by
/// nobody else.
///
/// # Errors
/// [`SecretError`].
pub fn read_secret(path: &Path) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    let unreadable = |source| SecretError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(unreadable)?;
    // Asked of the open file, so that the file that is checked is the file that is read.
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(SecretError::NotAFile {
            path: path.to_owned(),
        });
    }
    let mode = metadata.mode() & 0o7777;
    if is_exposed(mode, metadata.gid()) {
        return Err(SecretError::Exposed {
            path: path.to_owned(),
            mode,
        });
    }
    if metadata.len() > MAX_SECRET_BYTES {
        return Err(SecretError::TooLarge {
            path: path.to_owned(),
        });
    }
    // Room for all of it at once: a vector that grows leaves copies behind.
    let room = usize::try_from(MAX_SECRET_BYTES).unwrap_or(usize::MAX);
    let mut secret = Zeroizing::new(Vec::with_capacity(room));
    file.take(MAX_SECRET_BYTES)
        .read_to_end(&mut secret)
        .map_err(unreadable)?;
    trim_newline(&mut secret);
    if secret.is_empty() {
        Err(SecretError::Empty {
            path: path.to_owned(),
        })
    } else {
        Ok(secret)
    }
}

fn is_exposed(mode: u32, group: u32) -> bool {
    let group_may_use = mode & 0o030 != 0 || (mode & 0o040 != 0 && group != 0);
    group_may_use || mode & 0o007 != 0
}

fn trim_newline(secret: &mut Vec<u8>) {
    if secret.last() == Some(&b'\n') {
        secret.pop();
        if secret.last() == Some(&b'\r') {
            secret.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret_file(content: &[u8], mode: u32) -> NamedTempFile {
        let file = NamedTempFile::new().unwrap();
        std::fs::write(file.path(), content).unwrap();
        std::fs::set_permissions(file.path(), Permissions::from_mode(mode)).unwrap();
        file
    }

    #[test]
    fn trims_exactly_one_newline() {
        for (content, secret) in [("1234\n", "1234"), ("1234", "1234"), ("12 \n\n", "12 \n")] {
            let file = secret_file(content.as_bytes(), 0o600);
            assert_eq!(
                read_secret(file.path()).unwrap().as_slice(),
                secret.as_bytes()
            );
        }
    }

    #[test]
    fn refuses_a_secret_that_others_can_use() {
        for mode in [0o644, 0o604, 0o620, 0o610, 0o602] {
            let file = secret_file(b"1234", mode);
            let refused = read_secret(file.path());
            assert!(
                matches!(refused, Err(SecretError::Exposed { .. })),
                "{mode:o}: {refused:?}"
            );
        }
    }

    #[test]
    fn only_roots_group_may_read_a_secret() {
        assert!(!is_exposed(0o640, 0));
        assert!(!is_exposed(0o440, 0));
        assert!(is_exposed(0o640, 1000));
        assert!(!is_exposed(0o400, 1000));
    }

    #[test]
    fn refuses_an_empty_a_huge_and_a_missing_secret() {
        let empty = secret_file(b"\n", 0o600);
        assert!(matches!(
            read_secret(empty.path()),
            Err(SecretError::Empty { .. })
        ));
        let huge = secret_file(&vec![b'x'; 70_000], 0o600);
        assert!(matches!(
            read_secret(huge.path()),
            Err(SecretError::TooLarge { .. })
        ));
        let directory = tempfile::tempdir().unwrap();
        let missing = read_secret(&directory.path().join("pin"));
        assert!(matches!(missing, Err(SecretError::Unreadable { .. })));
        let not_a_file = read_secret(directory.path());
        assert!(matches!(not_a_file, Err(SecretError::NotAFile { .. })));
    }

    #[test]
    fn replaces_a_file_and_leaves_nothing_beside_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("esign.crl");
        write_atomic(&path, b"one").unwrap();
        write_atomic(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
        let mode = |path: &Path| std::fs::metadata(path).unwrap().mode() & 0o777;
        assert_eq!(mode(&path), 0o644);
        write_atomic_private(&path, b"three").unwrap();
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn what_is_not_put_in_its_place_goes() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("esign.crl");
        let next = NextFile::write(&path, b"one").unwrap();
        let beside = std::fs::metadata(next.file.path()).unwrap();
        assert_eq!(beside.mode() & 0o777, 0o600);
        assert!(!path.exists());
        drop(next);
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
        NextFile::write(&path, b"two").unwrap().put().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
    }

    #[test]
    fn what_a_killed_process_left_is_removed_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let below = directory.path().join("crl");
        remove_unfinished(&below).unwrap();
        std::fs::create_dir(&below).unwrap();
        for place in [directory.path(), &below] {
            std::fs::write(place.join(".new-a1b2c3"), "half").unwrap();
            std::fs::write(place.join("whole.crl"), "whole").unwrap();
        }
        remove_unfinished(directory.path()).unwrap();
        let count = |place: &Path| std::fs::read_dir(place).unwrap().count();
        assert_eq!((count(directory.path()), count(&below)), (2, 1));
    }

    #[test]
    fn a_failed_write_leaves_the_old_file() {
        let directory = tempfile::tempdir().unwrap();
        let occupied = directory.path().join("occupied");
        std::fs::create_dir_all(occupied.join("child")).unwrap();
        assert!(write_atomic(&occupied, b"new").is_err());
        assert!(occupied.join("child").is_dir());
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}
