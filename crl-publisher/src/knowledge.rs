//! What the feed said of certificates: the second opinion on every CRL.

use std::collections::{BTreeMap, HashMap, btree_map::Entry as Slot};

use feed::{Entry, Event, Status};
use pki::{IssuerName, SerialNumber, time::Timestamp};

/// What is known of one certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Sequence number of the entry that says so.
    pub seq: u64,
    /// End of validity, inclusive.
    pub not_after: Timestamp,
    /// Since when it must not be relied on; `None` for a good one.
    pub bad_since: Option<Timestamp>,
}

/// The certificates of one issuer, in the order of their serial numbers.
pub type Certificates = BTreeMap<SerialNumber, Known>;

/// The certificates of all issuers.
#[derive(Debug, Default)]
pub struct Knowledge {
    issuers: HashMap<IssuerName, Certificates>,
}

impl Knowledge {
    /// Takes in what an entry says of a certificate, unless something newer is known.
    pub fn apply(&mut self, entry: &Entry) {
        let Event::Certificate {
            issuer,
            serial,
            not_after,
            status,
            ..
        } = &entry.event
        else {
            return;
        };
        self.learn(issuer, *serial, entry.seq, *not_after, status);
    }

    /// Takes in the status of a certificate, unless something newer is known.
    pub fn learn(
        &mut self,
        issuer: &IssuerName,
        serial: SerialNumber,
        seq: u64,
        not_after: Timestamp,
        status: &Status,
    ) {
        let known = Known {
            seq,
            not_after,
            bad_since: status.bad_since(),
        };
        if let Some(certificates) = self.issuers.get_mut(issuer) {
            keep_newer(certificates, serial, known);
        } else {
            let certificates = Certificates::from([(serial, known)]);
            self.issuers.insert(issuer.clone(), certificates);
        }
    }

    /// The certificates of an issuer.
    pub fn of(&self, issuer: &IssuerName) -> &Certificates {
        self.issuers.get(issuer).unwrap_or(&NOTHING)
    }
}

fn keep_newer(certificates: &mut Certificates, serial: SerialNumber, known: Known) {
    match certificates.entry(serial) {
        Slot::Vacant(slot) => {
            slot.insert(known);
        }
        Slot::Occupied(mut slot) => {
            if slot.get().seq <= known.seq {
                slot.insert(known);
            }
        }
    }
}

static NOTHING: Certificates = Certificates::new();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_word_does_not_undo_a_newer_one() {
        let issuer: IssuerName = "ca".parse().unwrap();
        let serial = SerialNumber::from_bytes(&[1]).unwrap();
        let mut knowledge = Knowledge::default();
        let at = Timestamp::UNIX_EPOCH;
        let mut learn = |seq, status| {
            knowledge.learn(&issuer, serial, seq, Timestamp::MAX, &status);
        };
        learn(5, Status::Hold { at });
        learn(4, Status::Good);
        assert_eq!(knowledge.of(&issuer)[&serial].bad_since, Some(at));
    }
}
