//! Certificates that were read, ours and others'.

use std::sync::Arc;

use jiff::Timestamp;

use crate::{Fingerprint, PublicKey, SerialNumber, SignatureAlgorithm};

/// The keyUsage bits (RFC 5280 §4.2.1.3), as x509-cert holds them.
pub type KeyUsageBits = der::flagset::FlagSet<x509_cert::ext::pkix::KeyUsages>;

/// A certificate: its DER and what stands in it. Clones share the DER.
#[derive(Debug, Clone)]
pub struct Certificate {
    inner: Arc<Parsed>,
}

#[derive(Debug)]
struct Parsed {
    der: Vec<u8>,
    x509: x509_cert::Certificate,
    serial: SerialNumber,
    public_key: PublicKey,
}

/// Why octets are not a certificate that is understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// They are not one Certificate in DER.
    #[error("the certificate is not DER")]
    NotDer,
    /// The text has no certificate in PEM.
    #[error("the certificate is not PEM")]
    NotPem(#[source] crate::pem::PemError),
    /// The serial number is not allowed.
    #[error("the serial number of the certificate is refused")]
    Serial(#[source] crate::SerialError),
    /// The key is not supported.
    #[error("the public key of the certificate is refused")]
    Key(#[source] crate::KeyError),
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
            Self::NotDer => "certificate-not-der",
            Self::NotPem(_) => "certificate-not-pem",
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

impl Certificate {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// [`CertificateError`] names the first check that fails.
    pub fn parse(der: &[u8]) -> Result<Self, CertificateError> {
        let _ = der;
        Err(CertificateError::NotDer)
    }

    /// Reads the first certificate of a PEM text.
    ///
    /// # Errors
    /// As [`Self::parse`], and if there is none.
    pub fn parse_pem(text: &str) -> Result<Self, CertificateError> {
        let _ = text;
        Err(CertificateError::NotDer)
    }

    /// Reads all certificates of a PEM text, at least one.
    ///
    /// # Errors
    /// As [`Self::parse`], and if there is none.
    pub fn parse_pem_chain(text: &str) -> Result<Vec<Self>, CertificateError> {
        let _ = text;
        Err(CertificateError::NotDer)
    }

    /// The certificate, octet for octet as parsed.
    pub fn der(&self) -> &[u8] {
        &self.inner.der
    }

    /// The certificate as a PEM block.
    pub fn to_pem(&self) -> String {
        crate::pem::encode("CERTIFICATE", self.der())
    }

    /// The serial number.
    pub fn serial(&self) -> SerialNumber {
        self.inner.serial
    }

    /// The issuer's name in DER, octet for octet.
    pub fn issuer_der(&self) -> &[u8] {
        unimplemented!()
    }

    /// The subject's name in DER, octet for octet.
    pub fn subject_der(&self) -> &[u8] {
        unimplemented!()
    }

    /// The subject's name in the form of RFC 4514.
    pub fn subject_display(&self) -> String {
        unimplemented!()
    }

    /// The issuer's name in the form of RFC 4514.
    pub fn issuer_display(&self) -> String {
        unimplemented!()
    }

    /// The subject's key.
    pub fn public_key(&self) -> &PublicKey {
        &self.inner.public_key
    }

    /// The first moment of validity.
    pub fn not_before(&self) -> Timestamp {
        crate::time::from_x509_time(&self.x509().tbs_certificate().validity().not_before)
    }

    /// The last second of validity, itself included.
    pub fn not_after(&self) -> Timestamp {
        crate::time::from_x509_time(&self.x509().tbs_certificate().validity().not_after)
    }

    /// The subject key identifier.
    pub fn subject_key_id(&self) -> Option<&[u8]> {
        unimplemented!()
    }

    /// The keyIdentifier of the authority key identifier.
    pub fn authority_key_id(&self) -> Option<&[u8]> {
        unimplemented!()
    }

    /// Whether basicConstraints says cA.
    pub fn is_ca(&self) -> bool {
        unimplemented!()
    }

    /// The pathLenConstraint.
    pub fn path_len(&self) -> Option<u8> {
        unimplemented!()
    }

    /// The keyUsage bits, if the extension is there.
    pub fn key_usage(&self) -> Option<KeyUsageBits> {
        unimplemented!()
    }

    /// How the certificate was signed.
    pub fn signature_algorithm(&self) -> SignatureAlgorithm {
        unimplemented!()
    }

    /// The TBSCertificate, octet for octet: what was signed.
    pub fn tbs_der(&self) -> &[u8] {
        unimplemented!()
    }

    /// The signature in X.509 form.
    pub fn signature(&self) -> &[u8] {
        unimplemented!()
    }

    /// SHA-256 of the DER.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self.der())
    }

    /// All that x509-cert reads in it.
    pub fn x509(&self) -> &x509_cert::Certificate {
        &self.inner.x509
    }

    /// Checks names, key identifiers, CA flag and keyCertSign, and verifies the signature. Looks
    /// at no dates and no revocation.
    ///
    /// # Errors
    /// [`NotIssuedBy`] names the first check that fails.
    pub fn verify_issued_by(&self, issuer: &Self) -> Result<(), NotIssuedBy> {
        let _ = issuer;
        Err(NotIssuedBy::Signature)
    }
}
