//! Rules that a certificate must keep, checked on its bytes before they are signed (BR 4.3.1.2).
//!
//! In scope: RFC 5280 and its updates, and that the bytes say what the plan says. One rule stands
//! in one file with its citation. Out of scope: whether the plan was right (the policy's matter)
//! and the signature (verified when it comes back from the token).

mod authority_information_access;
mod authority_key_identifier;
mod basic_constraints;
mod candidate;
mod certificate_policies;
mod crl_distribution_points;
mod extended_key_usage;
mod extensions_known;
mod extensions_unique;
mod issuer_name;
mod key_usage;
mod key_usage_fits_key;
mod no_rev_avail;
mod ocsp_no_check;
mod public_key;
mod serial_number;
mod signature_algorithm;
mod subject_alt_name;
mod subject_key_identifier;
mod subject_name;
mod subject_string_types;
mod unique_identifiers;
mod validity_encoding;
mod validity_within_issuer;
mod version;

use self::candidate::Candidate;
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

/// A rule: its id, where it stands, and what it says of a certificate.
pub struct Rule {
    /// Stable id, kebab-case.
    pub id: &'static str,
    /// Where the rule stands.
    pub citation: &'static str,
    check: fn(&Candidate<'_>) -> Vec<String>,
}

/// Every rule, in the order of the certificate's fields.
pub const RULES: &[Rule] = &[
    version::RULE,
    serial_number::RULE,
    signature_algorithm::RULE,
    issuer_name::RULE,
    validity_encoding::RULE,
    validity_within_issuer::RULE,
    subject_name::RULE,
    subject_string_types::RULE,
    public_key::RULE,
    unique_identifiers::RULE,
    extensions_unique::RULE,
    extensions_known::RULE,
    basic_constraints::RULE,
    key_usage::RULE,
    key_usage_fits_key::RULE,
    extended_key_usage::RULE,
    subject_key_identifier::RULE,
    authority_key_identifier::RULE,
    subject_alt_name::RULE,
    certificate_policies::RULE,
    crl_distribution_points::RULE,
    authority_information_access::RULE,
    no_rev_avail::RULE,
    ocsp_no_check::RULE,
];

/// Checks a certificate, signed with a placeholder of the right size, against its issuer and plan.
pub fn certificate(der: &[u8], issuer: &pki::Certificate, plan: &CertificatePlan) -> Vec<Finding> {
    check(der, Some(issuer), plan)
}

/// Checks a self-signed certificate, signed with a placeholder of the right size.
pub fn self_signed(der: &[u8], plan: &CertificatePlan) -> Vec<Finding> {
    check(der, None, plan)
}

fn check(der: &[u8], issuer: Option<&pki::Certificate>, plan: &CertificatePlan) -> Vec<Finding> {
    let Some(candidate) = Candidate::parse(der, issuer, plan) else {
        return vec![Finding {
            rule: "certificate-der",
            citation: "RFC 5280 §4.1",
            detail: "is not one Certificate in DER".to_owned(),
        }];
    };
    RULES
        .iter()
        .flat_map(|rule| {
            (rule.check)(&candidate).into_iter().map(|detail| Finding {
                rule: rule.id,
                citation: rule.citation,
                detail,
            })
        })
        .collect()
}

/// id-ce-noRevAvail (RFC 9608 §2).
const NO_REV_AVAIL: const_oid::ObjectIdentifier =
    const_oid::ObjectIdentifier::new_unwrap("2.5.29.56");

/// id-pkix-ocsp-nocheck (RFC 6960 §4.2.2.2.1).
const OCSP_NO_CHECK: const_oid::ObjectIdentifier =
    const_oid::ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.5");

/// NULL in DER.
const NULL: &[u8] = &[0x05, 0x00];
