//! Sections 1 to 3, 5, 6, 7 and 9 of the policy file.

use std::collections::BTreeMap;

use api::SubjectKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CertificateRequests, IssuerKind, ProfileSource, Revocation};

/// A Chancery policy: the Certification Practice Statement of one issuing CA.
///
/// The keys of the top level are section numbers of RFC 3647.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicySource {
    /// What kind of CA the policy is for.
    pub kind: IssuerKind,
    /// 1.1 Overview.
    #[serde(rename = "1.1")]
    pub overview: Overview,
    /// 1.2 Document name and identification.
    #[serde(rename = "1.2")]
    pub document: Document,
    /// 1.3 PKI participants.
    #[serde(rename = "1.3")]
    pub participants: Participants,
    /// 1.4 Certificate usage.
    #[serde(rename = "1.4")]
    pub usage: Usage,
    /// 1.5 Policy administration.
    #[serde(rename = "1.5")]
    pub administration: Administration,
    /// 2.1 Repositories.
    #[serde(rename = "2.1")]
    pub repositories: Repositories,
    /// 3.2 Initial identity validation; also applied to renewal, re-key and revocation (3.3, 3.4).
    #[serde(rename = "3.2", default)]
    pub identity: IdentityValidation,
    /// 4.1 Certificate application.
    #[serde(rename = "4.1", default)]
    pub requests: CertificateRequests,
    /// 4.9 Certificate revocation and suspension.
    #[serde(rename = "4.9")]
    pub revocation: Revocation,
    /// 5.4 Audit logging procedures.
    #[serde(rename = "5.4")]
    pub events: EventsSource,
    /// 5.5 Records archival.
    #[serde(rename = "5.5")]
    pub retention: RetentionSource,
    /// 6.1 Key pair generation and installation.
    #[serde(rename = "6.1")]
    pub keys: CaKeys,
    /// 6.2 Private key protection.
    #[serde(rename = "6.2", default)]
    pub key_protection: KeyProtection,
    /// 6.3 Other aspects of key pair management.
    #[serde(rename = "6.3")]
    pub periods: ValidityPeriods,
    /// 7.1 Certificate profile.
    #[serde(rename = "7.1")]
    pub certificates: CertificateProfiles,
    /// 7.2 CRL profile.
    #[serde(rename = "7.2")]
    pub crl: CrlProfile,
    /// 7.3 OCSP profile.
    #[serde(rename = "7.3")]
    pub ocsp: OcspProfile,
    /// 9 Other business and legal matters.
    #[serde(rename = "9")]
    pub legal: Legal,
    /// Words for any other section, by its number, such as `"4.4.1"`.
    #[serde(default)]
    pub text: BTreeMap<String, Text>,
}

/// A text in the two languages in which the CPS is published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Simplified Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// 1.1 Overview.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Overview {
    /// What the CA does and for whom.
    pub text: Text,
}

/// 1.2 Document name and identification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Title of the CPS.
    pub title: Text,
    /// Object identifier of the CPS, dotted.
    pub oid: String,
    /// Version, e.g. `1.0.0`.
    pub version: String,
    /// First moment at which this version applies: a date, or RFC 3339 in UTC.
    pub effective_from: String,
}

/// 1.3 PKI participants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Participants {
    /// 1.3.1 The certification authority.
    pub certification_authority: CertificateAuthority,
    /// 1.3.2 Registration authorities.
    pub registration_authorities: Text,
    /// 1.3.3 Subscribers.
    pub subscribers: Text,
    /// 1.3.4 Relying parties.
    pub relying_parties: Text,
}

/// 1.3.1 The certification authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificateAuthority {
    /// Name of the organisation.
    pub name: Text,
    /// Licence to offer certification services to the public; absent for an internal CA.
    pub licence: Option<Licence>,
}

/// A licence (Electronic Signature Law, articles 16 to 18).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Licence {
    /// Number of the licence.
    pub number: String,
    /// Who granted it.
    pub agency: Text,
}

/// 1.4 Certificate usage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Usage {
    /// 1.4.1 Appropriate uses.
    pub appropriate: Text,
    /// 1.4.2 Prohibited uses.
    pub prohibited: Text,
}

/// 1.5 Policy administration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Administration {
    /// 1.5.1 Organisation that administers the document.
    pub organization: Text,
    /// 1.5.2 Mailbox for questions and problem reports.
    pub contact: String,
}

/// 2.1 Repositories: the public addresses that are written into certificates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Repositories {
    /// Base of CRLs, CA certificates and the CPS: an `http://` URL without a final slash.
    pub repository: String,
    /// The OCSP responder: an `http://` URL without a final slash.
    pub ocsp: String,
}

/// 3.2 Initial identity validation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentityValidation {
    /// Oldest age of evidence when a request comes in, e.g. `30d`. Absent: no limit.
    pub evidence_max_age: Option<String>,
    /// Kinds of evidence that a statement may carry.
    #[serde(default)]
    pub evidence: Vec<EvidenceKind>,
}

/// A kind of evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EvidenceKind {
    /// Id used in statements, e.g. `id_card`.
    pub id: String,
    /// What it is.
    pub text: Text,
    /// Whose identity it proves.
    #[schemars(with = "Vec<SubjectKindName>")]
    pub subject_kinds: Vec<SubjectKind>,
    /// Class, which governs disclosure.
    pub class: EvidenceClass,
    /// Whether it is accepted; a kind may be known and not (yet) accepted.
    #[serde(default = "yes")]
    pub accepted: bool,
}

/// Class of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceClass {
    /// A document.
    Document,
    /// A biometric feature: never disclosed.
    Biometric,
    /// A financial account.
    Financial,
    /// Plain details such as a name or number.
    Details,
}

/// 5.4 Audit logging procedures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventsSource {
    /// 5.4.1 Types of events recorded.
    pub recorded: Vec<Text>,
}

/// 5.5 Records archival.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RetentionSource {
    /// 5.5.2 How many years records are kept after a certificate expired or was revoked, whichever
    /// is later.
    pub years_after_invalidity: u32,
}

/// 6.1 Key pair generation and installation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaKeys {
    /// Algorithms with which the CA may sign, e.g. `ecdsa-sha256`.
    pub signature_algorithms: Vec<String>,
}

/// 6.2 Private key protection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyProtection {
    /// Third parties that may keep subscribers' keys.
    #[serde(default)]
    pub custodians: Vec<Custodian>,
}

/// A third party that keeps subscribers' keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Custodian {
    /// Id used in statements.
    pub id: String,
    /// Its name.
    pub name: Text,
}

/// 6.3 Validity of CA certificates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValidityPeriods {
    /// Longest validity of a root certificate, e.g. `7305d`.
    pub root: String,
    /// Longest validity of an issuing CA's certificate, e.g. `3653d`.
    pub issuing: String,
}

/// 7.1 Certificate profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificateProfiles {
    /// The profiles by name, kebab-case.
    pub profiles: BTreeMap<String, ProfileSource>,
}

/// 7.2 CRL profile, with the times of 4.9.7 and 4.9.8.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CrlProfile {
    /// From thisUpdate to nextUpdate, at most `10d` (BR 4.9.7).
    pub next_update: String,
    /// A list is signed at least this often, at most `7d` (BR 4.9.7).
    pub interval: String,
    /// A list is signed at most this long after a revocation, at most `24h` (BR 4.9.7).
    pub after_revocation: String,
    /// A list is replaced at least this long before its nextUpdate.
    pub overlap: String,
    /// How many lists the certificates are divided among, at most 4096. Each new certificate names
    /// one of them, picked by its serial number. 0: all name the complete list.
    #[serde(default)]
    pub shards: u16,
    /// Delta lists, which add to the complete list. Absent: none are made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delta: Option<DeltaProfile>,
}

/// Delta CRLs (RFC 5280 §5.2.4): what changed since a complete list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeltaProfile {
    /// From thisUpdate to nextUpdate, at most the complete list's.
    pub next_update: String,
    /// A delta is signed at least this often, at most the complete list's interval.
    pub interval: String,
    /// A delta is signed at most this long after a revocation, at most the complete list's time.
    pub after_revocation: String,
}

/// 7.3 OCSP profile, with the times of 4.9.10.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OcspProfile {
    /// From thisUpdate to nextUpdate, `8h` to `10d` (BR 4.9.10).
    pub validity: String,
    /// How long caches may keep an answer.
    pub max_age: String,
    /// A responder that has not heard from the CA for this long answers tryLater.
    pub max_staleness: String,
    /// Validity of a responder's certificate.
    pub responder_certificate_validity: String,
    /// How often a responder's certificate is renewed.
    pub renew_every: String,
    /// How long the status of an expired certificate is kept available.
    pub archive_cutoff: String,
}

/// 9 Other business and legal matters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Legal {
    /// 9.14 Governing law.
    pub governing_law: Text,
    /// 9.13 Court that decides disputes.
    pub jurisdiction: Text,
    /// 9.8 Limits of liability.
    pub liability: Text,
}

/// The kinds of subject, for the schema.
#[derive(JsonSchema)]
#[schemars(rename = "SubjectKind", rename_all = "kebab-case")]
#[expect(
    dead_code,
    reason = "describes api::SubjectKind, which has no schema of its own"
)]
pub(super) enum SubjectKindName {
    /// A natural person.
    Individual,
    /// A legal person.
    Organization,
    /// A device, server or service.
    Device,
}

const fn yes() -> bool {
    true
}
