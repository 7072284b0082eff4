//! What is asked of the policy, and the facts about the world that it decides on.
//!
//! The caller reads the facts before it asks and enforces the ones that can change (key, binding,
//! quota) again when it records its intent, with the codes that are used here.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use pki::key_check::KeyWeakness;
use pki::{
    CertificationRequest, DistinguishedName, IssuerName, PublicKey, SpkiHash, SubjectAltName,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an RA asks for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// A first certificate, without predecessor.
    Issue,
    /// A successor with the predecessor's key (RFC 3647 §4.6).
    Renew,
    /// A successor with a new key (RFC 3647 §4.7).
    Replace,
}

impl Operation {
    /// The name used in the policy file and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Issue => "issue",
            Self::Renew => "renew",
            Self::Replace => "replace",
        }
    }
}

/// A request as the policy sees it: authenticated and parsed, not yet decided.
#[derive(Clone, Copy, Debug)]
pub struct IssuanceRequest<'a> {
    /// What is asked for.
    pub operation: Operation,
    /// The profile's name.
    pub profile: &'a str,
    /// The CA that would issue.
    pub issuer: &'a IssuerName,
    /// The request that proves possession of the key; `None` only on a renewal that goes without.
    pub csr: Option<&'a CertificationRequest>,
    /// The key to certify: the CSR's, or the predecessor's.
    pub public_key: &'a PublicKey,
    /// The RA's statement: names, evidence, consent.
    pub statement: &'a api::Statement,
    /// How long the RA wants the certificate to last: granted exactly or refused. `None` takes
    /// the profile's default, or less where a limit is shorter.
    pub validity: Option<api::Validity>,
}

/// What is known outside the policy when a request is evaluated.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The RA that asks.
    pub ra: RaFacts,
    /// The CA that would issue.
    pub issuer: IssuerFacts,
    /// The key to certify.
    pub key: KeyFacts,
    /// The certificate to be renewed or replaced.
    pub predecessor: Option<PredecessorFacts>,
    /// Whether the statement's binding belongs to another active certificate of the profile.
    pub binding_taken: bool,
}

impl Facts {
    /// Facts under which nothing but the request itself can be refused: an RA that may ask for the
    /// profile, a key that nobody has seen before. For explaining a request without a CA.
    pub fn assumed(profile: &str, issuer: IssuerFacts) -> Self {
        Self {
            ra: RaFacts {
                name: "assumed".to_owned(),
                profiles: BTreeSet::from([profile.to_owned()]),
                subject_kinds: BTreeSet::new(),
                max_validity: None,
                quota_left: None,
            },
            issuer,
            key: KeyFacts::default(),
            predecessor: None,
            binding_taken: false,
        }
    }
}

/// What the registry says of an RA (RFC 3647 §1.3.2). Status and validity of the RA itself are
/// checked before the policy is asked.
#[derive(Clone, Debug)]
pub struct RaFacts {
    /// The RA's name.
    pub name: String,
    /// Profiles that it may ask for.
    pub profiles: BTreeSet<String>,
    /// Subject kinds that it may vouch for; empty means every kind.
    pub subject_kinds: BTreeSet<api::SubjectKind>,
    /// The longest validity that it may ask for.
    pub max_validity: Option<SignedDuration>,
    /// Certificates left today; `None` means no quota.
    pub quota_left: Option<u64>,
}

/// The issuing certificate's own validity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssuerFacts {
    /// First second of the issuer's validity.
    pub not_before: Timestamp,
    /// Last second of the issuer's validity.
    pub not_after: Timestamp,
}

/// What is known of the key to certify.
#[derive(Clone, Debug, Default)]
pub struct KeyFacts {
    /// Weaknesses found by [`pki::key_check::weaknesses`].
    pub weaknesses: Vec<KeyWeakness>,
    /// Whether the key is on the blocklist, e.g. after a key compromise.
    pub blocked: bool,
    /// Whether the key is one of the CA's own.
    pub is_ca_key: bool,
    /// Whether the key is certified for another subject.
    pub certified_for_other_subject: bool,
}

/// The certificate that a renewal or replacement follows.
#[derive(Clone, Debug)]
pub struct PredecessorFacts {
    /// Its profile.
    pub profile: String,
    /// Its issuer.
    pub issuer: IssuerName,
    /// First second of its validity.
    pub not_before: Timestamp,
    /// Last second of its validity.
    pub not_after: Timestamp,
    /// Whether it is good, on hold or revoked.
    pub status: CertificateStatus,
    /// SHA-256 of its public key.
    pub spki_hash: SpkiHash,
    /// Its subject.
    pub subject: DistinguishedName,
    /// Its subject alternative names.
    pub subject_alt_names: Vec<SubjectAltName>,
}

/// A certificate's status as far as the policy cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateStatus {
    /// Neither revoked nor on hold.
    Good,
    /// Suspended (certificateHold).
    Hold,
    /// Revoked for good.
    Revoked,
}
