//! Why a certification request is refused.

use super::MAX_CSR_BYTES;
use crate::{KeyError, NameError};

/// Why a certification request is refused, in the order of the checks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CsrError {
    /// It has more than [`MAX_CSR_BYTES`].
    #[error("the certification request has more than {MAX_CSR_BYTES} octets")]
    TooLarge,
    /// It is neither DER nor PEM with one of the labels of RFC 7468 §7, or is not a
    /// `CertificationRequest` in DER.
    #[error("the certification request is not DER")]
    NotDer,
    /// Octets, or a second PEM block, follow it.
    #[error("something follows the certification request")]
    TrailingBytes,
    /// An attribute stands twice.
    #[error("the certification request has an attribute twice")]
    DuplicateAttribute,
    /// The key is refused.
    #[error("the public key is refused")]
    Key(#[source] KeyError),
    /// The signature's algorithm is not supported or does not fit the key.
    #[error("the signature algorithm of the certification request is not supported")]
    SignatureAlgorithmUnsupported,
    /// The signature is not good.
    #[error("the certification request is not signed with its own key")]
    BadSignature,
    /// An extension is asked for twice.
    #[error("the certification request asks for an extension twice")]
    DuplicateExtension,
    /// The list of extensions, or one of those that are understood, is malformed.
    #[error("the certification request asks for a malformed extension")]
    ExtensionInvalid,
    /// The subject or an alternative name is refused; all rules that are broken.
    #[error("a name in the certification request is refused")]
    Name(Vec<NameError>),
}

impl CsrError {
    /// The stable code of this refusal.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "csr-too-large",
            Self::NotDer => "csr-not-der",
            Self::TrailingBytes => "csr-trailing-bytes",
            Self::DuplicateAttribute => "csr-duplicate-attribute",
            Self::Key(_) => "csr-key-unsupported",
            Self::SignatureAlgorithmUnsupported => "csr-signature-algorithm-unsupported",
            Self::BadSignature => "csr-bad-signature",
            Self::DuplicateExtension => "csr-duplicate-extension",
            Self::ExtensionInvalid => "csr-extension-invalid",
            Self::Name(_) => "csr-name-invalid",
        }
    }
}
