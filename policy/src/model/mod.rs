//! The policy after all checks: parsed values with private fields.

mod profile;
mod rules;

pub use self::{
    profile::{DatedLimit, Profile, SanKindRule, SubjectRule, Validity},
    rules::{Agreement, CrlRules, DeltaRules, OcspRules, Urls},
};

use std::collections::BTreeMap;

use const_oid::ObjectIdentifier;
use jiff::{SignedDuration, Timestamp};
use pki::{CrlScope, IssuerName, SignatureAlgorithm};

use crate::source::{EvidenceKind, Ground, IssuerKind, PolicySource};

/// A policy: the rules of one issuing CA, as its published CPS states them.
#[derive(Clone, Debug)]
pub struct Policy {
    pub(crate) text: String,
    pub(crate) digest: [u8; 32],
    pub(crate) source: PolicySource,
    pub(crate) oid: ObjectIdentifier,
    pub(crate) effective_from: Timestamp,
    pub(crate) urls: Urls,
    pub(crate) evidence_max_age: Option<SignedDuration>,
    pub(crate) agreements: Vec<Agreement>,
    pub(crate) acknowledgement: SignedDuration,
    pub(crate) signature_algorithms: Vec<SignatureAlgorithm>,
    pub(crate) root_max: SignedDuration,
    pub(crate) issuing_max: SignedDuration,
    pub(crate) crl: CrlRules,
    pub(crate) ocsp: OcspRules,
    pub(crate) profiles: BTreeMap<String, Profile>,
}

impl Policy {
    /// SHA-256 of the file's text: what decisions and records name as their policy.
    pub const fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// The file's text, octet for octet as parsed.
    pub fn to_source(&self) -> &str {
        &self.text
    }

    /// The file as typed values, for tools that show it.
    pub const fn source(&self) -> &PolicySource {
        &self.source
    }

    /// Version of the CPS (1.2).
    pub fn version(&self) -> &str {
        &self.source.document.version
    }

    /// Object identifier of the CPS (1.2).
    pub const fn oid(&self) -> ObjectIdentifier {
        self.oid
    }

    /// First moment at which this version applies (1.2).
    pub const fn effective_from(&self) -> Timestamp {
        self.effective_from
    }

    /// What kind of CA the policy is for.
    pub const fn issuer_kind(&self) -> IssuerKind {
        self.source.kind
    }

    /// The profiles in the order of their names (7.1).
    pub fn profiles(&self) -> impl Iterator<Item = &Profile> {
        self.profiles.values()
    }

    /// The profile of this name (7.1).
    pub fn profile(&self, name: &str) -> Option<&Profile> {
        self.profiles.get(name)
    }

    /// The public addresses that are written into certificates (2.1).
    pub const fn urls(&self) -> &Urls {
        &self.urls
    }

    /// Where the issuer's CRL of this scope is published.
    pub fn crl_url(&self, issuer: &IssuerName, scope: CrlScope) -> String {
        self.urls.crl(issuer, scope)
    }

    /// Where the issuer's certificate is published.
    pub fn ca_issuers_url(&self, issuer: &IssuerName) -> String {
        self.urls.ca_issuers(issuer)
    }

    /// Where OCSP is answered.
    pub fn ocsp_url(&self) -> String {
        self.urls.ocsp.clone()
    }

    /// Where the CPS is published.
    pub fn cps_url(&self, issuer: &IssuerName) -> String {
        self.urls.cps(issuer)
    }

    /// Times of CRLs (4.9.7, 7.2).
    pub const fn crl(&self) -> &CrlRules {
        &self.crl
    }

    /// Times of OCSP (4.9.10, 7.3).
    pub const fn ocsp(&self) -> &OcspRules {
        &self.ocsp
    }

    /// How long a revocation waits for every responder before it is answered as pending (4.9.5).
    pub const fn acknowledgement_bound(&self) -> SignedDuration {
        self.acknowledgement
    }

    /// Algorithms with which the CA may sign (6.1, 7.1.3).
    pub fn signature_algorithms(&self) -> &[SignatureAlgorithm] {
        &self.signature_algorithms
    }

    /// The grounds of revocation (4.9.1).
    pub fn grounds(&self) -> &[Ground] {
        &self.source.revocation.grounds
    }

    /// The ground of this id.
    pub fn ground(&self, id: &str) -> Option<&Ground> {
        self.grounds().iter().find(|ground| ground.id == id)
    }

    /// The kind of evidence of this id (3.2).
    pub fn evidence_kind(&self, id: &str) -> Option<&EvidenceKind> {
        self.source
            .identity
            .evidence
            .iter()
            .find(|kind| kind.id == id)
    }

    /// Versions of the subscriber agreement (4.1).
    pub fn agreements(&self) -> &[Agreement] {
        &self.agreements
    }

    /// How many years records are kept after a certificate lost its validity (5.5.2).
    pub const fn retention_years(&self) -> u32 {
        self.source.retention.years_after_invalidity
    }
}
