//! Why a certificate is not prepared.

use std::fmt;

use pki::NameError;
use policy::lint;
use thiserror::Error;

use crate::issuer::IssuerError;

/// Why a certificate could not be prepared.
#[derive(Debug, Error)]
pub enum PrepareError {
    /// The issuer's key or certificate does not allow it.
    #[error("the issuer cannot sign this")]
    Issuer(#[from] IssuerError),
    /// The validity reaches outside the issuer's own.
    #[error("validity is not within the issuer's")]
    OutsideIssuerValidity,
    /// The issuer's path length constraint forbids this CA certificate (RFC 5280 section 4.2.1.9).
    #[error("the issuer's path length forbids this CA certificate")]
    PathLength,
    /// The lint found faults; none was signed.
    #[error("lint: {findings}")]
    Lint {
        /// Every fault found.
        findings: LintFindings,
    },
    /// A name of the plan has no encoding.
    #[error("cannot encode a name of the certificate")]
    Name(#[from] NameError),
    /// A time of the plan has no X.509 form.
    #[error("cannot encode a time of the certificate")]
    Time(#[from] pki::time::TimeError),
    /// A value of the plan has no encoding.
    #[error("cannot encode the certificate")]
    Encoding(#[from] der::Error),
    /// The result does not parse as a certificate.
    #[error("the encoded certificate does not parse")]
    Unparsable,
}

impl PrepareError {
    /// A stable slug for logs, metrics and audit.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Issuer(error) => error.code(),
            Self::OutsideIssuerValidity => "outside-issuer-validity",
            Self::PathLength => "issuer-path-length",
            Self::Lint { .. } => "lint-findings",
            Self::Name(_) | Self::Time(_) | Self::Encoding(_) => "certificate-not-encodable",
            Self::Unparsable => "certificate-not-parsable",
        }
    }
}

/// The findings of the lint, displayed as a list of rules.
#[derive(Debug)]
pub struct LintFindings(pub Vec<lint::Finding>);

impl fmt::Display for LintFindings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, finding) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{}", finding.rule)?;
        }
        Ok(())
    }
}
