//! Certificates that were read, ours and others'.

mod error;
mod parsed;
mod urls;

use std::sync::Arc;

use jiff::Timestamp;
use x509_cert::{ext::pkix::KeyUsages, name::Name};

pub use self::error::{CertificateError, NotIssuedBy};
use self::parsed::Parsed;
use crate::{
    DistinguishedName, Fingerprint, PublicKey, SerialNumber, SignatureAlgorithm, pem,
    pem::PemError, time::from_x509_time,
};

/// The keyUsage bits (RFC 5280 §4.2.1.3), as x509-cert holds them.
pub type KeyUsageBits = der::flagset::FlagSet<KeyUsages>;

const PEM_LABEL: &str = "CERTIFICATE";

/// A certificate: its DER and what stands in it. Clones share all of it.
///
/// It was parsed, not verified: see [`Self::verify_issued_by`].
#[derive(Debug, Clone)]
pub struct Certificate {
    inner: Arc<Parsed>,
}

impl Certificate {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// [`CertificateError`] names the first check that fails.
    pub fn parse(der: &[u8]) -> Result<Self, CertificateError> {
        Ok(Self {
            inner: Arc::new(Parsed::read(der)?),
        })
    }

    /// Reads the first certificate of a PEM text.
    ///
    /// # Errors
    /// As [`Self::parse`], and if there is none.
    pub fn parse_pem(text: &str) -> Result<Self, CertificateError> {
        Self::parse(&pem::decode(PEM_LABEL, text).map_err(CertificateError::NotPem)?)
    }

    /// Reads all certificates of a PEM text, at least one, in their order.
    ///
    /// # Errors
    /// As [`Self::parse`], and if there is none.
    pub fn parse_pem_chain(text: &str) -> Result<Vec<Self>, CertificateError> {
        let blocks = pem::decode_all(PEM_LABEL, text).map_err(CertificateError::NotPem)?;
        if blocks.is_empty() {
            let label = PEM_LABEL.to_owned();
            return Err(CertificateError::NotPem(PemError::Missing { label }));
        }
        blocks.iter().map(|der| Self::parse(der)).collect()
    }

    /// The certificate, octet for octet as parsed.
    pub fn der(&self) -> &[u8] {
        &self.inner.der
    }

    /// The certificate as a PEM block.
    pub fn to_pem(&self) -> String {
        pem::encode(PEM_LABEL, self.der())
    }

    /// The serial number.
    pub fn serial(&self) -> SerialNumber {
        self.inner.serial
    }

    /// The issuer's name in DER, octet for octet.
    pub fn issuer_der(&self) -> &[u8] {
        &self.inner.issuer_der
    }

    /// The subject's name in DER, octet for octet.
    pub fn subject_der(&self) -> &[u8] {
        &self.inner.subject_der
    }

    /// The issuer's name in the form of RFC 4514.
    pub fn issuer_display(&self) -> String {
        display(self.x509().tbs_certificate().issuer())
    }

    /// The subject's name in the form of RFC 4514.
    pub fn subject_display(&self) -> String {
        display(self.x509().tbs_certificate().subject())
    }

    /// The subject's key.
    pub fn public_key(&self) -> &PublicKey {
        &self.inner.public_key
    }

    /// The first moment of validity.
    pub fn not_before(&self) -> Timestamp {
        from_x509_time(&self.x509().tbs_certificate().validity().not_before)
    }

    /// The last second of validity, itself included (RFC 5280 §4.1.2.5).
    pub fn not_after(&self) -> Timestamp {
        from_x509_time(&self.x509().tbs_certificate().validity().not_after)
    }

    /// The subject key identifier.
    pub fn subject_key_id(&self) -> Option<&[u8]> {
        self.inner.extensions.subject_key_id.as_deref()
    }

    /// The keyIdentifier of the authority key identifier.
    pub fn authority_key_id(&self) -> Option<&[u8]> {
        self.inner.extensions.authority_key_id.as_deref()
    }

    /// Whether basicConstraints says cA.
    pub fn is_ca(&self) -> bool {
        self.inner
            .extensions
            .basic_constraints
            .as_ref()
            .is_some_and(|constraints| constraints.ca)
    }

    /// The pathLenConstraint.
    pub fn path_len(&self) -> Option<u8> {
        self.inner
            .extensions
            .basic_constraints
            .as_ref()?
            .path_len_constraint
    }

    /// The keyUsage bits, if the extension is there.
    pub fn key_usage(&self) -> Option<KeyUsageBits> {
        self.inner.extensions.key_usage
    }

    /// How the certificate was signed.
    pub fn signature_algorithm(&self) -> SignatureAlgorithm {
        self.inner.signature_algorithm
    }

    /// The TBSCertificate, octet for octet: what was signed.
    pub fn tbs_der(&self) -> &[u8] {
        self.inner
            .der
            .get(self.inner.tbs.clone())
            .unwrap_or_default()
    }

    /// The signature in X.509 form: DER for ECDSA, raw for the others.
    pub fn signature(&self) -> &[u8] {
        &self.inner.signature
    }

    /// SHA-256 of the DER.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self.der())
    }

    /// All that x509-cert reads in it.
    pub fn x509(&self) -> &x509_cert::Certificate {
        &self.inner.x509
    }

    /// Checks names, key identifiers, CA flag and keyCertSign, and verifies the signature over the
    /// original octets. Looks at no dates, path lengths or revocation.
    ///
    /// # Errors
    /// [`NotIssuedBy`] names the first check that fails.
    pub fn verify_issued_by(&self, issuer: &Self) -> Result<(), NotIssuedBy> {
        if self.issuer_der() != issuer.subject_der() {
            return Err(NotIssuedBy::Name);
        }
        match (self.authority_key_id(), issuer.subject_key_id()) {
            (Some(authority), Some(subject)) if authority != subject => {
                return Err(NotIssuedBy::KeyId);
            }
            _ => {}
        }
        if !issuer.may_sign_certificates() {
            return Err(NotIssuedBy::NotCa);
        }
        issuer
            .public_key()
            .verify(self.signature_algorithm(), self.tbs_der(), self.signature())
            .map_err(|_| NotIssuedBy::Signature)
    }

    fn may_sign_certificates(&self) -> bool {
        let usage = self.key_usage();
        self.is_ca() && usage.is_none_or(|bits| bits.contains(KeyUsages::KeyCertSign))
    }
}

/// Our own form where we can read the name, so that one name looks the same everywhere.
fn display(name: &Name) -> String {
    DistinguishedName::from_x509(name).map_or_else(|_| name.to_string(), |name| name.to_string())
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der() == other.der()
    }
}

impl Eq for Certificate {}

#[cfg(test)]
mod tests;
