//! The encodings inside a CRL: entries and extensions.

use const_oid::ObjectIdentifier;
use der::{
    Encode,
    asn1::{GeneralizedTime, Ia5String, OctetString, Uint},
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
    der_writer::sequence,
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

/// One element of `revokedCertificates`.
pub(super) fn entry(entry: &CrlEntry) -> Result<Vec<u8>, CrlError> {
    let serial = entry.serial.to_x509()?.to_der()?;
    let revoked_at = time(entry.revoked_at)?;
    let reason = entry.reason.map(reason).transpose()?.unwrap_or_default();
    let invalidity = entry
        .invalidity_date
        .map(invalidity_date)
        .transpose()?
        .unwrap_or_default();
    let extensions = if reason.is_empty() && invalidity.is_empty() {
        Vec::new()
    } else {
        sequence(&[&reason, &invalidity])?
    };
    Ok(sequence(&[&serial, &revoked_at, &extensions])?)
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

/// The `reasonCode` extension, or nothing for `unspecified` (RFC 5280 section 5.3.1).
fn reason(reason: RevocationReason) -> der::Result<Vec<u8>> {
    if reason == RevocationReason::Unspecified {
        return Ok(Vec::new());
    }
    let enumerated = [0x04, 0x03, 0x0a, 0x01, reason.code()];
    sequence(&[REASON_CODE, &enumerated])
}

/// The `invalidityDate` extension; GeneralizedTime whatever the year (RFC 5280 section 5.3.2).
fn invalidity_date(at: Timestamp) -> Result<Vec<u8>, CrlError> {
    let time = match to_x509_time(at)? {
        Time::UtcTime(time) => GeneralizedTime::from_date_time(time.to_date_time()),
        Time::GeneralTime(time) => time,
    };
    let value = OctetString::new(time.to_der()?)?.to_der()?;
    Ok(sequence(&[INVALIDITY_DATE, &value])?)
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

/// `OBJECT IDENTIFIER 2.5.29.21`.
const REASON_CODE: &[u8] = &[0x06, 0x03, 0x55, 0x1d, 0x15];

/// `OBJECT IDENTIFIER 2.5.29.24`.
const INVALIDITY_DATE: &[u8] = &[0x06, 0x03, 0x55, 0x1d, 0x18];

/// x509-cert gives its type the identifier of another extension, so it is named here.
const ISSUING_DISTRIBUTION_POINT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.28");
