//! Certificate profiles of the policy file (7.1, with their rules of 3.1, 3.2, 4.1, 4.6 and 6.3).

use api::SubjectKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Text, sections::SubjectKindName};
use crate::{Operation, plan::KeyUsage};

/// A certificate profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProfileSource {
    /// What the certificates are for.
    pub description: Text,
    /// 1.3.3 Kinds of subscriber that it serves.
    #[schemars(with = "Vec<SubjectKindName>")]
    pub subject_kinds: Vec<SubjectKind>,
    /// 4.3, 4.6, 4.7 What an RA may ask for.
    pub operations: Vec<Operation>,
    /// 3.1 Where the names come from.
    pub names: NameSource,
    /// 3.1.1 Subject attributes, in the order in which they are certified.
    #[serde(default)]
    pub subject: Vec<AttributeRule>,
    /// 3.1.1 Subject alternative names; a kind without a rule is refused.
    #[serde(default)]
    pub subject_alt_names: SanRules,
    /// 3.2 Evidence that a request must carry; absent where the RA's word suffices.
    pub evidence: Option<EvidenceRule>,
    /// 4.1.2 Consent that a request must carry; absent where none is asked.
    pub consent: Option<ConsentRule>,
    /// 3.2.3 Persons who are not of full age and capacity; absent where they are refused.
    #[serde(default)]
    pub age: AgeRules,
    /// 6.2 Whether a third party may keep the key.
    #[serde(default)]
    pub third_party_custody: bool,
    /// 3.1.5 Types of binding that a statement may claim, e.g. `social_card`.
    #[serde(default)]
    pub bindings: Vec<String>,
    /// 6.1.5 Key types that are certified, e.g. `ec-p256`.
    pub key_algorithms: Vec<String>,
    /// 6.1.7 Key usages.
    pub key_usage: Vec<KeyUsage>,
    /// 6.1.7 Extended key usages: names such as `serverAuth`, or dotted object identifiers.
    #[serde(default)]
    pub extended_key_usage: Vec<String>,
    /// 6.3.2 Validity.
    pub validity: ValidityRule,
    /// 4.6 How long before expiry a certificate may be renewed, e.g. `30d`.
    pub renewal_window: String,
    /// 7.1.6 Certificate policies, dotted.
    pub policies: Vec<String>,
    /// 7.1.2 Whether certificates name the CRL and the OCSP responder; without, they carry
    /// noRevAvail (RFC 9608).
    #[serde(default = "yes")]
    pub revocation: bool,
    /// 4.9.13 Whether certificates may be put on hold.
    #[serde(default)]
    pub hold: bool,
}

/// Where the names of a certificate come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NameSource {
    /// From the RA's statement; the CSR may repeat them and must not differ.
    Statement,
    /// From the CSR; the statement may repeat them and must not differ.
    Csr,
}

/// A subject attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AttributeRule {
    /// X.520 name, e.g. `commonName`.
    pub attribute: String,
    /// Whether a request must have it.
    #[serde(default)]
    pub required: bool,
    /// The only values that are accepted; empty accepts any.
    #[serde(default)]
    pub values: Vec<String>,
    /// Kinds of evidence of which one must cover the value; empty asks for none.
    #[serde(default)]
    pub evidence: Vec<String>,
    /// A form that the value must have.
    pub format: Option<AttributeFormat>,
    /// Whether the value must also be a subject alternative name.
    #[serde(default)]
    pub in_subject_alt_names: bool,
}

/// A form that an attribute's value must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AttributeFormat {
    /// A unified social credit code, 18 characters with check character (GB 32100).
    Uscc,
    /// `NTRCN-` and a unified social credit code (ETSI EN 319 412-1 §5.1.4).
    NtrUscc,
    /// A reference that is not a resident identity number (GB 11643) or a telephone number.
    Pseudonym,
}

/// Rules for subject alternative names, by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SanRules {
    /// dNSName.
    pub dns: Option<SanRule>,
    /// iPAddress.
    pub ip: Option<SanRule>,
    /// rfc822Name and `SmtpUTF8Mailbox`.
    pub email: Option<SanRule>,
    /// uniformResourceIdentifier.
    pub uri: Option<SanRule>,
}

/// A rule for one kind of subject alternative name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SanRule {
    /// Fewest names of the kind.
    #[serde(default)]
    pub min: u32,
    /// Most names of the kind.
    pub max: u32,
    /// Where names must lie; empty accepts any. DNS names and mailboxes: a domain, meaning itself
    /// and all below it. Addresses: a network such as `10.0.0.0/8`. URIs: a prefix.
    #[serde(default)]
    pub within: Vec<String>,
    /// Whether DNS names may begin with `*.`.
    #[serde(default)]
    pub wildcards: bool,
}

/// Evidence that a request must carry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EvidenceRule {
    /// Kinds that must all be there.
    #[serde(default)]
    pub required_all: Vec<String>,
    /// Kinds of which one must be there.
    #[serde(default)]
    pub required_any: Vec<String>,
    /// Fewest different kinds.
    #[serde(default)]
    pub min: u32,
}

/// Consent that a request must carry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentRule {
    /// How it may have been given: `click`, `tick`, `handwritten`, `mixed`.
    #[schemars(with = "Vec<ConsentMethodName>")]
    pub methods: Vec<api::ConsentMethod>,
    /// Purposes that must have been consented to.
    pub purposes: Vec<String>,
}

/// Persons who are not of full age and capacity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgeRules {
    /// Fourteen to seventeen years.
    #[serde(default)]
    pub minor: AgeRule,
    /// Under fourteen years.
    #[serde(default)]
    pub under_fourteen: AgeRule,
    /// Of full age without legal capacity.
    #[serde(default)]
    pub incapable: AgeRule,
}

/// How a person who is not of full age and capacity may get a certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AgeRule {
    /// Not at all.
    #[default]
    Refuse,
    /// With the guardian's consent.
    GuardianConsent,
    /// Only when the guardian applies: consent, and the submission on the person's behalf.
    GuardianApplication,
}

/// Validity of a profile's certificates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValidityRule {
    /// Validity when the request asks for none, e.g. `365d`.
    pub default: String,
    /// Longest validity.
    pub max: String,
    /// Shortest validity.
    pub min: String,
    /// How far notBefore lies before the time of issue, at most `5m`.
    pub backdate: String,
    /// Limits that depend on the date of issue; each holds until the next one begins.
    #[serde(default)]
    pub limits: Vec<ValidityLimit>,
}

/// A limit of validity from a date on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValidityLimit {
    /// First moment at which it applies, RFC 3339 in UTC.
    pub from: String,
    /// Longest validity from then on.
    pub max: String,
    /// Where the limit comes from, e.g. `BR 6.3.2`.
    pub citation: String,
}

/// The methods of consent, for the schema.
#[derive(JsonSchema)]
#[schemars(rename = "ConsentMethod", rename_all = "kebab-case")]
#[expect(
    dead_code,
    reason = "describes api::ConsentMethod, which has no schema of its own"
)]
enum ConsentMethodName {
    Click,
    Tick,
    Handwritten,
    Mixed,
}

const fn yes() -> bool {
    true
}
