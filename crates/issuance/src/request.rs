//! PKCS#10 requests for keys that live in an HSM (RFC 2986).

use std::sync::Arc;

use pki::{
    BadSignature, CertificationRequest, DistinguishedName, PublicKey, SignatureAlgorithm,
    SubjectAltName,
};

use crate::{
    certificate::PrepareError,
    der_writer::{self, context, sequence, tlv},
    extensions,
    issuer::IssuerError,
};

/// A certification request that is ready to be signed with the key it names.
#[must_use]
#[derive(Debug)]
pub struct PreparedRequest {
    awaiting: AwaitingRequest,
}

impl PreparedRequest {
    /// Builds the `CertificationRequestInfo`; `subject_alt_names` may be empty.
    ///
    /// # Errors
    /// Refuses an algorithm that does not fit the key and names that have no encoding.
    pub fn new(
        subject: &DistinguishedName,
        public_key: &PublicKey,
        algorithm: SignatureAlgorithm,
        subject_alt_names: &[SubjectAltName],
    ) -> Result<Self, PrepareError> {
        if !algorithm.fits(&public_key.algorithm()) {
            return Err(IssuerError::AlgorithmDoesNotFit { algorithm }.into());
        }
        let attributes = attributes(subject, subject_alt_names)?;
        let info_der = sequence(&[
            VERSION_1,
            &subject.to_der(),
            public_key.spki_der(),
            &context(0, &[&attributes])?,
        ])?;
        Ok(Self {
            awaiting: AwaitingRequest {
                info_der: info_der.into(),
                public_key: public_key.clone(),
                algorithm,
            },
        })
    }

    /// Gives up the bytes to be signed.
    pub fn release(self) -> (Arc<[u8]>, AwaitingRequest) {
        (Arc::clone(&self.awaiting.info_der), self.awaiting)
    }
}

/// A request whose bytes are with the signer.
#[must_use]
#[derive(Debug)]
pub struct AwaitingRequest {
    info_der: Arc<[u8]>,
    public_key: PublicKey,
    algorithm: SignatureAlgorithm,
}

impl AwaitingRequest {
    /// Verifies `signature` over the released bytes and assembles the request, DER.
    ///
    /// # Errors
    /// The signature is not by the request's own key over these bytes.
    pub fn complete(self, signature: &[u8]) -> Result<Vec<u8>, BadSignature> {
        self.public_key
            .verify(self.algorithm, &self.info_der, signature)?;
        let der = der_writer::signed(&self.info_der, self.algorithm, signature)
            .map_err(|_| BadSignature)?;
        CertificationRequest::parse(&der).map_err(|_| BadSignature)?;
        Ok(der)
    }
}

/// The contents of the attribute set: an `extensionRequest` (RFC 2985 section 5.4.2) or nothing.
fn attributes(
    subject: &DistinguishedName,
    subject_alt_names: &[SubjectAltName],
) -> Result<Vec<u8>, PrepareError> {
    if subject_alt_names.is_empty() {
        return Ok(Vec::new());
    }
    let critical = subject.attributes().is_empty();
    let extensions = extensions::requested(subject_alt_names, critical)?;
    let values = tlv(der::Tag::Set, &[&extensions])?;
    Ok(sequence(&[EXTENSION_REQUEST, &values])?)
}

/// `INTEGER 0`.
const VERSION_1: &[u8] = &[0x02, 0x01, 0x00];

/// `OBJECT IDENTIFIER 1.2.840.113549.1.9.14`.
const EXTENSION_REQUEST: &[u8] = &[
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x0e,
];
