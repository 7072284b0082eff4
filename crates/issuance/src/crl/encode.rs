//! The encodings inside a CRL: entries and extensions.
//!
//! Entries are written straight into the list's one buffer: there may be millions.

use const_oid::ObjectIdentifier;
use der::{
    Encode,
    asn1::{GeneralizedTime, Ia5String, Uint},
};
use jiff::Timestamp;
use pki::{
    CrlNumber, RevocationReason,
    time::{from_x509_time, to_x509_time},
};
use x509_cert::{
    ext::pkix::{
        BaseCrlNumber, CrlNumber as CrlNumberExtension, FreshestCrl,
        crl::IssuingDistributionPoint,
        name::{DistributionPointName, GeneralName},
    },
    time::Time,
};

use super::{CrlCoverage, CrlEntry, CrlError, DistributionPoint, OnlyContains};
use crate::{
    Issuer,
    extensions::{List, authority_key_identifier, distribution_points},
};

/// Cuts a time to what `Time` can carry.
pub(super) fn whole_seconds(at: Timestamp) -> Result<Timestamp, CrlError> {
    Ok(from_x509_time(&to_x509_time(at)?))
}

/// UTCTime through 2049, GeneralizedTime from 2050 (RFC 5280 section 5.1.2.4).
pub(super) fn time(at: Timestamp) -> Result<Vec<u8>, CrlError> {
    Ok(to_x509_time(at)?.to_der()?)
}

/// Appends one element of `revokedCertificates`. After an error the end of `list` is not DER.
pub(super) fn append_entry(list: &mut Vec<u8>, entry: &CrlEntry) -> Result<(), CrlError> {
    // RFC 5280 section 5.3.1: `unspecified` is left out.
    let reason = entry
        .reason
        .filter(|reason| *reason != RevocationReason::Unspecified);
    short(list, SEQUENCE, |list| {
        short(list, INTEGER, |list| {
            let magnitude = entry.serial.as_bytes();
            // A number is positive if its top bit is clear.
            if magnitude.first().is_some_and(|first| *first >= 0x80) {
                list.push(0);
            }
            list.extend_from_slice(magnitude);
            Ok(())
        })?;
        to_x509_time(entry.revoked_at)?.encode_to_vec(list)?;
        if reason.is_none() && entry.invalidity_date.is_none() {
            return Ok(());
        }
        short(list, SEQUENCE, |list| {
            if let Some(reason) = reason {
                append_reason(list, reason)?;
            }
            entry
                .invalidity_date
                .map_or(Ok(()), |at| append_invalidity_date(list, at))
        })
    })
}

/// Appends a tag, a length of one octet, and what `contents` appends.
fn short(
    list: &mut Vec<u8>,
    tag: u8,
    contents: impl FnOnce(&mut Vec<u8>) -> Result<(), CrlError>,
) -> Result<(), CrlError> {
    list.extend_from_slice(&[tag, 0]);
    let start = list.len();
    contents(list)?;
    let length = u8::try_from(list.len() - start).ok();
    // Serial number, time, reason and invalidity date are at most 79 octets.
    let fits = length.filter(|length| *length < 0x80);
    match (start.checked_sub(1).and_then(|at| list.get_mut(at)), fits) {
        (Some(octet), Some(length)) => *octet = length,
        _ => return Err(der::Error::from(der::ErrorKind::Overlength).into()),
    }
    Ok(())
}

/// The `crlExtensions`.
pub(super) fn extensions(
    issuer: &Issuer,
    number: CrlNumber,
    scope: &CrlCoverage,
) -> Result<Vec<u8>, CrlError> {
    let mut list = List::default();
    list.add(false, &authority_key_identifier(issuer.key_identifier())?)?;
    list.add(false, &CrlNumberExtension::try_from(number.get())?)?;
    if let Some(base) = scope.delta_base {
        list.add(true, &BaseCrlNumber(Uint::try_from(base.get())?))?;
    }
    if let Some(point) = &scope.distribution_point {
        list.add_as(
            ISSUING_DISTRIBUTION_POINT,
            true,
            &issuing_distribution_point(point)?,
        )?;
    }
    if let Some(uri) = &scope.freshest_crl {
        list.add(false, &FreshestCrl(distribution_points(uri)?))?;
    }
    Ok(list.0.to_der()?)
}

/// The `reasonCode` extension.
fn append_reason(list: &mut Vec<u8>, reason: RevocationReason) -> Result<(), CrlError> {
    short(list, SEQUENCE, |list| {
        list.extend_from_slice(REASON_CODE);
        list.extend_from_slice(&[OCTET_STRING, 0x03, 0x0a, 0x01, reason.code()]);
        Ok(())
    })
}

/// The `invalidityDate` extension; GeneralizedTime whatever the year (RFC 5280 section 5.3.2).
fn append_invalidity_date(list: &mut Vec<u8>, at: Timestamp) -> Result<(), CrlError> {
    let time = match to_x509_time(at)? {
        Time::UtcTime(time) => GeneralizedTime::from_date_time(time.to_date_time()),
        Time::GeneralTime(time) => time,
    };
    short(list, SEQUENCE, |list| {
        list.extend_from_slice(INVALIDITY_DATE);
        short(list, OCTET_STRING, |list| {
            time.encode_to_vec(list)?;
            Ok(())
        })
    })
}

fn issuing_distribution_point(
    point: &DistributionPoint,
) -> Result<IssuingDistributionPoint, CrlError> {
    let name = match &point.uri {
        None => None,
        Some(uri) => {
            let name = GeneralName::UniformResourceIdentifier(Ia5String::new(uri)?);
            Some(DistributionPointName::FullName(vec![name]))
        }
    };
    Ok(IssuingDistributionPoint {
        distribution_point: name,
        only_contains_user_certs: point.only_contains == OnlyContains::UserCertificates,
        only_contains_ca_certs: point.only_contains == OnlyContains::CaCertificates,
        only_some_reasons: None,
        indirect_crl: false,
        only_contains_attribute_certs: false,
    })
}

const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const SEQUENCE: u8 = 0x30;

/// `OBJECT IDENTIFIER 2.5.29.21`.
const REASON_CODE: &[u8] = &[0x06, 0x03, 0x55, 0x1d, 0x15];

/// `OBJECT IDENTIFIER 2.5.29.24`.
const INVALIDITY_DATE: &[u8] = &[0x06, 0x03, 0x55, 0x1d, 0x18];

/// x509-cert gives its type the identifier of another extension, so it is named here.
const ISSUING_DISTRIBUTION_POINT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.28");
