//! A certificate profile after all checks.

use const_oid::ObjectIdentifier;
use jiff::{SignedDuration, Timestamp};
use pki::{AttributeType, KeyAlgorithm};

use crate::{
    plan::KeyUsages,
    source::{AttributeFormat, ProfileSource},
};

/// A certificate profile (7.1).
#[derive(Clone, Debug)]
pub struct Profile {
    pub(crate) name: String,
    pub(crate) source: ProfileSource,
    pub(crate) subject: Vec<SubjectRule>,
    pub(crate) sans: Vec<SanKindRule>,
    pub(crate) key_algorithms: Vec<KeyAlgorithm>,
    pub(crate) key_usage: KeyUsages,
    pub(crate) extended_key_usage: Vec<ObjectIdentifier>,
    pub(crate) policies: Vec<ObjectIdentifier>,
    pub(crate) validity: Validity,
    pub(crate) renewal_window: SignedDuration,
}

impl Profile {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The profile as typed values, for tools that show it.
    pub const fn source(&self) -> &ProfileSource {
        &self.source
    }

    /// What its certificates are for, in English.
    pub fn description(&self) -> &str {
        &self.source.description.en
    }

    /// The lengths of validity (6.3.2).
    pub const fn validity(&self) -> &Validity {
        &self.validity
    }

    /// Longest validity (6.3.2), before limits that depend on the date.
    pub const fn max_validity(&self) -> SignedDuration {
        self.validity.max
    }

    /// Key types that are certified (6.1.5).
    pub fn key_algorithms(&self) -> &[KeyAlgorithm] {
        &self.key_algorithms
    }

    /// Kinds of evidence that every request must carry (3.2).
    pub fn required_evidence(&self) -> &[String] {
        self.source
            .evidence
            .as_ref()
            .map_or(&[], |rule| &rule.required_all)
    }

    /// Whether certificates may be put on hold (4.9.13).
    pub const fn hold(&self) -> bool {
        self.source.hold
    }

    /// How long before expiry a certificate may be renewed (4.6).
    pub const fn renewal_window(&self) -> SignedDuration {
        self.renewal_window
    }

    /// From when on a certificate that expires at `not_after` may be renewed (4.6).
    pub fn renewable_from(&self, not_after: Timestamp) -> Timestamp {
        not_after
            .saturating_sub(self.renewal_window)
            .unwrap_or(Timestamp::MIN)
    }
}

/// A rule for a subject attribute (3.1.1).
#[derive(Clone, Debug)]
pub struct SubjectRule {
    /// The attribute.
    pub attribute: AttributeType,
    /// Whether a request must have it.
    pub required: bool,
    /// The only values that are accepted; empty accepts any.
    pub values: Vec<String>,
    /// Kinds of evidence of which one must cover the value; empty asks for none.
    pub evidence: Vec<String>,
    /// A form that the value must have.
    pub format: Option<AttributeFormat>,
    /// Whether the value must also be a subject alternative name.
    pub in_subject_alt_names: bool,
}

/// A rule for one kind of subject alternative name (3.1.1).
#[derive(Clone, Debug)]
pub struct SanKindRule {
    /// `dns`, `ip`, `email` or `uri`.
    pub kind: &'static str,
    /// Fewest names of the kind.
    pub min: usize,
    /// Most names of the kind.
    pub max: usize,
    /// Where names must lie; empty accepts any.
    pub within: Vec<crate::within::Within>,
    /// Whether DNS names may begin with `*.`.
    pub wildcards: bool,
}

/// Validity of a profile's certificates (6.3.2).
#[derive(Clone, Debug)]
pub struct Validity {
    /// Validity when the request asks for none.
    pub default: SignedDuration,
    /// Longest validity.
    pub max: SignedDuration,
    /// Shortest validity.
    pub min: SignedDuration,
    /// How far notBefore lies before the time of issue.
    pub backdate: SignedDuration,
    /// Limits that depend on the date of issue, oldest first.
    pub limits: Vec<DatedLimit>,
}

impl Validity {
    /// The dated limit that is in force at this time.
    pub fn limit_at(&self, now: Timestamp) -> Option<&DatedLimit> {
        self.limits.iter().rev().find(|limit| limit.from <= now)
    }
}

/// A limit of validity from a date on (6.3.2).
#[derive(Clone, Debug)]
pub struct DatedLimit {
    /// First moment at which it applies.
    pub from: Timestamp,
    /// Longest validity from then on.
    pub max: SignedDuration,
    /// Where the limit comes from.
    pub citation: String,
}
