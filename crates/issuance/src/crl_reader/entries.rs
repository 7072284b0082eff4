//! The entries of a CRL, read one at a time.

use const_oid::ObjectIdentifier;
use der::{
    AnyRef, Decode, Reader, Sequence, SliceReader,
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
    views: EntryViews<'a>,
}

impl<'a> Entries<'a> {
    pub(super) fn new(views: EntryViews<'a>) -> Self {
        Self { views }
    }
}

impl Iterator for Entries<'_> {
    type Item = Result<CrlEntry, CrlReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let entry = self.views.next()?.and_then(|view| view.entry());
        if entry.is_err() {
            self.views.rest = &[];
        }
        Some(entry)
    }
}

/// An entry of which nothing but the serial number was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryView<'a> {
    /// Which certificate it is about.
    pub serial: SerialNumber,
    /// All of it, DER.
    pub der: &'a [u8],
}

impl<'a> EntryView<'a> {
    fn read(der: &'a [u8]) -> Result<Self, CrlReadError> {
        let magnitude = match der {
            // The usual form at once: lengths of one octet, and no sign octet before the number.
            [SEQUENCE, ..0x80, INTEGER, length @ 1..=20, rest @ ..]
                if matches!(rest, [0x01..=0x7f, ..]) =>
            {
                rest.get(..usize::from(*length))
            }
            _ => None,
        };
        let serial = match magnitude {
            Some(magnitude) => SerialNumber::from_bytes(magnitude)?,
            None => serial(&mut SliceReader::new(AnyRef::from_der(der)?.value())?)?,
        };
        Ok(Self { serial, der })
    }

    /// Reads the rest.
    ///
    /// # Errors
    /// It is no entry of a CRL, or has a critical extension that is not understood.
    pub fn entry(&self) -> Result<CrlEntry, CrlReadError> {
        let mut reader = SliceReader::new(self.der)?;
        let entry = reader.sequence(read_entry)?;
        reader.finish()?;
        Ok(entry)
    }
}

/// Iterates over the entries of a CRL in the order of the list, reading only serial numbers. After
/// an error it ends.
#[derive(Clone, Debug)]
pub struct EntryViews<'a> {
    rest: &'a [u8],
}

impl<'a> EntryViews<'a> {
    pub(super) fn new(contents: &'a [u8]) -> Self {
        Self { rest: contents }
    }

    /// The octets that are left: where they begin is a place from which to go on.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The same from another place on; none if there are not so many octets.
    #[must_use]
    pub fn with_rest(&self, octets: usize) -> Option<Self> {
        let from = self.rest.len().checked_sub(octets)?;
        self.rest.get(from..).map(Self::new)
    }
}

impl<'a> Iterator for EntryViews<'a> {
    type Item = Result<EntryView<'a>, CrlReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let view = split_tlv(self.rest).and_then(|(der, rest)| {
            self.rest = rest;
            EntryView::read(der)
        });
        if view.is_err() {
            self.rest = &[];
        }
        Some(view)
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
    // A length of one octet is the usual one.
    if let [SEQUENCE, length @ ..0x80, ..] = bytes
        && let Some(parts) = bytes.split_at_checked(2 + usize::from(*length))
    {
        return Ok(parts);
    }
    let mut reader = SliceReader::new(bytes)?;
    let first = reader.tlv_bytes()?;
    let rest = reader.read_slice(reader.remaining_len())?;
    Ok((first, rest))
}

fn serial(reader: &mut SliceReader<'_>) -> Result<SerialNumber, CrlReadError> {
    Ok(SerialNumber::from_bytes(
        UintRef::decode(reader)?.as_bytes(),
    )?)
}

fn read_entry(reader: &mut SliceReader<'_>) -> Result<CrlEntry, CrlReadError> {
    let serial = serial(reader)?;
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

const INTEGER: u8 = 0x02;
const SEQUENCE: u8 = 0x30;
