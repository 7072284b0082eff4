//! Certificates: prepared from a plan, linted, frozen, signed, verified.

mod error;
mod tbs;

use std::sync::Arc;

use jiff::Timestamp;
use pki::{BadSignature, Certificate, IssuerName, PublicKey, SerialNumber, SignatureAlgorithm};
use policy::{BasicConstraintsPlan, CertificatePlan, lint};

pub use self::error::{LintFindings, PrepareError};
use crate::{Issuer, der_writer, issuer::IssuerError};

/// A certificate that is ready to be signed: its bytes are frozen and have passed the lint.
///
/// Not `Clone`: what was prepared is signed at most once.
#[must_use]
#[derive(Debug)]
pub struct PreparedCertificate {
    awaiting: Awaiting,
}

impl PreparedCertificate {
    /// Builds the TBSCertificate that `plan` describes, and lints it with a signature of the right
    /// algorithm and size in place of the real one (BR section 4.3.1.2).
    ///
    /// # Errors
    /// The plan reaches outside the issuer's validity or path length, cannot be encoded, or the
    /// lint has findings.
    pub fn new(
        issuer: &Issuer,
        serial: SerialNumber,
        public_key: &PublicKey,
        plan: &CertificatePlan,
    ) -> Result<Self, PrepareError> {
        check_within(issuer.certificate(), plan)?;
        let draft = tbs::Draft {
            serial,
            algorithm: issuer.algorithm(),
            issuer_der: issuer.certificate().subject_der(),
            authority_key_id: issuer.key_identifier(),
            public_key,
            plan,
        };
        let tbs_der = draft.encode()?;
        let unsigned = placeholder(&tbs_der, issuer.algorithm(), issuer.public_key())?;
        check_lint(lint::certificate(
            unsigned.der(),
            issuer.certificate(),
            plan,
        ))?;
        Ok(Self {
            awaiting: Awaiting {
                tbs_der: tbs_der.into(),
                serial,
                issuer_name: issuer.name().clone(),
                issuer_key: issuer.public_key().clone(),
                algorithm: issuer.algorithm(),
            },
        })
    }

    /// Builds a self-signed certificate, as a root is: subject and issuer are the plan's subject.
    ///
    /// # Errors
    /// As [`PreparedCertificate::new`]; also refuses an algorithm that does not fit the key.
    pub fn self_signed(
        name: IssuerName,
        serial: SerialNumber,
        public_key: &PublicKey,
        algorithm: SignatureAlgorithm,
        plan: &CertificatePlan,
    ) -> Result<Self, PrepareError> {
        if !algorithm.fits(&public_key.algorithm()) {
            return Err(IssuerError::AlgorithmDoesNotFit { algorithm }.into());
        }
        let subject_der = plan.subject.to_der();
        let key_id = public_key.key_id();
        let draft = tbs::Draft {
            serial,
            algorithm,
            issuer_der: &subject_der,
            authority_key_id: key_id.as_bytes(),
            public_key,
            plan,
        };
        let tbs_der = draft.encode()?;
        let unsigned = placeholder(&tbs_der, algorithm, public_key)?;
        check_lint(lint::self_signed(unsigned.der(), plan))?;
        Ok(Self {
            awaiting: Awaiting {
                tbs_der: tbs_der.into(),
                serial,
                issuer_name: name,
                issuer_key: public_key.clone(),
                algorithm,
            },
        })
    }

    /// The DER of the TBSCertificate: exactly what will be signed.
    pub fn tbs_der(&self) -> &[u8] {
        &self.awaiting.tbs_der
    }

    /// The serial number in it.
    pub fn serial(&self) -> SerialNumber {
        self.awaiting.serial
    }

    /// The algorithm that the signature must have.
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.awaiting.algorithm
    }

    /// Gives up the bytes to be signed. Record the intent durably before this.
    pub fn release(self) -> (Arc<[u8]>, Awaiting) {
        (Arc::clone(&self.awaiting.tbs_der), self.awaiting)
    }
}

/// A certificate whose bytes are with the signer.
#[must_use]
#[derive(Debug)]
pub struct Awaiting {
    tbs_der: Arc<[u8]>,
    serial: SerialNumber,
    issuer_name: IssuerName,
    issuer_key: PublicKey,
    algorithm: SignatureAlgorithm,
}

impl Awaiting {
    /// Verifies `signature` over the released bytes and assembles the certificate around them.
    ///
    /// # Errors
    /// The signature is not the issuer's over these bytes.
    pub fn complete(self, signature: &[u8]) -> Result<IssuedCertificate, BadSignature> {
        self.issuer_key
            .verify(self.algorithm, &self.tbs_der, signature)?;
        let der = der_writer::signed(&self.tbs_der, self.algorithm, signature)
            .map_err(|_| BadSignature)?;
        let certificate = Certificate::parse(&der).map_err(|_| BadSignature)?;
        if certificate.tbs_der() != &*self.tbs_der || certificate.serial() != self.serial {
            return Err(BadSignature);
        }
        Ok(IssuedCertificate {
            certificate,
            issuer_name: self.issuer_name,
        })
    }

    /// The serial number of the certificate, for recording that it was abandoned.
    pub fn serial(&self) -> SerialNumber {
        self.serial
    }
}

/// A certificate that carries its issuer's verified signature. Storage takes nothing else.
#[derive(Clone, Debug)]
pub struct IssuedCertificate {
    certificate: Certificate,
    issuer_name: IssuerName,
}

impl IssuedCertificate {
    /// The certificate, DER.
    pub fn der(&self) -> &[u8] {
        self.certificate.der()
    }

    /// The certificate, parsed.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Who issued it.
    pub fn issuer_name(&self) -> &IssuerName {
        &self.issuer_name
    }

    /// Its serial number.
    pub fn serial(&self) -> SerialNumber {
        self.certificate.serial()
    }

    /// First second of its validity.
    pub fn not_before(&self) -> Timestamp {
        self.certificate.not_before()
    }

    /// Last second of its validity (RFC 5280 section 4.1.2.5: inclusive).
    pub fn not_after(&self) -> Timestamp {
        self.certificate.not_after()
    }
}

fn check_within(issuer: &Certificate, plan: &CertificatePlan) -> Result<(), PrepareError> {
    if let (BasicConstraintsPlan::Ca { path_len }, Some(limit)) =
        (plan.basic_constraints, issuer.path_len())
        && path_len.is_none_or(|path_len| path_len >= limit)
    {
        return Err(PrepareError::PathLength);
    }
    if plan.not_before < issuer.not_before() || plan.not_after > issuer.not_after() {
        return Err(PrepareError::OutsideIssuerValidity);
    }
    Ok(())
}

fn placeholder(
    tbs_der: &[u8],
    algorithm: SignatureAlgorithm,
    signer: &PublicKey,
) -> Result<Certificate, PrepareError> {
    let signature = algorithm.placeholder_signature(signer);
    let der = der_writer::signed(tbs_der, algorithm, &signature)?;
    Certificate::parse(&der).map_err(|_| PrepareError::Unparsable)
}

fn check_lint(findings: Vec<lint::Finding>) -> Result<(), PrepareError> {
    if findings.is_empty() {
        return Ok(());
    }
    Err(PrepareError::Lint {
        findings: LintFindings(findings),
    })
}
