//! The TBSCertificate, composed of parts so that the issuer's name is its subject byte for byte.

use der::Encode;
use pki::{PublicKey, SerialNumber, SignatureAlgorithm, time::to_x509_time};
use policy::CertificatePlan;

use crate::{
    certificate::PrepareError,
    der_writer::{context, sequence},
    extensions,
};

/// All that goes into a TBSCertificate (RFC 5280 section 4.1).
pub(super) struct Draft<'a> {
    pub(super) serial: SerialNumber,
    pub(super) algorithm: SignatureAlgorithm,
    pub(super) issuer_der: &'a [u8],
    pub(super) authority_key_id: &'a [u8],
    pub(super) public_key: &'a PublicKey,
    pub(super) plan: &'a CertificatePlan,
}

impl Draft<'_> {
    pub(super) fn encode(&self) -> Result<Vec<u8>, PrepareError> {
        let extensions = extensions::of_certificate(
            self.plan,
            self.serial,
            self.public_key,
            self.authority_key_id,
        )?;
        let tbs_der = sequence(&[
            VERSION_3,
            &self.serial.to_x509()?.to_der()?,
            &self.algorithm.identifier_der(),
            self.issuer_der,
            &self.validity()?,
            &self.plan.subject.to_der(),
            self.public_key.spki_der(),
            &context(3, &[&extensions])?,
        ])?;
        Ok(tbs_der)
    }

    fn validity(&self) -> Result<Vec<u8>, PrepareError> {
        let not_before = to_x509_time(self.plan.not_before)?.to_der()?;
        let not_after = to_x509_time(self.plan.not_after)?.to_der()?;
        Ok(sequence(&[&not_before, &not_after])?)
    }
}

/// `[0] EXPLICIT INTEGER 2`.
const VERSION_3: &[u8] = &[0xa0, 0x03, 0x02, 0x01, 0x02];
