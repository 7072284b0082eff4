//! Plans of the certificates that the CA needs for itself: CA certificates and OCSP responders.

use const_oid::ObjectIdentifier;
use jiff::{SignedDuration, Timestamp};
use pki::{DistinguishedName, IssuerName};

use crate::{BasicConstraintsPlan, CertificatePlan, KeyUsage, Policy, PolicyIdentifier, citation};

/// id-kp-OCSPSigning (RFC 6960 §4.2.2.2).
pub const OCSP_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.9");

/// anyPolicy (RFC 5280 §4.2.1.4).
pub const ANY_POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.32.0");

/// How far notBefore of the CA's own certificates lies before the time of issue.
const BACKDATE: SignedDuration = SignedDuration::from_mins(5);

/// A CA certificate to be planned.
#[derive(Clone, Debug)]
pub struct CaRequest<'a> {
    /// The CA's name.
    pub subject: DistinguishedName,
    /// Length of the validity.
    pub validity: SignedDuration,
    /// How many further CA certificates may follow in a chain.
    pub path_len: Option<u8>,
    /// Who signs it.
    pub signer: CaSigner<'a>,
}

/// Who signs a CA certificate.
#[derive(Clone, Copy, Debug)]
pub enum CaSigner<'a> {
    /// The CA itself: a root.
    Itself,
    /// Another CA of ours.
    Parent {
        /// Its name in URLs, e.g. `root`.
        name: &'a IssuerName,
        /// Last second of its validity.
        not_after: Timestamp,
    },
}

impl Policy {
    /// Plans a root or an issuing CA's certificate (RFC 3647 §6.3.2, §7.1).
    ///
    /// # Errors
    /// A [`Refusal`] for a validity that is not positive, or longer than the policy or the parent
    /// allows.
    pub fn ca_plan(
        &self,
        request: &CaRequest<'_>,
        now: Timestamp,
    ) -> Result<CertificatePlan, Refusal> {
        let (limit, parent) = match request.signer {
            CaSigner::Itself => (self.root_max, None),
            CaSigner::Parent { name, not_after } => (self.issuing_max, Some((name, not_after))),
        };
        let (not_before, not_after) = period(now, request.validity)?;
        if request.validity > limit {
            return Err(Refusal::TooLong { limit });
        }
        if parent.is_some_and(|(_, end)| not_after > end) {
            return Err(Refusal::BeyondIssuer);
        }
        Ok(CertificatePlan {
            profile: if parent.is_some() {
                "issuing-ca"
            } else {
                "root-ca"
            }
            .to_owned(),
            subject: request.subject.clone(),
            subject_alt_names: Vec::new(),
            not_before,
            not_after,
            basic_constraints: BasicConstraintsPlan::Ca {
                path_len: request.path_len,
            },
            key_usage: [KeyUsage::KeyCertSign, KeyUsage::CrlSign]
                .into_iter()
                .collect(),
            extended_key_usage: Vec::new(),
            policies: parent
                .map(|_| PolicyIdentifier {
                    oid: ANY_POLICY,
                    cps_uri: None,
                })
                .into_iter()
                .collect(),
            crl_distribution_point: parent.map(|(name, _)| self.urls.distribution_point(name, 0)),
            ocsp_uri: None,
            ca_issuers_uri: parent.map(|(name, _)| self.urls.ca_issuers(name)),
            no_rev_avail: false,
            ocsp_no_check: false,
        })
    }

    /// Plans the certificate of an OCSP responder for an issuer (RFC 6960 §4.2.2.2, 7.3).
    ///
    /// It lasts as the policy says, or until the issuer's own end if that is earlier.
    ///
    /// # Errors
    /// A [`Refusal`] when the issuer's certificate has ended.
    pub fn ocsp_responder_plan(
        &self,
        subject: DistinguishedName,
        now: Timestamp,
        issuer_not_after: Timestamp,
    ) -> Result<CertificatePlan, Refusal> {
        let (not_before, not_after) = period(now, self.ocsp.responder_certificate_validity)?;
        if issuer_not_after < now {
            return Err(Refusal::BeyondIssuer);
        }
        Ok(CertificatePlan {
            profile: "ocsp-responder".to_owned(),
            subject,
            subject_alt_names: Vec::new(),
            not_before,
            not_after: not_after.min(issuer_not_after),
            basic_constraints: BasicConstraintsPlan::EndEntity,
            key_usage: [KeyUsage::DigitalSignature].into_iter().collect(),
            extended_key_usage: vec![OCSP_SIGNING],
            policies: Vec::new(),
            crl_distribution_point: None,
            ocsp_uri: None,
            ca_issuers_uri: None,
            no_rev_avail: false,
            ocsp_no_check: true,
        })
    }
}

fn period(now: Timestamp, validity: SignedDuration) -> Result<(Timestamp, Timestamp), Refusal> {
    let second = SignedDuration::from_secs(1);
    if validity <= BACKDATE {
        return Err(Refusal::NotPositive);
    }
    let not_before = citation::whole_second(now)
        .checked_sub(BACKDATE)
        .map_err(|_| Refusal::NotPositive)?;
    let not_after = not_before
        .checked_add(validity.saturating_sub(second))
        .map_err(|_| Refusal::NotPositive)?;
    Ok((not_before, not_after))
}

/// Why a certificate of the CA itself is not planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The validity is not positive, or beyond what a certificate can say.
    #[error("the validity is not a positive length of time that a certificate can hold")]
    NotPositive,
    /// The validity is longer than the policy allows.
    #[error("the validity is longer than {} (CPS 6.3.2)", crate::duration::format(*limit))]
    TooLong {
        /// What the policy allows.
        limit: SignedDuration,
    },
    /// The certificate would outlive its issuer.
    #[error("the certificate would outlive its issuer (CPS 6.3.2)")]
    BeyondIssuer,
}

impl Refusal {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotPositive => "validity-not-positive",
            Self::TooLong { .. } => "validity-exceeds-policy",
            Self::BeyondIssuer => "validity-exceeds-issuer",
        }
    }
}
