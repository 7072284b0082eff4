//! There is no extension but those that a plan can ask for.

use const_oid::db::rfc5280;

use super::{NO_REV_AVAIL, OCSP_NO_CHECK, Rule, candidate::Candidate};

pub(super) const RULE: Rule = Rule {
    id: "extensions-known",
    citation: "CPS 7.1.2, BR 7.1.2.11.4",
    check,
};

const KNOWN: [const_oid::ObjectIdentifier; 11] = [
    rfc5280::ID_CE_BASIC_CONSTRAINTS,
    rfc5280::ID_CE_KEY_USAGE,
    rfc5280::ID_CE_EXT_KEY_USAGE,
    rfc5280::ID_CE_SUBJECT_KEY_IDENTIFIER,
    rfc5280::ID_CE_AUTHORITY_KEY_IDENTIFIER,
    rfc5280::ID_CE_SUBJECT_ALT_NAME,
    rfc5280::ID_CE_CERTIFICATE_POLICIES,
    rfc5280::ID_CE_CRL_DISTRIBUTION_POINTS,
    rfc5280::ID_PE_AUTHORITY_INFO_ACCESS,
    NO_REV_AVAIL,
    OCSP_NO_CHECK,
];

fn check(candidate: &Candidate<'_>) -> Vec<String> {
    candidate
        .extensions()
        .iter()
        .filter(|extension| !KNOWN.contains(&extension.extn_id))
        .map(|extension| format!("{} is not an extension of any profile", extension.extn_id))
        .collect()
}
