//! Lists of keys that the broken Debian generator could make (CVE-2008-0166).

use std::collections::HashSet;

use sha1::{Digest as _, Sha1};

use crate::PublicKey;

/// The last octets of a SHA-1 that a line keeps.
const KEPT_OCTETS: usize = 10;

/// A list of weak keys in the format of Debian's openssl-blacklist: a line for each key, the last
/// 20 of the 40 hexadecimal digits of the SHA-1 of `Modulus=<HEX>` and a line feed; lines that
/// begin with `#` are comments.
#[derive(Debug, Clone, Default)]
pub struct WeakKeyList {
    digests: HashSet<[u8; KEPT_OCTETS]>,
}

/// A line of a list of weak keys is not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is not 20 hexadecimal digits")]
pub struct WeakKeyListError {
    /// The line, counted from 1.
    pub line: usize,
}

impl WeakKeyList {
    /// Reads a list.
    ///
    /// # Errors
    /// [`WeakKeyListError`] names the first line that is not understood: half a list must not pass
    /// for a whole one.
    pub fn parse(text: &str) -> Result<Self, WeakKeyListError> {
        let mut digests = HashSet::new();
        for (index, line) in text.lines().map(str::trim).enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let mut digest = [0; KEPT_OCTETS];
            hex::decode_to_slice(line, &mut digest)
                .map_err(|_| WeakKeyListError { line: index + 1 })?;
            digests.insert(digest);
        }
        Ok(Self { digests })
    }

    /// Joins another list to this one.
    pub fn extend(&mut self, other: Self) {
        self.digests.extend(other.digests);
    }

    /// How many keys are listed.
    pub fn len(&self) -> usize {
        self.digests.len()
    }

    /// Whether no key is listed.
    pub fn is_empty(&self) -> bool {
        self.digests.is_empty()
    }

    /// Whether the key is on the list. Only RSA keys can be.
    pub fn contains(&self, key: &PublicKey) -> bool {
        if self.is_empty() {
            return false;
        }
        key.rsa_parts().is_some_and(|parts| {
            let line = format!(
                "Modulus={}\n",
                hex::encode_upper(parts.modulus.to_bytes_be())
            );
            let digest = Sha1::digest(line.as_bytes());
            digest
                .last_chunk()
                .is_some_and(|kept| self.digests.contains(kept))
        })
    }
}
