//! Why a CRL is not read.

use pki::BadSignature;
use thiserror::Error;

/// Why a CRL was not read.
#[derive(Debug, Error)]
pub enum CrlReadError {
    /// Not DER, or not shaped as a CRL.
    #[error("the CRL is not well-formed DER")]
    Malformed(#[from] der::Error),
    /// Version 1 has no extensions, so it cannot have a number.
    #[error("the CRL is not version 2")]
    NotVersion2,
    /// The algorithm inside and outside the signed part differ.
    #[error("the two signature algorithms of the CRL differ")]
    AlgorithmsDiffer,
    /// A signature algorithm that nothing here can verify.
    #[error("the signature algorithm of the CRL is not supported")]
    AlgorithmUnsupported,
    /// The signature is not a whole number of octets.
    #[error("the signature of the CRL is not a whole number of octets")]
    SignatureNotOctets,
    /// RFC 5280 section 5.1.2.5 makes it mandatory.
    #[error("the CRL has no nextUpdate")]
    NoNextUpdate,
    /// RFC 5280 section 5.1.2.6 wants the list absent instead.
    #[error("the CRL has an empty list of entries")]
    EmptyEntries,
    /// RFC 5280 section 5.2.3 makes it mandatory.
    #[error("the CRL has no number")]
    NoNumber,
    /// Numbers above 64 bits are never issued here.
    #[error("the CRL number does not fit 64 bits")]
    NumberTooLarge,
    /// An extension stands twice.
    #[error("extension {oid} stands twice")]
    DuplicateExtension {
        /// The extension.
        oid: const_oid::ObjectIdentifier,
    },
    /// A critical extension that is not understood, indirect CRLs among them.
    #[error("critical extension {oid} is not supported")]
    CriticalExtension {
        /// The extension.
        oid: const_oid::ObjectIdentifier,
    },
    /// An extension that says that the CRL is but a part, and not critically so.
    #[error("extension {oid} is not critical")]
    NotCritical {
        /// The extension.
        oid: const_oid::ObjectIdentifier,
    },
    /// A serial number that is not positive or too long.
    #[error("an entry has an unusable serial number")]
    Serial(#[from] pki::SerialError),
    /// The CRL names another issuer.
    #[error("the CRL was issued by another issuer")]
    OtherIssuer,
    /// The CRL names another key of the issuer.
    #[error("the CRL was issued with another key")]
    OtherAuthorityKey,
    /// The signature is wrong.
    #[error("the signature of the CRL is wrong")]
    BadSignature(#[source] BadSignature),
}

impl CrlReadError {
    /// A stable slug for logs, metrics and audit.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "crl-malformed",
            Self::NotVersion2 => "crl-not-version-2",
            Self::AlgorithmsDiffer => "crl-algorithms-differ",
            Self::AlgorithmUnsupported => "crl-algorithm-unsupported",
            Self::SignatureNotOctets => "crl-signature-not-octets",
            Self::NoNextUpdate => "crl-no-next-update",
            Self::EmptyEntries => "crl-empty-entries",
            Self::NoNumber => "crl-no-number",
            Self::NumberTooLarge => "crl-number-too-large",
            Self::DuplicateExtension { .. } => "crl-duplicate-extension",
            Self::CriticalExtension { .. } => "crl-critical-extension",
            Self::NotCritical { .. } => "crl-not-critical",
            Self::Serial(_) => "crl-serial",
            Self::OtherIssuer => "crl-other-issuer",
            Self::OtherAuthorityKey => "crl-other-authority-key",
            Self::BadSignature(_) => "crl-bad-signature",
        }
    }
}
