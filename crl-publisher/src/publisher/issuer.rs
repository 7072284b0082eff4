//! One issuer: its certificate, the list that stands, and one that waits at the gate.

use std::sync::Arc;

use feed::IssuerKind;
use pki::{Certificate, CrlNumber, time::Timestamp};
use sha2::{Digest as _, Sha256};

use crate::{
    gate::{self, Against, CheckedList, Offer, Refusal},
    knowledge::Certificates,
};

/// What this process holds of one issuer.
#[derive(Debug)]
pub(super) struct Issuer {
    pub(super) certificate: Certificate,
    kind: IssuerKind,
    standing: Option<CheckedList>,
}

/// A list from the feed that is not published.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) seq: u64,
    pub(super) number: CrlNumber,
    pub(super) der: Arc<[u8]>,
    /// Why it was not published when it was last tried.
    pub(super) fault: Option<&'static str>,
}

impl Waiting {
    pub(super) fn new(seq: u64, number: CrlNumber, der: &[u8]) -> Self {
        Self {
            seq,
            number,
            der: der.into(),
            fault: None,
        }
    }
}

impl Issuer {
    pub(super) fn new(certificate: Certificate, kind: IssuerKind) -> Self {
        Self {
            certificate,
            kind,
            standing: None,
        }
    }

    pub(super) fn standing(&self) -> Option<&CheckedList> {
        self.standing.as_ref()
    }

    /// Whether the list that stands is this very one.
    pub(super) fn has(&self, waiting: &Waiting) -> bool {
        let digest = Sha256::digest(&waiting.der);
        self.standing
            .as_ref()
            .is_some_and(|list| list.digest.as_slice() == digest.as_slice())
    }

    /// Takes up a list that was published before; gives its nextUpdate.
    pub(super) fn resume(&mut self, der: &[u8]) -> Result<Timestamp, Refusal> {
        let list = CheckedList::read(der, &self.certificate, self.kind)?;
        let next_update = list.next_update;
        self.standing = Some(list);
        Ok(next_update)
    }

    /// Asks the gate.
    pub(super) fn check(
        &self,
        waiting: &Waiting,
        certificates: &Certificates,
        now: Timestamp,
    ) -> Result<CheckedList, Refusal> {
        let offer = Offer {
            seq: waiting.seq,
            number: waiting.number,
            der: &waiting.der,
        };
        let against = Against {
            issuer: &self.certificate,
            kind: self.kind,
            standing: self.standing.as_ref(),
            certificates,
            now,
        };
        gate::check(&offer, &against)
    }

    /// A list is published and stands from now on.
    pub(super) fn stand(&mut self, list: CheckedList) {
        self.standing = Some(list);
    }
}
