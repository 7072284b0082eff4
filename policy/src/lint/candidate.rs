//! The certificate under the rules.

use const_oid::{AssociatedOid, ObjectIdentifier};
use der::{Decode, Encode};
use x509_cert::{TbsCertificate, ext::Extension};

use crate::{BasicConstraintsPlan, CertificatePlan};

/// A parsed certificate with its issuer and the plan that it was made from.
pub(super) struct Candidate<'a> {
    x509: x509_cert::Certificate,
    /// The issuer's certificate; `None` when the certificate is its own issuer.
    pub(super) issuer: Option<&'a pki::Certificate>,
    pub(super) plan: &'a CertificatePlan,
    /// The subject's key; `None` if it is malformed or not of a supported kind.
    pub(super) public_key: Option<pki::PublicKey>,
}

impl<'a> Candidate<'a> {
    /// Reads the certificate; none if it is not DER to the last octet.
    pub(super) fn parse(
        der: &[u8],
        issuer: Option<&'a pki::Certificate>,
        plan: &'a CertificatePlan,
    ) -> Option<Self> {
        let x509 = x509_cert::Certificate::from_der(der).ok()?;
        if x509.to_der().ok()? != der {
            return None;
        }
        let spki = x509.tbs_certificate().subject_public_key_info().to_der();
        let public_key = spki.ok().and_then(|spki| pki::PublicKey::parse(&spki).ok());
        Some(Self {
            x509,
            issuer,
            plan,
            public_key,
        })
    }

    pub(super) const fn x509(&self) -> &x509_cert::Certificate {
        &self.x509
    }

    pub(super) fn tbs(&self) -> &TbsCertificate {
        self.x509.tbs_certificate()
    }

    pub(super) fn extensions(&self) -> &[Extension] {
        self.tbs()
            .extensions()
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    pub(super) fn extension(&self, oid: ObjectIdentifier) -> Option<&Extension> {
        self.extensions()
            .iter()
            .find(|extension| extension.extn_id == oid)
    }

    /// The value of an extension; `Err` says what is wrong with it.
    pub(super) fn value<T: AssociatedOid + for<'d> Decode<'d>>(
        &self,
    ) -> Result<Option<T>, Vec<String>> {
        self.extension(T::OID)
            .map(|extension| T::from_der(extension.extn_value.as_bytes()))
            .transpose()
            .map_err(|_| vec!["cannot be decoded".to_owned()])
    }

    /// Faults of the critical flag of an extension that must, or must not, be critical.
    pub(super) fn criticality(&self, oid: ObjectIdentifier, critical: bool) -> Vec<String> {
        let wrong = self
            .extension(oid)
            .is_some_and(|extension| extension.critical != critical);
        let word = if critical {
            "must be critical"
        } else {
            "must not be critical"
        };
        when(wrong, word)
    }

    pub(super) const fn is_ca(&self) -> bool {
        matches!(self.plan.basic_constraints, BasicConstraintsPlan::Ca { .. })
    }

    /// SHA-1 of the subject's key (RFC 5280 §4.2.1.2, method 1).
    pub(super) fn key_id(&self) -> Option<pki::KeyId> {
        Some(self.public_key.as_ref()?.key_id())
    }
}

/// The fault, if there is one.
pub(super) fn when(broken: bool, fault: &str) -> Vec<String> {
    if broken {
        vec![fault.to_owned()]
    } else {
        Vec::new()
    }
}
