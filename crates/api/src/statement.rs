//! What an RA states about a subscriber: the names it verified, how, and with whose consent.

use std::collections::BTreeMap;

use jiff::Timestamp;
use pki::AttributeType;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The RA's statement: the names to certify and the proof that they were verified (A-01 … A-08).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Whether the subscriber is a person, an organisation or a device.
    pub subject_kind: SubjectKind,
    /// Subject attributes by their X.520 names (`commonName`, `countryName` …). The profile fixes their order.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    pub subject: BTreeMap<AttributeType, String>,
    /// Subject alternative names, in the order in which they are certified.
    #[serde(default)]
    pub subject_alt_names: Vec<SanStatement>,
    /// The RA's own pseudonymous reference for the subscriber; never the name itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscriber_ref: Option<String>,
    /// The verifications that were carried out.
    #[serde(default)]
    pub evidence: Vec<Evidence>,
    /// The subscriber's consent to the agreement in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
    /// Who keeps the private key. Absent: the subscriber.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_custody: Option<KeyCustody>,
    /// The thing that the certificate stands for one to one, such as a social-security card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binding: Option<Binding>,
    /// Age band of a person, as the RA derived it. Absent: adult.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_band: Option<AgeBand>,
    /// A guardian's consent, where the age band asks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guardian_consent: Option<GuardianConsent>,
    /// Confirmation of the person whose details somebody else submitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submitted_on_behalf: Option<Representation>,
}

/// The kind of subscriber, with devices and services for internal CAs.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectKind {
    /// A natural person.
    Individual,
    /// A legal person.
    Organization,
    /// A device, server or service.
    Device,
}

/// One subject alternative name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SanStatement {
    /// Kind of name.
    #[serde(rename = "type")]
    pub kind: SanKind,
    /// The name as text: a DNS name, an IP address, a mailbox or a URI.
    pub value: String,
}

/// Kinds of subject alternative name (RFC 5280 §4.2.1.6).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum SanKind {
    /// dNSName.
    Dns,
    /// iPAddress.
    Ip,
    /// rfc822Name, or `SmtpUTF8Mailbox` where the mailbox is not ASCII (RFC 9598).
    Email,
    /// uniformResourceIdentifier.
    Uri,
}

/// One verification: what was looked at, by whom, with which result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Kind of evidence, one that the policy names (`id_card`, `face_video`, `uscc` …).
    pub kind: String,
    /// SHA-256 of the evidence as the RA keeps it, 64 hexadecimal digits. The evidence itself stays with the RA.
    pub digest_sha256: String,
    /// When it was collected.
    #[schema(value_type = String, format = DateTime)]
    pub collected_at: Timestamp,
    /// Who verified it: the RA, or the lawful data holder that was asked.
    pub verified_by: String,
    /// How it was verified, in the RA's words.
    pub method: String,
    /// Whether the verification passed.
    pub passed: bool,
    /// The RA's reference to its own record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_ref: Option<String>,
    /// When the evidence itself ends, such as the expiry of a passport.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
}

/// The subscriber's consent to an agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// Version of the agreement that the subscriber saw.
    pub agreement_version: String,
    /// SHA-256 of its text, 64 hexadecimal digits.
    pub agreement_sha256: String,
    /// How consent was given.
    pub method: ConsentMethod,
    /// When it was given.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The purposes consented to, item by item.
    pub purposes: Vec<String>,
}

/// How consent was given.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ConsentMethod {
    /// A click on a button.
    Click,
    /// A ticked box.
    Tick,
    /// A handwritten signature.
    Handwritten,
    /// Several of these.
    Mixed,
}

/// Who keeps the subscriber's private key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "keeper", rename_all = "kebab-case", deny_unknown_fields)]
pub enum KeyCustody {
    /// The subscriber.
    Subscriber,
    /// A custodian that the policy names.
    ThirdParty {
        /// The custodian's id in the policy.
        custodian: String,
        /// SHA-256 of the custody agreement, 64 hexadecimal digits.
        agreement_sha256: String,
    },
}

/// What a certificate stands for one to one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// Type of binding, such as `social_card`.
    #[serde(rename = "type")]
    pub kind: String,
    /// SHA-256 of the reference, 64 hexadecimal digits.
    pub reference_sha256: String,
}

/// Age band of a person.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum AgeBand {
    /// Of full age and capacity.
    Adult,
    /// Fourteen to seventeen.
    Minor,
    /// Under fourteen: no application of one's own.
    UnderFourteen,
    /// Of full age without legal capacity.
    Incapable,
}

/// A guardian's consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GuardianConsent {
    /// The RA's pseudonymous reference for the guardian.
    pub guardian_ref: String,
    /// Relation to the subscriber.
    pub relation: String,
    /// How consent was given.
    pub method: ConsentMethod,
    /// When it was given.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// That a person whose details were submitted by somebody else authorised it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Representation {
    /// Whether the person authorised the submission.
    pub authorised: bool,
    /// The RA's reference to the authorisation.
    pub reference: String,
}

impl SubjectKind {
    /// The kind as JSON spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Individual => "individual",
            Self::Organization => "organization",
            Self::Device => "device",
        }
    }
}

impl SanKind {
    /// The kind as JSON spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Ip => "ip",
            Self::Email => "email",
            Self::Uri => "uri",
        }
    }
}
