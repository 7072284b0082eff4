//! The entries of a CRL, read one at a time.

use const_oid::ObjectIdentifier;
use der::{
    Decode, Reader, Sequence, SliceReader,
    asn1::{GeneralizedTime, OctetStringRef, UintRef},
};
use jiff::Timestamp;
use pki::{RevocationReason, SerialNumber, time::from_x509_time};
use x509_cert::{ext::pkix::CrlReason, time::Time};

use super::CrlReadError;
use crate::CrlEntry;

/// Iterates over the entries of a CRL in the order of the list.
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    rest: &'a [u8],
}

impl<'a> Entries<'a> {
    pub(super) fn new(contents: &'a [u8]) -> Self {
        Self { rest: contents }
    }

    fn read(&mut self) -> Result<CrlEntry, CrlReadError> {
        let (entry_der, rest) = split_tlv(self.rest)?;
        self.rest = rest;
        let mut reader = SliceReader::new(entry_der)?;
        let entry = reader.sequence(read_entry)?;
        reader.finish()?;
        Ok(entry)
    }
}

impl Iterator for Entries<'_> {
    type Item = Result<CrlEntry, CrlReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let entry = self.read();
        if entry.is_err() {
            self.rest = &[];
        }
        Some(entry)
    }
}

/// An extension that borrows its value.
#[derive(Sequence)]
pub(super) struct ExtensionRef<'a> {
    pub(super) id: ObjectIdentifier,
    #[asn1(default = "Default::default")]
    pub(super) critical: bool,
    pub(super) value: &'a OctetStringRef,
}

fn split_tlv(bytes: &[u8]) -> Result<(&[u8], &[u8]), CrlReadError> {
    let mut reader = SliceReader::new(bytes)?;
    let first = reader.tlv_bytes()?;
    let rest = reader.read_slice(reader.remaining_len())?;
    Ok((first, rest))
}

fn read_entry(reader: &mut SliceReader<'_>) -> Result<CrlEntry, CrlReadError> {
    let serial = SerialNumber::from_bytes(UintRef::decode(reader)?.as_bytes())?;
    let revoked_at = from_x509_time(&Time::decode(reader)?);
    let mut entry = CrlEntry {
        serial,
        revoked_at,
        reason: None,
        invalidity_date: None,
    };
    if !reader.is_finished() {
        reader.sequence(|reader| read_extensions(reader, &mut entry))?;
    }
    Ok(entry)
}

fn read_extensions(reader: &mut SliceReader<'_>, entry: &mut CrlEntry) -> Result<(), CrlReadError> {
    while !reader.is_finished() {
        let extension = ExtensionRef::decode(reader)?;
        let value = extension.value.as_bytes();
        let known = match extension.id {
            REASON_CODE => entry.reason.replace(reason(value)?).is_some(),
            INVALIDITY_DATE => entry
                .invalidity_date
                .replace(general_time(value)?)
                .is_some(),
            oid if extension.critical => return Err(CrlReadError::CriticalExtension { oid }),
            _ => false,
        };
        if known {
            return Err(CrlReadError::DuplicateExtension { oid: extension.id });
        }
    }
    Ok(())
}

fn reason(value: &[u8]) -> Result<RevocationReason, CrlReadError> {
    let reason = CrlReason::from_der(value)?;
    Ok(match reason {
        CrlReason::Unspecified => RevocationReason::Unspecified,
        CrlReason::KeyCompromise => RevocationReason::KeyCompromise,
        CrlReason::CaCompromise => RevocationReason::CaCompromise,
        CrlReason::AffiliationChanged => RevocationReason::AffiliationChanged,
        CrlReason::Superseded => RevocationReason::Superseded,
        CrlReason::CessationOfOperation => RevocationReason::CessationOfOperation,
        CrlReason::CertificateHold => RevocationReason::CertificateHold,
        CrlReason::RemoveFromCRL => RevocationReason::RemoveFromCrl,
        CrlReason::PrivilegeWithdrawn => RevocationReason::PrivilegeWithdrawn,
        CrlReason::AaCompromise => RevocationReason::AaCompromise,
    })
}

fn general_time(value: &[u8]) -> Result<Timestamp, CrlReadError> {
    Ok(from_x509_time(&Time::GeneralTime(
        GeneralizedTime::from_der(value)?,
    )))
}

const REASON_CODE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.21");
const INVALIDITY_DATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.24");
