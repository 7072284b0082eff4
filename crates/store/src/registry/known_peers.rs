//! Peers that were looked up, kept for as long as nothing about any peer changes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use pki::Fingerprint;

use super::record::{Peer, PinnedCertificate};

/// A peer with the certificate by which it is known.
type Known = (Peer, PinnedCertificate);

/// The peers of a database that nobody else changes. Of one that several daemons share nothing is
/// kept: another may change a peer at any moment.
#[derive(Debug, Clone)]
pub(crate) struct KnownPeers(Option<Arc<Mutex<Memory>>>);

#[derive(Debug, Default)]
struct Memory {
    /// How often a peer was changed.
    changes: u64,
    known: HashMap<Fingerprint, Known>,
}

/// What was known when a look-up began.
#[derive(Debug)]
pub(crate) enum Remembered {
    /// The peer.
    Known(Box<Known>),
    /// Nothing; the count of changes so far.
    Unknown(u64),
}

impl KnownPeers {
    /// Keeps peers only if the database has one owner.
    pub(crate) fn new(is_exclusive: bool) -> Self {
        Self(is_exclusive.then(Arc::default))
    }

    /// The peer of a certificate, or what to pass to [`Self::remember`].
    pub(crate) fn recall(&self, fingerprint: &Fingerprint) -> Remembered {
        let Some(memory) = self.memory() else {
            return Remembered::Unknown(0);
        };
        match memory.known.get(fingerprint) {
            Some(known) => Remembered::Known(Box::new(known.clone())),
            None => Remembered::Unknown(memory.changes),
        }
    }

    /// Keeps what was looked up, unless a peer has changed since.
    pub(crate) fn remember(&self, changes: u64, fingerprint: Fingerprint, known: &Known) {
        if let Some(mut memory) = self.memory()
            && memory.changes == changes
        {
            memory.known.insert(fingerprint, known.clone());
        }
    }

    /// Something about a peer has changed.
    pub(crate) fn forget(&self) {
        if let Some(mut memory) = self.memory() {
            memory.changes += 1;
            memory.known.clear();
        }
    }

    fn memory(&self) -> Option<MutexGuard<'_, Memory>> {
        let memory = self.0.as_ref()?;
        Some(memory.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use api::{PeerRole, PeerStatus};

    use super::*;

    fn known() -> Known {
        let at = jiff::Timestamp::UNIX_EPOCH;
        let fingerprint = Fingerprint::of(b"certificate");
        let peer = Peer {
            name: "bank".to_owned(),
            role: PeerRole::Ra,
            status: PeerStatus::Active,
            valid_from: at,
            valid_to: None,
            agreement_ref: None,
            profiles: [].into(),
            subject_kinds: [].into(),
            daily_quota: None,
            max_validity_days: None,
        };
        let pin = PinnedCertificate {
            fingerprint,
            not_after: at,
            retired_at: None,
        };
        (peer, pin)
    }

    fn recalls(peers: &KnownPeers) -> bool {
        let found = peers.recall(&known().1.fingerprint);
        matches!(found, Remembered::Known(found) if *found == known())
    }

    #[test]
    fn what_was_read_before_a_change_is_not_kept() {
        let peers = KnownPeers::new(true);
        let fingerprint = known().1.fingerprint;
        let Remembered::Unknown(changes) = peers.recall(&fingerprint) else {
            panic!("nothing was looked up");
        };
        peers.remember(changes, fingerprint, &known());
        assert!(recalls(&peers));
        peers.forget();
        assert!(!recalls(&peers));
        peers.remember(changes, fingerprint, &known());
        assert!(!recalls(&peers));
    }

    #[test]
    fn nothing_is_kept_of_a_database_with_several_owners() {
        let peers = KnownPeers::new(false);
        peers.remember(0, known().1.fingerprint, &known());
        assert!(!recalls(&peers));
    }
}
