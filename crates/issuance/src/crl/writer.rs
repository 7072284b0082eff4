//! The streaming writer: each entry is encoded as it comes and not kept otherwise.

use bytes::Bytes;
use der::Tag;
use jiff::Timestamp;
use pki::{CrlNumber, RevocationReason, SerialNumber};

use super::{AwaitingCrl, CrlCoverage, CrlEntry, CrlError, PreparedCrl, encode};
use crate::{
    Issuer,
    der_writer::{Fronted, LONGEST_HEADER, context},
};

/// Writes a CRL entry by entry into one buffer, in which the list is signed and completed too. The
/// lengths before the entries are known last, so the buffer begins with room for them.
#[derive(Debug)]
pub struct CrlWriter {
    issuer: Issuer,
    number: CrlNumber,
    this_update: Timestamp,
    next_update: Timestamp,
    coverage: CrlCoverage,
    /// What stands between the header of the `TBSCertList` and the entries.
    fields: Vec<u8>,
    /// The room, then the entries.
    list: Vec<u8>,
    room: usize,
    last: Option<SerialNumber>,
}

impl CrlWriter {
    /// Begins a CRL. `None` as coverage means the full list of the issuer.
    ///
    /// # Errors
    /// Refuses a `nextUpdate` that is not after `thisUpdate`, and a delta that is not above its base.
    pub fn new(
        issuer: &Issuer,
        number: CrlNumber,
        this_update: Timestamp,
        next_update: Timestamp,
        coverage: Option<CrlCoverage>,
    ) -> Result<Self, CrlError> {
        let this_update = encode::whole_seconds(this_update)?;
        let next_update = encode::whole_seconds(next_update)?;
        if next_update <= this_update {
            return Err(CrlError::EmptyValidity);
        }
        let coverage = coverage.unwrap_or_default();
        if let Some(base) = coverage.delta_base
            && number <= base
        {
            return Err(CrlError::DeltaNotAboveBase { number, base });
        }
        let fields = [
            VERSION_2,
            &issuer.algorithm().identifier_der(),
            issuer.certificate().subject_der(),
            &encode::time(this_update)?,
            &encode::time(next_update)?,
        ]
        .concat();
        // Headers of the CertificateList, of the TBSCertList and of the entries.
        let room = fields.len() + 3 * LONGEST_HEADER;
        Ok(Self {
            issuer: issuer.clone(),
            number,
            this_update,
            next_update,
            coverage,
            fields,
            list: vec![0; room],
            room,
            last: None,
        })
    }

    /// Makes room for so many octets of entries. What comes above it moves all that is there.
    pub fn reserve(&mut self, octets: usize) {
        self.list.reserve(octets + SIGNATURE_ROOM);
    }

    /// Adds one entry.
    ///
    /// # Errors
    /// Refuses a serial that is not above the last one, and `removeFromCRL` on a list that is no
    /// delta.
    pub fn push(&mut self, entry: &CrlEntry) -> Result<(), CrlError> {
        let serial = entry.serial;
        if self.last.is_some_and(|last| serial <= last) {
            return Err(CrlError::NotAscending { serial });
        }
        let removal = entry.reason == Some(RevocationReason::RemoveFromCrl);
        if removal && self.coverage.delta_base.is_none() {
            return Err(CrlError::RemovalOnFullList { serial });
        }
        encode::append_entry(&mut self.list, entry)?;
        self.last = Some(serial);
        Ok(())
    }

    /// Freezes the `TBSCertList` (RFC 5280 section 5.1.2).
    ///
    /// # Errors
    /// A value of the coverage has no encoding, or the list is longer than DER's `Length` can say.
    pub fn finish(self) -> Result<PreparedCrl, CrlError> {
        let extensions = encode::extensions(&self.issuer, self.number, &self.coverage)?;
        let mut list = Fronted::new(self.list, self.room);
        // RFC 5280 section 5.1.2.6: with no revoked certificates the list must be absent.
        if self.last.is_some() {
            list.wrap(Tag::Sequence)?;
        }
        list.prepend(&self.fields)?;
        list.append(&context(0, &[&extensions])?);
        list.reserve(SIGNATURE_ROOM);
        list.wrap(Tag::Sequence)?;
        let (list, start) = list.into_parts();
        Ok(PreparedCrl {
            awaiting: AwaitingCrl {
                list: Bytes::from(list),
                start,
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

/// Octets for the algorithm and the signature, so that completing the list does not move it.
const SIGNATURE_ROOM: usize = 8 * 1024;

/// `INTEGER 1`.
const VERSION_2: &[u8] = &[0x02, 0x01, 0x01];
