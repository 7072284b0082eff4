//! Requests, parsed strictly: what a stranger sends.

mod error;
mod preferred;

use std::collections::BTreeSet;

use der_07::{Decode, Encode, asn1::ObjectIdentifier};
use pki::SerialNumber;
use x509_cert_02::ext::Extension;

pub use self::{error::RequestError, preferred::PreferredAlgorithm};
use crate::{CertId, CertIdHash};

/// The longest request that is read: a nonce of 128 octets and [`MAX_CERT_IDS`] `CertIDs` fit well.
pub const MAX_REQUEST_BYTES: usize = 4096;

/// The most certificates that one request may ask about.
pub const MAX_CERT_IDS: usize = 16;

/// A well-formed request. Its signature and requestor name, if any, are not looked at
/// (RFC 9919 section 3.1.2).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OcspRequest {
    cert_ids: Vec<CertId>,
    nonce: Option<Vec<u8>>,
    preferred: Vec<PreferredAlgorithm>,
}

impl OcspRequest {
    /// Parses the DER of an `OCSPRequest`.
    ///
    /// # Errors
    /// See [`RequestError`]; [`RequestError::status`] says what to answer.
    pub fn parse(der: &[u8]) -> Result<Self, RequestError> {
        if der.len() > MAX_REQUEST_BYTES {
            return Err(RequestError::TooLarge { octets: der.len() });
        }
        let request = x509_ocsp::OcspRequest::from_der(der)?;
        // Strict DER, and with it the certainty that an encoded CertID is the one that came.
        if request.to_der()? != der {
            return Err(RequestError::NotCanonical);
        }
        let tbs = request.tbs_request;
        let extensions = tbs.request_extensions.unwrap_or_default();
        check_extensions(&extensions)?;
        let nonce = nonce(&extensions)?;
        let preferred = preferred_algorithms(&extensions)?;
        if tbs.request_list.is_empty() {
            return Err(RequestError::NoCertIds);
        }
        if tbs.request_list.len() > MAX_CERT_IDS {
            return Err(RequestError::TooManyCertIds {
                count: tbs.request_list.len(),
            });
        }
        let cert_ids = tbs
            .request_list
            .into_iter()
            .map(cert_id)
            .collect::<Result<_, _>>()?;
        Ok(Self {
            cert_ids,
            nonce,
            preferred,
        })
    }

    /// The certificates asked about, in order; at least one.
    pub fn cert_ids(&self) -> &[CertId] {
        &self.cert_ids
    }

    /// The nonce, 1 to 128 octets (RFC 9654 section 2.1).
    pub fn nonce(&self) -> Option<&[u8]> {
        self.nonce.as_deref()
    }

    /// The signatures that the client wants, best first, without those that are not known here
    /// (RFC 6960 section 4.4.7.1).
    pub fn preferred_algorithms(&self) -> &[PreferredAlgorithm] {
        &self.preferred
    }
}

fn cert_id(request: x509_ocsp::Request) -> Result<CertId, RequestError> {
    check_extensions(&request.single_request_extensions.unwrap_or_default())?;
    let cert_id = request.req_cert;
    let hash = match cert_id.hash_algorithm.oid {
        SHA_1 => CertIdHash::Sha1,
        SHA_256 => CertIdHash::Sha256,
        _ => return Err(RequestError::HashUnsupported),
    };
    let serial = serial(cert_id.serial_number.as_bytes())?;
    Ok(CertId {
        hash,
        serial,
        issuer_name_hash: cert_id.issuer_name_hash.as_bytes().to_vec(),
        issuer_key_hash: cert_id.issuer_key_hash.as_bytes().to_vec(),
        raw: cert_id.to_der()?,
    })
}

/// A positive serial number; the contents of a negative INTEGER begin with a set top bit.
fn serial(integer: &[u8]) -> Result<SerialNumber, RequestError> {
    let magnitude = match integer {
        [first, ..] if *first >= 0x80 => return Err(RequestError::Serial),
        [0, magnitude @ ..] | magnitude => magnitude,
    };
    SerialNumber::from_bytes(magnitude).map_err(|_| RequestError::Serial)
}

/// No extension twice, and no critical one that is not understood.
fn check_extensions(extensions: &[Extension]) -> Result<(), RequestError> {
    let mut seen = BTreeSet::new();
    for extension in extensions {
        if !seen.insert(extension.extn_id) {
            return Err(RequestError::DuplicateExtension);
        }
        if extension.critical && ![NONCE, PREFERRED].contains(&extension.extn_id) {
            return Err(RequestError::CriticalExtension);
        }
    }
    Ok(())
}

/// `Nonce ::= OCTET STRING (SIZE (1..128))`. x509-ocsp hides one that does not decode, which must
/// not be answered as if there were none (RFC 9654 section 2.1), so the raw extension is read.
fn nonce(extensions: &[Extension]) -> Result<Option<Vec<u8>>, RequestError> {
    let Some(extension) = find(extensions, NONCE) else {
        return Ok(None);
    };
    let nonce = der_07::asn1::OctetStringRef::from_der(extension.extn_value.as_bytes())
        .map_err(|_| RequestError::Nonce)?;
    match nonce.as_bytes().len() {
        1..=128 => Ok(Some(nonce.as_bytes().to_vec())),
        _ => Err(RequestError::Nonce),
    }
}

fn preferred_algorithms(extensions: &[Extension]) -> Result<Vec<PreferredAlgorithm>, RequestError> {
    let Some(extension) = find(extensions, PREFERRED) else {
        return Ok(Vec::new());
    };
    preferred::parse(extension.extn_value.as_bytes()).map_err(|_| RequestError::PreferredAlgorithms)
}

fn find(extensions: &[Extension], oid: ObjectIdentifier) -> Option<&Extension> {
    extensions.iter().find(|extension| extension.extn_id == oid)
}

const SHA_1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const NONCE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.2");
const PREFERRED: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.8");
