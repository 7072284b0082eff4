//! An issuing CA: its certificate and the algorithm it signs with.

use std::sync::Arc;

use pki::{Certificate, IssuerName, PublicKey, SignatureAlgorithm};
use thiserror::Error;
use x509_cert::ext::pkix::KeyUsages;

/// A CA whose certificate and key have been found to belong together. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Issuer {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    name: IssuerName,
    certificate: Certificate,
    key_identifier: Vec<u8>,
    algorithm: SignatureAlgorithm,
}

impl Issuer {
    /// Joins a CA certificate to the key that an HSM holds.
    ///
    /// # Errors
    /// Refuses a key other than the certificate's, an algorithm that does not fit the key, and a
    /// certificate that is not a CA's, may not sign certificates and CRLs, or has no subject key
    /// identifier (RFC 5280 sections 4.2.1.2, 4.2.1.3 and 4.2.1.9).
    pub fn new(
        name: IssuerName,
        certificate: Certificate,
        key: &PublicKey,
        algorithm: SignatureAlgorithm,
    ) -> Result<Self, IssuerError> {
        if certificate.public_key().spki_der() != key.spki_der() {
            return Err(IssuerError::OtherKey);
        }
        if !algorithm.fits(&key.algorithm()) {
            return Err(IssuerError::AlgorithmDoesNotFit { algorithm });
        }
        if !certificate.is_ca() {
            return Err(IssuerError::NotCa);
        }
        let allows = |usage| {
            certificate
                .key_usage()
                .is_some_and(|usages| usages.contains(usage))
        };
        if !allows(KeyUsages::KeyCertSign) {
            return Err(IssuerError::NoCertSign);
        }
        if !allows(KeyUsages::CRLSign) {
            return Err(IssuerError::NoCrlSign);
        }
        let key_identifier = certificate
            .subject_key_id()
            .ok_or(IssuerError::NoKeyIdentifier)?
            .to_vec();
        Ok(Self {
            inner: Arc::new(Inner {
                name,
                certificate,
                key_identifier,
                algorithm,
            }),
        })
    }

    /// The name by which configuration, URLs and files call this CA.
    pub fn name(&self) -> &IssuerName {
        &self.inner.name
    }

    /// The CA certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.inner.certificate
    }

    /// The CA's public key.
    pub fn public_key(&self) -> &PublicKey {
        self.inner.certificate.public_key()
    }

    /// The subject key identifier of the CA certificate: the AKI of all that it issues.
    pub fn key_identifier(&self) -> &[u8] {
        &self.inner.key_identifier
    }

    /// The algorithm that signs certificates and CRLs.
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.inner.algorithm
    }
}

/// Why a certificate and a key do not make an issuer.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Error)]
pub enum IssuerError {
    /// The key is not the one in the certificate.
    #[error("the key is not the one in the CA certificate")]
    OtherKey,
    /// The algorithm cannot be used with this key.
    #[error("signature algorithm {algorithm} does not fit the CA key")]
    AlgorithmDoesNotFit {
        /// The algorithm that was asked for.
        algorithm: SignatureAlgorithm,
    },
    /// Basic constraints do not say CA.
    #[error("the certificate is not a CA certificate")]
    NotCa,
    /// Key usage lacks `keyCertSign`.
    #[error("the CA certificate does not allow signing certificates")]
    NoCertSign,
    /// Key usage lacks `cRLSign`.
    #[error("the CA certificate does not allow signing CRLs")]
    NoCrlSign,
    /// There is no subject key identifier to name in the AKI of what is issued.
    #[error("the CA certificate has no subject key identifier")]
    NoKeyIdentifier,
}

impl IssuerError {
    /// A stable slug for logs and audit.
    pub fn code(&self) -> &'static str {
        match self {
            Self::OtherKey => "issuer-other-key",
            Self::AlgorithmDoesNotFit { .. } => "issuer-algorithm-does-not-fit",
            Self::NotCa => "issuer-not-ca",
            Self::NoCertSign => "issuer-no-cert-sign",
            Self::NoCrlSign => "issuer-no-crl-sign",
            Self::NoKeyIdentifier => "issuer-no-key-identifier",
        }
    }
}
