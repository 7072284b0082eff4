//! Requests of a relying party.

use std::fmt::Write as _;

use der_07::{
    Encode, Tag,
    asn1::{Null, ObjectIdentifier, OctetStringRef},
};
use pki::{Certificate, SerialNumber};
use thiserror::Error;

use crate::{
    CertId, CertIdHash, IssuerHashes, MAX_CERT_IDS,
    encode::{context, sequence, tlv},
};

/// A request: its DER, and what the response will be held against.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Query {
    der: Vec<u8>,
    cert_ids: Vec<CertId>,
    nonce: Option<Vec<u8>>,
}

/// Why there is no request.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Error)]
pub enum QueryError {
    /// A request asks about 1 to [`MAX_CERT_IDS`] certificates.
    #[error("a request asks about 1 to 16 certificates")]
    Count,
    /// A nonce has 1 to 128 octets (RFC 9654 section 2.1).
    #[error("a nonce has 1 to 128 octets")]
    Nonce,
    /// A value has no encoding.
    #[error("cannot encode the request")]
    Encoding(#[from] der_07::Error),
}

impl QueryError {
    /// A stable slug for metrics and logs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Count => "ocsp-query-count",
            Self::Nonce => "ocsp-query-nonce",
            Self::Encoding(_) => "ocsp-query-not-encodable",
        }
    }
}

impl Query {
    /// Asks about one certificate, which `issuer` issued.
    ///
    /// # Errors
    /// [`QueryError`].
    pub fn about(
        certificate: &Certificate,
        issuer: &Certificate,
        hash: CertIdHash,
        nonce: Option<&[u8]>,
    ) -> Result<Self, QueryError> {
        Self::new(issuer, &[certificate.serial()], hash, nonce)
    }

    /// Asks about serial numbers of one issuer.
    ///
    /// # Errors
    /// [`QueryError`].
    pub fn new(
        issuer: &Certificate,
        serials: &[SerialNumber],
        hash: CertIdHash,
        nonce: Option<&[u8]>,
    ) -> Result<Self, QueryError> {
        let hashes = IssuerHashes::of(issuer.subject_der(), issuer.public_key());
        let cert_ids = serials
            .iter()
            .map(|serial| cert_id(&hashes, hash, *serial))
            .collect::<der_07::Result<_>>()?;
        Self::with_cert_ids(cert_ids, nonce)
    }

    /// Asks about certificates that are named already.
    ///
    /// # Errors
    /// [`QueryError`].
    pub fn with_cert_ids(cert_ids: Vec<CertId>, nonce: Option<&[u8]>) -> Result<Self, QueryError> {
        if !(1..=MAX_CERT_IDS).contains(&cert_ids.len()) {
            return Err(QueryError::Count);
        }
        if nonce.is_some_and(|nonce| !(1..=128).contains(&nonce.len())) {
            return Err(QueryError::Nonce);
        }
        Ok(Self {
            der: request_der(&cert_ids, nonce)?,
            cert_ids,
            nonce: nonce.map(<[u8]>::to_vec),
        })
    }

    /// The DER of the `OCSPRequest`: the body of a POST of `application/ocsp-request`.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// What a GET adds to the responder's URL and a slash: base64, with `+`, `/` and `=` escaped
    /// (RFC 6960 appendix A.1).
    pub fn get_path(&self) -> String {
        escaped_base64(&self.der)
    }

    /// The certificates asked about, in order.
    pub fn cert_ids(&self) -> &[CertId] {
        &self.cert_ids
    }

    /// The nonce that the response should repeat.
    pub fn nonce(&self) -> Option<&[u8]> {
        self.nonce.as_deref()
    }
}

/// ```text
/// CertID ::= SEQUENCE {
///    hashAlgorithm   AlgorithmIdentifier,
///    issuerNameHash  OCTET STRING,
///    issuerKeyHash   OCTET STRING,
///    serialNumber    CertificateSerialNumber }
/// ```
fn cert_id(
    hashes: &IssuerHashes,
    hash: CertIdHash,
    serial: SerialNumber,
) -> der_07::Result<CertId> {
    let (oid, name, key): (_, &[u8], &[u8]) = match hash {
        CertIdHash::Sha1 => (SHA_1, &hashes.name_sha1, &hashes.key_sha1),
        CertIdHash::Sha256 => (SHA_256, &hashes.name_sha256, &hashes.key_sha256),
    };
    let algorithm = sequence(&[&oid.to_der()?, &Null.to_der()?])?;
    let magnitude = serial.as_bytes();
    let sign: &[u8] = match magnitude.first() {
        Some(first) if *first >= 0x80 => &[0],
        _ => &[],
    };
    let raw = sequence(&[
        &algorithm,
        &OctetStringRef::new(name)?.to_der()?,
        &OctetStringRef::new(key)?.to_der()?,
        &tlv(Tag::Integer, &[sign, magnitude])?,
    ])?;
    Ok(CertId {
        hash,
        issuer_name_hash: name.to_vec(),
        issuer_key_hash: key.to_vec(),
        serial,
        raw,
    })
}

/// `OCSPRequest` with neither requestor name nor signature (RFC 9919 section 3.1.2).
fn request_der(cert_ids: &[CertId], nonce: Option<&[u8]>) -> der_07::Result<Vec<u8>> {
    let requests: Vec<Vec<u8>> = cert_ids
        .iter()
        .map(|cert_id| sequence(&[&cert_id.raw]))
        .collect::<der_07::Result<_>>()?;
    let requests: Vec<&[u8]> = requests.iter().map(Vec::as_slice).collect();
    let list = sequence(&requests)?;
    let extensions = nonce.map(nonce_extensions).transpose()?;
    let tbs_request = sequence(&[&list, extensions.as_deref().unwrap_or_default()])?;
    sequence(&[&tbs_request])
}

/// `[2] EXPLICIT Extensions` with the nonce alone.
fn nonce_extensions(nonce: &[u8]) -> der_07::Result<Vec<u8>> {
    let value = OctetStringRef::new(nonce)?.to_der()?;
    let value = OctetStringRef::new(&value)?.to_der()?;
    let extension = sequence(&[&NONCE.to_der()?, &value])?;
    context(der_07::TagNumber::N2, &[&sequence(&[&extension])?])
}

fn escaped_base64(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len().saturating_mul(2));
    for group in octets.chunks(3) {
        let octet = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = octet(0) << 16 | octet(1) << 8 | octet(2);
        for at in 0..4 {
            if at > group.len() {
                text.push_str("%3D");
            } else {
                push_digit(&mut text, bits >> (18 - 6 * at) & 0x3f);
            }
        }
    }
    text
}

/// One digit of base64, escaped where a URL's path gives it another meaning.
fn push_digit(text: &mut String, value: u32) {
    let offset = u8::try_from(value).unwrap_or(0);
    let digit = match offset {
        0..=25 => b'A' + offset,
        26..=51 => b'a' + offset - 26,
        52..=61 => b'0' + offset - 52,
        62 => b'+',
        _ => b'/',
    };
    if digit.is_ascii_alphanumeric() {
        text.push(char::from(digit));
    } else {
        // Writing into a String cannot fail.
        let _infallible = write!(text, "%{digit:02X}");
    }
}

pub(super) const SHA_1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
pub(super) const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
pub(super) const NONCE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.2");
