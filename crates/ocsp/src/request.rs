//! Requests, parsed strictly: what a stranger sends.

use std::collections::BTreeSet;

use der_07::{Decode, Encode, asn1::ObjectIdentifier};
use pki::SerialNumber;
use thiserror::Error;
use x509_cert_02::ext::Extension;

use crate::{CertId, CertIdHash, ResponseStatus};

/// The longest request that is read: a nonce of 128 octets and [`MAX_CERT_IDS`] CertIDs fit well.
pub const MAX_REQUEST_BYTES: usize = 4096;

/// The most certificates that one request may ask about.
pub const MAX_CERT_IDS: usize = 16;

/// A well-formed request. Its signature and requestor name, if any, are not looked at
/// (RFC 9919 section 3.1.2).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OcspRequest {
    cert_ids: Vec<CertId>,
    nonce: Option<Vec<u8>>,
}

impl OcspRequest {
    /// Parses the DER of an OCSPRequest.
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
        Ok(Self { cert_ids, nonce })
    }

    /// The certificates asked about, in order; at least one.
    pub fn cert_ids(&self) -> &[CertId] {
        &self.cert_ids
    }

    /// The nonce, 1 to 128 octets (RFC 9654 section 2.1).
    pub fn nonce(&self) -> Option<&[u8]> {
        self.nonce.as_deref()
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
    let serial = SerialNumber::from_bytes(magnitude(cert_id.serial_number.as_bytes()))
        .map_err(|_| RequestError::Serial)?;
    Ok(CertId {
        hash,
        serial,
        issuer_name_hash: cert_id.issuer_name_hash.as_bytes().to_vec(),
        issuer_key_hash: cert_id.issuer_key_hash.as_bytes().to_vec(),
        raw: cert_id.to_der()?,
    })
}

/// Without the leading 00 that DER puts before a set top bit. A number that is negative keeps its
/// top bit and is longer than no positive one, so it is told apart before.
fn magnitude(integer: &[u8]) -> &[u8] {
    match integer {
        [0, rest @ ..] if !rest.is_empty() => rest,
        _ => integer,
    }
}

/// No extension twice, and no critical one that is not understood.
fn check_extensions(extensions: &[Extension]) -> Result<(), RequestError> {
    let mut seen = BTreeSet::new();
    for extension in extensions {
        if !seen.insert(extension.extn_id) {
            return Err(RequestError::DuplicateExtension);
        }
        if extension.critical && extension.extn_id != NONCE {
            return Err(RequestError::CriticalExtension);
        }
    }
    Ok(())
}

/// `Nonce ::= OCTET STRING (SIZE (1..128))`. x509-ocsp hides one that does not decode, which must
/// not be answered as if there were none (RFC 9654 section 2.1), so the raw extension is read.
fn nonce(extensions: &[Extension]) -> Result<Option<Vec<u8>>, RequestError> {
    let Some(extension) = extensions
        .iter()
        .find(|extension| extension.extn_id == NONCE)
    else {
        return Ok(None);
    };
    let nonce = der_07::asn1::OctetStringRef::from_der(extension.extn_value.as_bytes())
        .map_err(|_| RequestError::Nonce)?;
    match nonce.as_bytes().len() {
        1..=128 => Ok(Some(nonce.as_bytes().to_vec())),
        _ => Err(RequestError::Nonce),
    }
}

/// Why a request is not answered.
#[derive(Clone, Debug, Eq, PartialEq, Error)]
pub enum RequestError {
    /// Longer than [`MAX_REQUEST_BYTES`].
    #[error("the request is {octets} octets long")]
    TooLarge {
        /// Its length.
        octets: usize,
    },
    /// Not an OCSPRequest.
    #[error("the request is not well-formed")]
    Malformed(#[from] der_07::Error),
    /// An OCSPRequest, but not in DER.
    #[error("the request is not in DER")]
    NotCanonical,
    /// An extension stands twice.
    #[error("an extension of the request stands twice")]
    DuplicateExtension,
    /// A critical extension that is not understood.
    #[error("a critical extension of the request is not supported")]
    CriticalExtension,
    /// A nonce that is no OCTET STRING of 1 to 128 octets.
    #[error("the nonce is not 1 to 128 octets long")]
    Nonce,
    /// It asks about nothing.
    #[error("the request asks about no certificate")]
    NoCertIds,
    /// It asks about more than [`MAX_CERT_IDS`].
    #[error("the request asks about {count} certificates")]
    TooManyCertIds {
        /// How many.
        count: usize,
    },
    /// A serial number that no certificate can have.
    #[error("a serial number of the request is not positive or too long")]
    Serial,
    /// A CertID with a hash that no issuer is known by here.
    #[error("the hash algorithm of a CertID is not supported")]
    HashUnsupported,
}

impl RequestError {
    /// What to answer: for an unknown hash the issuer is not recognised, the rest is malformed
    /// (RFC 6960 section 2.3).
    pub fn status(&self) -> ResponseStatus {
        match self {
            Self::HashUnsupported => ResponseStatus::Unauthorized,
            Self::TooLarge { .. }
            | Self::Malformed(_)
            | Self::NotCanonical
            | Self::DuplicateExtension
            | Self::CriticalExtension
            | Self::Nonce
            | Self::NoCertIds
            | Self::TooManyCertIds { .. }
            | Self::Serial => ResponseStatus::MalformedRequest,
        }
    }

    /// A stable slug for metrics and logs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "ocsp-request-too-large",
            Self::Malformed(_) => "ocsp-request-malformed",
            Self::NotCanonical => "ocsp-request-not-der",
            Self::DuplicateExtension => "ocsp-duplicate-extension",
            Self::CriticalExtension => "ocsp-critical-extension",
            Self::Nonce => "ocsp-nonce",
            Self::NoCertIds => "ocsp-no-cert-ids",
            Self::TooManyCertIds { .. } => "ocsp-too-many-cert-ids",
            Self::Serial => "ocsp-serial",
            Self::HashUnsupported => "ocsp-hash-unsupported",
        }
    }
}

const SHA_1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const NONCE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.2");
