//! The streaming writer: each entry is encoded as it comes and not kept otherwise.

use jiff::Timestamp;
use pki::{CrlNumber, RevocationReason, SerialNumber};

use super::{AwaitingCrl, CrlCoverage, CrlEntry, CrlError, PreparedCrl, encode};
use crate::{
    Issuer,
    der_writer::{context, sequence},
};

/// Writes a CRL entry by entry. Memory grows by the encoded size of an entry, some 40 octets.
#[derive(Debug)]
pub struct CrlWriter {
    issuer: Issuer,
    number: CrlNumber,
    this_update: Timestamp,
    next_update: Timestamp,
    scope: CrlCoverage,
    entries: Vec<u8>,
    last: Option<SerialNumber>,
}

impl CrlWriter {
    /// Begins a CRL. `None` as scope means the full list of the issuer.
    ///
    /// # Errors
    /// Refuses a `nextUpdate` that is not after `thisUpdate`, and a delta that is not above its base.
    pub fn new(
        issuer: &Issuer,
        number: CrlNumber,
        this_update: Timestamp,
        next_update: Timestamp,
        scope: Option<CrlCoverage>,
    ) -> Result<Self, CrlError> {
        let this_update = encode::whole_seconds(this_update)?;
        let next_update = encode::whole_seconds(next_update)?;
        if next_update <= this_update {
            return Err(CrlError::EmptyValidity);
        }
        let scope = scope.unwrap_or_default();
        if let Some(base) = scope.delta_base
            && number <= base
        {
            return Err(CrlError::DeltaNotAboveBase { number, base });
        }
        Ok(Self {
            issuer: issuer.clone(),
            number,
            this_update,
            next_update,
            scope,
            entries: Vec::new(),
            last: None,
        })
    }

    /// Adds one entry.
    ///
    /// # Errors
    /// Refuses a serial that is not above the last one, and `removeFromCRL` on a full list.
    pub fn push(&mut self, entry: &CrlEntry) -> Result<(), CrlError> {
        let serial = entry.serial;
        if self.last.is_some_and(|last| serial <= last) {
            return Err(CrlError::NotAscending { serial });
        }
        let removal = entry.reason == Some(RevocationReason::RemoveFromCrl);
        if removal && self.scope.delta_base.is_none() {
            return Err(CrlError::RemovalOnFullList { serial });
        }
        self.entries.extend_from_slice(&encode::entry(entry)?);
        self.last = Some(serial);
        Ok(())
    }

    /// Freezes the `TBSCertList` (RFC 5280 section 5.1.2).
    ///
    /// # Errors
    /// A value of the scope has no encoding.
    pub fn finish(self) -> Result<PreparedCrl, CrlError> {
        // RFC 5280 section 5.1.2.6: with no revoked certificates the list must be absent.
        let entries = match self.last {
            None => Vec::new(),
            Some(_) => sequence(&[&self.entries])?,
        };
        let extensions = encode::extensions(&self.issuer, self.number, &self.scope)?;
        let tbs_der = sequence(&[
            VERSION_2,
            &self.issuer.algorithm().identifier_der(),
            self.issuer.certificate().subject_der(),
            &encode::time(self.this_update)?,
            &encode::time(self.next_update)?,
            &entries,
            &context(0, &[&extensions])?,
        ])?;
        Ok(PreparedCrl {
            awaiting: AwaitingCrl {
                tbs_der: tbs_der.into(),
                issuer_name: self.issuer.name().clone(),
                issuer_key: self.issuer.public_key().clone(),
                algorithm: self.issuer.algorithm(),
                number: self.number,
                this_update: self.this_update,
                next_update: self.next_update,
            },
        })
    }
}

/// `INTEGER 1`.
const VERSION_2: &[u8] = &[0x02, 0x01, 0x01];
