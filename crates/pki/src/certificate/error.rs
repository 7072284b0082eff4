//! What is wrong with a certificate.

use crate::{KeyError, SerialError, pem::PemError};

/// Why octets are not a certificate that is understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// The text has no certificate in PEM, or a broken one.
    #[error("the certificate is not PEM")]
    NotPem(#[source] PemError),
    /// They are not one Certificate in DER.
    #[error("the certificate is not DER")]
    NotDer,
    /// The serial number is not allowed.
    #[error("the serial number of the certificate is refused")]
    Serial(#[source] SerialError),
    /// The key is not supported.
    #[error("the public key of the certificate is refused")]
    Key(#[source] KeyError),
    /// The signature's algorithm is not supported, or stands differently in the two places.
    #[error("the signature algorithm of the certificate is not supported")]
    SignatureAlgorithm,
    /// An extension stands twice, or one that is understood is malformed.
    #[error("an extension of the certificate is refused")]
    Extension,
}

impl CertificateError {
    /// The stable code of this refusal.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotPem(_) => "certificate-not-pem",
            Self::NotDer => "certificate-not-der",
            Self::Serial(_) => "certificate-serial-invalid",
            Self::Key(_) => "certificate-key-unsupported",
            Self::SignatureAlgorithm => "certificate-signature-algorithm-unsupported",
            Self::Extension => "certificate-extension-invalid",
        }
    }
}

/// Why a certificate was not issued by another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotIssuedBy {
    /// The issuer's name is not the other's subject, octet for octet.
    #[error("the issuer is named otherwise")]
    Name,
    /// The authority key identifier is not the other's subject key identifier.
    #[error("the authority key identifier is another")]
    KeyId,
    /// The other is not a CA certificate that may sign certificates.
    #[error("the issuer is not a certification authority")]
    NotCa,
    /// The signature is not good under the other's key.
    #[error("the signature does not verify")]
    Signature,
}
