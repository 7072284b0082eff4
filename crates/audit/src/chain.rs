//! The hash chain over recorded events (BR 5.4.4; SP 800-53 AU-9).
//!
//! Each event's hash covers its sequence number, its canonical bytes and the hash before it, so
//! that an edit, a removal in the middle or a change of order is found by walking the log.

use std::fmt;

use sha2::{Digest, Sha256};

/// The hash of an event and of all events before it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChainHash([u8; 32]);

/// Bytes that are no chain hash, for they are not 32.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a chain hash has 32 octets, not {length}")]
pub struct ChainHashError {
    /// How many octets there were.
    pub length: usize,
}

impl ChainHash {
    /// What the first event follows.
    pub const START: Self = Self([0; 32]);

    /// The hash of the event that comes after this one.
    #[must_use]
    pub fn next(&self, sequence: u64, canonical: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(self.0);
        hash.update(sequence.to_be_bytes());
        // The event comes last and alone has no fixed length, so the concatenation is unambiguous.
        hash.update(canonical.as_bytes());
        Self(hash.finalize().into())
    }

    /// The octets.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl TryFrom<&[u8]> for ChainHash {
    type Error = ChainHashError;

    fn try_from(octets: &[u8]) -> Result<Self, Self::Error> {
        let length = octets.len();
        octets
            .try_into()
            .map(Self)
            .map_err(|_| ChainHashError { length })
    }
}

impl fmt::Display for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChainHash({self})")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tip(events: &[String]) -> ChainHash {
        (1..)
            .zip(events)
            .fold(ChainHash::START, |hash, (sequence, event)| {
                hash.next(sequence, event)
            })
    }

    proptest! {
        #[test]
        fn an_edit_changes_the_tip(
            events in prop::collection::vec("[a-z]{1,8}", 1..8),
            at in any::<prop::sample::Index>(),
        ) {
            let mut edited = events.clone();
            at.get(&events);
            edited[at.index(events.len())].push('x');
            prop_assert_ne!(tip(&events), tip(&edited));
        }

        #[test]
        fn a_removal_changes_the_tip(
            events in prop::collection::vec("[a-z]{1,8}", 1..8),
            at in any::<prop::sample::Index>(),
        ) {
            let mut cut = events.clone();
            cut.remove(at.index(events.len()));
            prop_assert_ne!(tip(&events), tip(&cut));
        }
    }

    #[test]
    fn bytes_of_another_length_are_no_hash() {
        assert_eq!(
            ChainHash::try_from(&[0; 31][..]),
            Err(ChainHashError { length: 31 })
        );
        assert_eq!(ChainHash::try_from(&[0; 32][..]), Ok(ChainHash::START));
    }
}
