//! Certification requests (PKCS #10, RFC 2986).

mod error;
mod requested;

use std::{
    fmt::{self, Debug},
    sync::Arc,
};

use der::{Decode, Encode};
use x509_cert::request::CertReq;

pub use self::{error::CsrError, requested::RequestedExtensions};
use crate::{
    DistinguishedName, PublicKey, SignatureAlgorithm, pem,
    strict_der::{self, Element, Fault},
};

/// The most octets a certification request may have.
pub const MAX_CSR_BYTES: usize = 16 * 1024;

/// Labels of RFC 7468 §7, the second one from old software.
const PEM_LABELS: [&str; 2] = ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"];

/// A certification request that was strict DER and whose own signature was good.
///
/// ```text
/// CertificationRequest ::= SEQUENCE {
///     certificationRequestInfo CertificationRequestInfo,
///     signatureAlgorithm       AlgorithmIdentifier,
///     signature                BIT STRING }            -- RFC 2986 §4.2
/// ```
#[derive(Clone)]
pub struct CertificationRequest {
    der: Arc<[u8]>,
    public_key: PublicKey,
    signature_algorithm: SignatureAlgorithm,
    subject: Option<DistinguishedName>,
    requested: RequestedExtensions,
}

/// The parts of a request whose octets count.
struct Frame<'a> {
    info_der: &'a [u8],
    spki_der: &'a [u8],
}

impl CertificationRequest {
    /// Reads and verifies a request in DER.
    ///
    /// # Errors
    /// [`CsrError`] names the first check that fails.
    pub fn parse(der: &[u8]) -> Result<Self, CsrError> {
        if der.len() > MAX_CSR_BYTES {
            return Err(CsrError::TooLarge);
        }
        let frame = read_frame(der)?;
        let request = decode(der)?;
        let public_key = PublicKey::parse(frame.spki_der).map_err(CsrError::Key)?;
        let signature_algorithm = verify(&request, &public_key, frame.info_der)?;
        let mut faults = Vec::new();
        let requested = RequestedExtensions::read(&request.info.attributes, &mut faults)?;
        let subject = match &request.info.subject {
            name if name.is_empty() => None,
            name => DistinguishedName::from_x509(name)
                .map_err(|more| faults.splice(..0, more).for_each(drop))
                .ok(),
        };
        if !faults.is_empty() {
            return Err(CsrError::Name(faults));
        }
        Ok(Self {
            der: der.into(),
            public_key,
            signature_algorithm,
            subject,
            requested,
        })
    }

    /// Reads and verifies a request in PEM or DER. PEM may have text around its only block.
    ///
    /// # Errors
    /// [`CsrError`] names the first check that fails.
    pub fn parse_pem_or_der(octets: &[u8]) -> Result<Self, CsrError> {
        // No PEM text begins like a SEQUENCE longer than 127 octets, as every request is.
        if octets.starts_with(&[0x30, 0x82]) || octets.starts_with(&[0x30, 0x81]) {
            return Self::parse(octets);
        }
        if octets.len() > 2 * MAX_CSR_BYTES {
            return Err(CsrError::TooLarge);
        }
        let text = str::from_utf8(octets).map_err(|_| CsrError::NotDer)?;
        let mut blocks = Vec::new();
        for label in PEM_LABELS {
            blocks.extend(pem::decode_all(label, text).map_err(|_| CsrError::NotDer)?);
        }
        match blocks.as_slice() {
            [] => Err(CsrError::NotDer),
            [der] => Self::parse(der),
            _ => Err(CsrError::TrailingBytes),
        }
    }

    /// The request, octet for octet as parsed.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The key that is to be certified.
    pub const fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// How the request was signed.
    pub const fn signature_algorithm(&self) -> SignatureAlgorithm {
        self.signature_algorithm
    }

    /// The subject; none if it is the empty name.
    pub const fn subject(&self) -> Option<&DistinguishedName> {
        self.subject.as_ref()
    }

    /// Whether the subject is the empty name.
    pub const fn subject_is_empty(&self) -> bool {
        self.subject.is_none()
    }

    /// The extensions that are asked for.
    pub const fn requested(&self) -> &RequestedExtensions {
        &self.requested
    }
}

/// Says which key asks and no more: a request can carry names and a challenge password.
impl Debug for CertificationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertificationRequest")
            .field("public_key", &self.public_key.hash())
            .finish_non_exhaustive()
    }
}

fn read_frame(der: &[u8]) -> Result<Frame<'_>, CsrError> {
    let request = strict_der::check(der).map_err(|fault| match fault {
        Fault::NotDer => CsrError::NotDer,
        Fault::Trailing => CsrError::TrailingBytes,
    })?;
    let children = request.children().ok_or(CsrError::NotDer)?;
    let info = children.first().ok_or(CsrError::NotDer)?;
    let parts = info.children().ok_or(CsrError::NotDer)?;
    let [_version, _subject, spki, attributes] = parts.as_slice() else {
        return Err(CsrError::NotDer);
    };
    check_attributes(attributes)?;
    Ok(Frame {
        info_der: info.whole,
        spki_der: spki.whole,
    })
}

/// No type of attribute may stand twice. Looked at in the original, since decoding makes a set.
fn check_attributes(attributes: &Element<'_>) -> Result<(), CsrError> {
    let mut types: Vec<&[u8]> = Vec::new();
    for attribute in attributes.children().ok_or(CsrError::NotDer)? {
        let parts = attribute.children().ok_or(CsrError::NotDer)?;
        let attribute_type = parts.first().ok_or(CsrError::NotDer)?.whole;
        if types.contains(&attribute_type) {
            return Err(CsrError::DuplicateAttribute);
        }
        types.push(attribute_type);
    }
    Ok(())
}

/// Decodes what must encode to the same octets again: this finds unsorted sets behind implicit
/// tags and defaults that are written out.
fn decode(der: &[u8]) -> Result<CertReq, CsrError> {
    let request = CertReq::from_der(der).map_err(|_| CsrError::NotDer)?;
    match request.to_der() {
        Ok(again) if again == der => Ok(request),
        _ => Err(CsrError::NotDer),
    }
}

fn verify(
    request: &CertReq,
    key: &PublicKey,
    info_der: &[u8],
) -> Result<SignatureAlgorithm, CsrError> {
    let algorithm = SignatureAlgorithm::from_identifier(&request.algorithm)
        .filter(|algorithm| algorithm.fits(&key.algorithm()))
        .ok_or(CsrError::SignatureAlgorithmUnsupported)?;
    let signature = request.signature.as_bytes().ok_or(CsrError::BadSignature)?;
    key.verify(algorithm, info_der, signature)
        .map_err(|_| CsrError::BadSignature)?;
    Ok(algorithm)
}

#[cfg(test)]
mod tests;
