//! Reading a PIN from a file that nobody else can read, into memory that is wiped.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use cryptoki::types::AuthPin;
use zeroize::Zeroizing;

use crate::{HsmError, PinFault};

/// Reads a PIN file: one line, an ending newline is not part of the PIN.
///
/// # Errors
/// [`HsmError::PinFile`] when the file is missing, open to others, or not one line of UTF-8.
pub(crate) fn read(path: &Path) -> Result<AuthPin, HsmError> {
    read_line(path).map_err(|fault| HsmError::PinFile {
        path: path.to_owned(),
        fault,
    })
}

fn read_line(path: &Path) -> Result<AuthPin, PinFault> {
    let unreadable = |error: std::io::Error| PinFault::Unreadable(error.kind());
    let mut file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(PinFault::NotAFile);
    }
    // The opened file is judged, not its name, so that nothing can be swapped in between.
    check_mode(metadata.mode() & 0o7777, metadata.gid())?;
    let mut buffer = Zeroizing::new([0; PIN_OCTETS + 2]);
    let length = fill(&mut file, buffer.as_mut_slice()).map_err(unreadable)?;
    let line = buffer.get(..length).unwrap_or_default();
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let text = std::str::from_utf8(line).map_err(|_| PinFault::Malformed)?;
    if text.is_empty() || text.len() > PIN_OCTETS || text.contains(char::is_control) {
        return Err(PinFault::Malformed);
    }
    // Allocated at its final size: growing would leave a copy behind that is not wiped.
    let mut pin = String::with_capacity(text.len());
    pin.push_str(text);
    Ok(AuthPin::from(pin.into_boxed_str()))
}

/// A group may read only if it is root's: systemd grants its credentials to the service's user by
/// an ACL, which shows in the group bits of a file that belongs to root.
fn check_mode(mode: u32, group: u32) -> Result<(), PinFault> {
    let group_may = if group == 0 { 0o040 } else { 0 };
    if mode & 0o077 & !group_may == 0 {
        Ok(())
    } else {
        Err(PinFault::Open { mode })
    }
}

fn fill(file: &mut File, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest)? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

const PIN_OCTETS: usize = 255;

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    use secrecy::ExposeSecret;

    use super::*;

    fn read_from(content: &[u8], mode: u32) -> Result<String, PinFault> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pin");
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        read_line(&path).map(|pin| pin.expose_secret().to_owned())
    }

    #[test]
    fn reads_one_line_without_its_newline() {
        assert_eq!(read_from(b"1234\n", 0o600).unwrap(), "1234");
        assert_eq!(read_from(b"12 34", 0o400).unwrap(), "12 34");
    }

    #[test]
    fn refuses_what_is_not_one_line() {
        let long = [b'1'; 256];
        let contents: [&[u8]; 5] = [b"", b"\n", b"12\n34\n", b"\xff\xfe", &long];
        for content in contents {
            assert_eq!(read_from(content, 0o600), Err(PinFault::Malformed));
        }
    }

    #[test]
    fn refuses_a_file_that_others_may_read_or_change() {
        for mode in [0o644, 0o660, 0o620, 0o602] {
            assert_eq!(read_from(b"1234", mode), Err(PinFault::Open { mode }));
        }
        assert_eq!(check_mode(0o440, 0), Ok(()));
        assert_eq!(check_mode(0o440, 7), Err(PinFault::Open { mode: 0o440 }));
    }

    #[test]
    fn names_a_missing_file_and_a_directory() {
        let directory = tempfile::tempdir().unwrap();
        assert!(matches!(
            read_line(&directory.path().join("none")),
            Err(PinFault::Unreadable(std::io::ErrorKind::NotFound))
        ));
        assert!(matches!(
            read_line(directory.path()),
            Err(PinFault::NotAFile)
        ));
    }
}
