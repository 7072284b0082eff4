//! What this process holds of one scope of one issuer.

use pki::time::{SignedDuration, Timestamp};

use crate::gate::{List, Octets};

/// One scope of one issuer.
#[derive(Debug, Default)]
pub(super) struct Slot {
    /// Whether the outputs have been asked what stands there.
    pub(super) resumed: bool,
    /// The list that relying parties get.
    pub(super) standing: Option<List>,
    /// SHA-256 of the list that was compared with the copy while it stood.
    pub(super) compared: Option<[u8; 32]>,
    /// The outputs that do not have it yet, by their place.
    pub(super) lacking: Vec<usize>,
    /// Why a newer list is not published, or not everywhere.
    pub(super) complaint: Option<&'static str>,
    /// The octets of a list that was fetched and is not published.
    pub(super) fetched: Option<Octets>,
    /// SHA-256 of the list that was tried last: the next one need not wait.
    pub(super) tried: Option<[u8; 32]>,
    pub(super) pause: Pause,
}

/// Pauses between attempts: doubling, bounded.
#[derive(Debug, Default)]
pub(super) struct Pause {
    until: Option<Timestamp>,
    length: SignedDuration,
}

impl Slot {
    /// When the next attempt is due, if one failed.
    pub(super) fn due(&self) -> Option<Timestamp> {
        self.pause.until
    }

    /// All is well.
    pub(super) fn settle(&mut self) {
        self.complaint = None;
        self.fetched = None;
        self.pause = Pause::default();
    }
}

impl Pause {
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| until <= now)
    }

    pub(super) fn until(&self) -> Option<Timestamp> {
        self.until
    }

    pub(super) fn lengthen(&mut self, now: Timestamp, longest: SignedDuration) {
        self.length = (self.length * 2).clamp(FIRST_PAUSE, longest);
        self.until = now.checked_add(self.length).ok();
    }
}

const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(1);
pub(super) const LONGEST_PAUSE: SignedDuration = SignedDuration::from_secs(60);
/// A ca-daemon that comes back has lists that relying parties wait for.
pub(super) const LONGEST_PAUSE_OF_FETCHING: SignedDuration = SignedDuration::from_secs(5);
