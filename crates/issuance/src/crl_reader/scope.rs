//! The extensions of a CRL.

use const_oid::ObjectIdentifier;
use der::{Decode, Reader, SliceReader, asn1::UintRef};
use pki::CrlNumber;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, FreshestCrl,
    crl::{IssuingDistributionPoint, dp::DistributionPoint as DistributionPointExtension},
    name::{DistributionPointName, GeneralName},
};

use super::{CrlReadError, entries::ExtensionRef};
use crate::{CrlCoverage, DistributionPoint, OnlyContains};

/// What the `crlExtensions` say.
#[derive(Clone, Debug)]
pub(super) struct CrlExtensions {
    pub(super) number: CrlNumber,
    pub(super) authority_key_id: Option<Vec<u8>>,
    pub(super) scope: CrlCoverage,
}

impl CrlExtensions {
    pub(super) fn parse(der: &[u8]) -> Result<Self, CrlReadError> {
        let mut seen = Vec::new();
        let mut number = None;
        let mut authority_key_id = None;
        let mut scope = CrlCoverage::default();
        let mut reader = SliceReader::new(der)?;
        reader.sequence(|reader| {
            while !reader.is_finished() {
                let extension = ExtensionRef::decode(reader)?;
                let (oid, value) = (extension.id, extension.value.as_bytes());
                if seen.contains(&oid) {
                    return Err(CrlReadError::DuplicateExtension { oid });
                }
                seen.push(oid);
                if !extension.critical && MUST_BE_CRITICAL.contains(&oid) {
                    return Err(CrlReadError::NotCritical { oid });
                }
                match oid {
                    CRL_NUMBER => number = Some(crl_number(value)?),
                    AUTHORITY_KEY_IDENTIFIER => authority_key_id = key_identifier(value)?,
                    DELTA_CRL_INDICATOR => scope.delta_base = Some(crl_number(value)?),
                    ISSUING_DISTRIBUTION_POINT => {
                        scope.distribution_point = Some(distribution_point(value)?);
                    }
                    FRESHEST_CRL => scope.freshest_crl = freshest_crl(value)?,
                    _ if extension.critical => {
                        return Err(CrlReadError::CriticalExtension { oid });
                    }
                    _ => {}
                }
            }
            Ok(())
        })?;
        reader.finish()?;
        Ok(Self {
            number: number.ok_or(CrlReadError::NoNumber)?,
            authority_key_id,
            scope,
        })
    }
}

fn crl_number(value: &[u8]) -> Result<CrlNumber, CrlReadError> {
    let number = UintRef::from_der(value)?;
    let mut octets = [0; 8];
    let start = octets.len().checked_sub(number.as_bytes().len());
    let tail = start.and_then(|start| octets.get_mut(start..));
    tail.ok_or(CrlReadError::NumberTooLarge)?
        .copy_from_slice(number.as_bytes());
    Ok(CrlNumber::new(u64::from_be_bytes(octets)))
}

fn key_identifier(value: &[u8]) -> Result<Option<Vec<u8>>, CrlReadError> {
    let identifier = AuthorityKeyIdentifier::from_der(value)?.key_identifier;
    Ok(identifier.map(|id| id.as_bytes().to_vec()))
}

fn distribution_point(value: &[u8]) -> Result<DistributionPoint, CrlReadError> {
    let unsupported = CrlReadError::CriticalExtension {
        oid: ISSUING_DISTRIBUTION_POINT,
    };
    let point = IssuingDistributionPoint::from_der(value)?;
    if point.indirect_crl
        || point.only_contains_attribute_certs
        || point.only_some_reasons.is_some()
    {
        return Err(unsupported);
    }
    let only_contains = match (point.only_contains_user_certs, point.only_contains_ca_certs) {
        (false, false) => OnlyContains::Any,
        (true, false) => OnlyContains::UserCertificates,
        (false, true) => OnlyContains::CaCertificates,
        (true, true) => return Err(unsupported),
    };
    let uri = match &point.distribution_point {
        None => None,
        Some(name) => Some(full_name(name).ok_or(unsupported)?),
    };
    Ok(DistributionPoint { uri, only_contains })
}

fn freshest_crl(value: &[u8]) -> Result<Option<String>, CrlReadError> {
    let points = FreshestCrl::from_der(value)?.0;
    let name = |point: &DistributionPointExtension| full_name(point.distribution_point.as_ref()?);
    Ok(points.iter().find_map(name))
}

/// The one URI of a full name; anything else is not used by this CA.
fn full_name(name: &DistributionPointName) -> Option<String> {
    let DistributionPointName::FullName(names) = name else {
        return None;
    };
    match names.as_slice() {
        [GeneralName::UniformResourceIdentifier(uri)] => Some(uri.to_string()),
        _ => None,
    }
}

/// RFC 5280 sections 5.2.4 and 5.2.5: whoever does not understand them would take a part for all.
const MUST_BE_CRITICAL: [ObjectIdentifier; 2] = [DELTA_CRL_INDICATOR, ISSUING_DISTRIBUTION_POINT];

const AUTHORITY_KEY_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.35");
const CRL_NUMBER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.20");
const DELTA_CRL_INDICATOR: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.27");
const ISSUING_DISTRIBUTION_POINT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.28");
const FRESHEST_CRL: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.46");
