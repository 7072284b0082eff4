//! The status of every certificate, in memory.

mod pages;
mod row;

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

use feed::{Entry, Event, Status};
use pki::{IssuerName, RevocationReason, SerialNumber, time::Timestamp};

use self::{pages::Pages, row::Row};

/// What is known of one certificate. Times are kept as whole seconds from 1970 on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    /// Sequence number of the feed entry that says so. A signed answer belongs to one number.
    pub seq: u64,
    /// End of the certificate's validity, inclusive.
    pub not_after: Timestamp,
    /// Its standing.
    pub standing: Standing,
}

/// What a relying party may think of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Issued, not revoked.
    Good,
    /// Revoked, on hold, or possibly issued and given up.
    Revoked {
        /// Since when.
        at: Timestamp,
        /// `CRLReason`; absent when none is published.
        reason: Option<RevocationReason>,
    },
}

impl From<Status> for Standing {
    fn from(status: Status) -> Self {
        match status {
            Status::Good => Self::Good,
            Status::Revoked { at, reason, .. } => Self::Revoked { at, reason },
            Status::Hold { at } => Self::Revoked {
                at,
                reason: Some(RevocationReason::CertificateHold),
            },
            Status::Abandoned { at } => Self::Revoked { at, reason: None },
        }
    }
}

/// All certificates of all issuers.
///
/// Readers see an entry as soon as [`StatusIndex::apply`] has returned: the acknowledgement of the
/// feed rests on that.
#[derive(Debug, Default)]
pub struct StatusIndex {
    issuers: RwLock<HashMap<IssuerName, Pages>>,
}

impl StatusIndex {
    /// Takes in what the entries say of certificates; other entries are passed over, and so is
    /// what is older than what is known.
    pub fn apply(&self, entries: &[Entry]) {
        let mut issuers = self.issuers.write().unwrap_or_else(PoisonError::into_inner);
        for entry in entries {
            let Event::Certificate {
                issuer,
                serial,
                not_after,
                status,
                ..
            } = &entry.event
            else {
                continue;
            };
            let record = Record {
                seq: entry.seq,
                not_after: *not_after,
                standing: (*status).into(),
            };
            let row = Row::new(serial, &record);
            if let Some(pages) = issuers.get_mut(issuer) {
                pages.keep_newer(row);
            } else {
                issuers.entry(issuer.clone()).or_default().keep_newer(row);
            }
        }
    }

    /// Forgets all certificates.
    pub fn clear(&self) {
        let mut issuers = self.issuers.write().unwrap_or_else(PoisonError::into_inner);
        issuers.clear();
    }

    /// What is known of a certificate; `None` for a serial number that was never given out.
    pub fn lookup(&self, issuer: &IssuerName, serial: &SerialNumber) -> Option<Record> {
        let issuers = self.issuers.read().unwrap_or_else(PoisonError::into_inner);
        issuers
            .get(issuer)?
            .find(&row::key(serial))
            .map(Row::record)
    }

    /// How many certificates are known.
    pub fn len(&self) -> usize {
        let issuers = self.issuers.read().unwrap_or_else(PoisonError::into_inner);
        issuers.values().map(Pages::len).sum()
    }

    /// Whether no certificate is known.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn serial() -> SerialNumber {
        SerialNumber::from_bytes(&[0x11; 18]).unwrap()
    }

    fn issuer() -> IssuerName {
        "esign-ca".parse().unwrap()
    }

    fn entry(seq: u64, status: Status) -> Entry {
        Entry {
            seq,
            at: Timestamp::UNIX_EPOCH,
            event: Event::Certificate {
                issuer: issuer(),
                serial: serial(),
                not_after: Timestamp::MAX,
                shard: None,
                status,
            },
        }
    }

    const AT: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn knows_nothing_of_a_serial_that_was_never_given_out() {
        let index = StatusIndex::default();
        index.apply(&[entry(1, Status::Good)]);
        let other = SerialNumber::from_bytes(&[0x12; 18]).unwrap();
        assert_eq!(index.lookup(&issuer(), &other), None);
        assert_eq!(index.lookup(&"other".parse().unwrap(), &serial()), None);
    }

    #[test]
    fn an_older_entry_does_not_replace_a_newer_one() {
        let index = StatusIndex::default();
        index.apply(&[entry(7, Status::Hold { at: AT })]);
        index.apply(&[entry(3, Status::Good)]);
        let record = index.lookup(&issuer(), &serial()).unwrap();
        assert_eq!(record.seq, 7);
        assert_eq!(
            record.standing,
            Standing::Revoked {
                at: AT,
                reason: Some(RevocationReason::CertificateHold)
            }
        );
    }

    #[test]
    fn a_released_hold_is_good_again() {
        let index = StatusIndex::default();
        index.apply(&[entry(1, Status::Hold { at: AT }), entry(2, Status::Good)]);
        assert_eq!(
            index.lookup(&issuer(), &serial()).unwrap().standing,
            Standing::Good
        );
    }

    #[test]
    fn a_serial_given_up_while_signing_counts_as_revoked() {
        let index = StatusIndex::default();
        index.apply(&[entry(1, Status::Abandoned { at: AT })]);
        assert_eq!(
            index.lookup(&issuer(), &serial()).unwrap().standing,
            Standing::Revoked {
                at: AT,
                reason: None
            }
        );
    }
}
