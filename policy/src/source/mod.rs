//! The policy file as it is written: plain values, not yet checked against each other.
//!
//! These types are also the JSON schema that editors use and that [`crate::Policy::parse`] checks a
//! file against, so that no key can be documented and not read, or read and not documented.

mod lifecycle;
mod profile;
mod sections;

pub use self::{
    lifecycle::{AgreementSource, CertificateRequests, Ground, Initiator, Revocation, Suspension},
    profile::{
        AgeRule, AgeRules, AttributeFormat, AttributeRule, ConsentRule, EvidenceRule, NameSource,
        ProfileSource, SanRule, SanRules, ValidityLimit, ValidityRule,
    },
    sections::{
        Administration, CaKeys, CertificateAuthority, CertificateProfiles, CrlProfile, Custodian,
        DeltaProfile, Document, EventsSource, EvidenceClass, EvidenceKind, IdentityValidation,
        KeyProtection, Legal, Licence, OcspProfile, Overview, Participants, PolicySource,
        Repositories, RetentionSource, Text, Usage, ValidityPeriods,
    },
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What kind of CA a policy is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum IssuerKind {
    /// Issues to subscribers, through RAs.
    Issuing,
    /// Issues to the CA's own servers, RAs, officers and followers; out of reach of RAs.
    Management,
}
