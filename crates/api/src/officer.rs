//! The registry of peers, and what officers do.

use std::collections::BTreeMap;

use jiff::Timestamp;
use pki::{CrlNumber, CrlScope, Fingerprint, IssuerName, SerialNumber};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::SubjectKind;

/// What a peer may do; comes from the registry alone, never from certificate content.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum PeerRole {
    /// Registration authority.
    Ra,
    /// Security officer.
    Officer,
    /// OCSP responder: follows the feed; revocations wait for it.
    Responder,
    /// CRL publisher: follows the feed.
    Publisher,
    /// Auditor: reads the audit events.
    Auditor,
}

/// Standing of a peer.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum PeerStatus {
    /// May act.
    Active,
    /// May not act for now.
    Suspended,
    /// Will never act again.
    Retired,
}

/// `POST /v1/officer/peers`: register a peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterPeerRequest {
    /// Unique name, kebab-case, 1 … 64 characters.
    pub name: String,
    /// Role.
    pub role: PeerRole,
    /// First moment at which it may act; now when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub valid_from: Option<Timestamp>,
    /// Last moment at which it may act; without end when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub valid_to: Option<Timestamp>,
    /// Reference of the agreement with an RA.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement_ref: Option<String>,
    /// Profiles that an RA may use.
    #[serde(default)]
    pub profiles: Vec<String>,
    /// Kinds of subscriber that an RA may serve; empty means every kind that the profile allows.
    #[serde(default)]
    pub subject_kinds: Vec<SubjectKind>,
    /// Certificates a day that an RA may have issued; without limit when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub daily_quota: Option<u64>,
    /// Longest validity in days that an RA may ask for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_validity_days: Option<u32>,
    /// A CSR for its TLS key: the management CA certifies it in the same step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub csr: Option<String>,
    /// An existing TLS certificate to pin instead, PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
}

/// `PATCH /v1/officer/peers/{name}`: absent members stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePeerRequest {
    /// New standing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<PeerStatus>,
    /// New end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub valid_to: Option<Timestamp>,
    /// New set of profiles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profiles: Option<Vec<String>>,
    /// New set of subscriber kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_kinds: Option<Vec<SubjectKind>>,
    /// New quota.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub daily_quota: Option<u64>,
    /// New longest validity in days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_validity_days: Option<u32>,
}

/// `POST /v1/officer/peers/{name}/certificates`: a certificate of the management CA for a peer's key.
/// The peer's other certificates stay pinned until they are retired, so that nothing breaks meanwhile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CertifyPeerRequest {
    /// CSR, PEM.
    pub csr: String,
}

/// `POST /v1/officer/peers/{name}/pins`: pin a certificate that another CA issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PinCertificateRequest {
    /// Certificate, PEM.
    pub certificate: String,
}

/// `POST /v1/officer/server-certificates`: a TLS server certificate of the management CA.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CertifyServerRequest {
    /// CSR with the DNS names and addresses as subject alternative names, PEM.
    pub csr: String,
}

/// A peer as registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PeerBody {
    /// Unique name.
    pub name: String,
    /// Role.
    pub role: PeerRole,
    /// Standing.
    pub status: PeerStatus,
    /// First moment at which it may act.
    #[schema(value_type = String, format = DateTime)]
    pub valid_from: Timestamp,
    /// Last moment at which it may act.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub valid_to: Option<Timestamp>,
    /// Reference of the agreement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement_ref: Option<String>,
    /// Profiles that an RA may use.
    pub profiles: Vec<String>,
    /// Kinds of subscriber that it may serve.
    pub subject_kinds: Vec<SubjectKind>,
    /// Certificates a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub daily_quota: Option<u64>,
    /// Longest validity in days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_validity_days: Option<u32>,
    /// Pinned certificates.
    pub certificates: Vec<PeerCertificateBody>,
    /// A certificate that this request issued, PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued: Option<String>,
}

/// A pinned certificate of a peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PeerCertificateBody {
    /// SHA-256 of the certificate.
    #[schema(value_type = String)]
    pub fingerprint: Fingerprint,
    /// When it expires.
    #[schema(value_type = String, format = DateTime)]
    pub not_after: Timestamp,
    /// When it was unpinned, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub retired_at: Option<Timestamp>,
}

/// `POST /v1/officer/responder-keys`: a key of a responder, beside those that it has, and the issuers
/// for which ca-daemon certifies it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterResponderKeyRequest {
    /// Name of the responder in the registry.
    pub responder: String,
    /// Its public key, PEM SubjectPublicKeyInfo.
    pub public_key: String,
    /// Issuers whose certificates it answers for.
    #[schema(value_type = Vec<String>)]
    pub issuers: Vec<IssuerName>,
}

/// A registered responder key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ResponderKeyBody {
    /// Name of the responder in the registry.
    pub responder: String,
    /// SHA-256 of its SubjectPublicKeyInfo, hexadecimal.
    pub spki_sha256: String,
    /// Issuers whose certificates it answers for.
    #[schema(value_type = Vec<String>)]
    pub issuers: Vec<IssuerName>,
}

/// `POST /v1/officer/crls`: import the CRL of a CA whose key is offline, such as the root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportCrlRequest {
    /// Name of the CA, such as `root`.
    #[schema(value_type = String)]
    pub issuer: IssuerName,
    /// CRL, PEM.
    pub crl: String,
}

/// A CRL in the list of current ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CrlBody {
    /// Name of the CA.
    #[schema(value_type = String)]
    pub issuer: IssuerName,
    /// `full`, `delta` or `shard-` and its number.
    #[schema(value_type = String)]
    pub scope: CrlScope,
    /// cRLNumber.
    #[schema(value_type = u64)]
    pub number: CrlNumber,
    /// thisUpdate.
    #[schema(value_type = String, format = DateTime)]
    pub this_update: Timestamp,
    /// nextUpdate.
    #[schema(value_type = String, format = DateTime)]
    pub next_update: Timestamp,
    /// Publishers that have published this number.
    pub published_by: Vec<String>,
}

/// `POST /v1/officer/blocked-keys`: a key that is never certified again (C-18).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BlockKeyRequest {
    /// SHA-256 of the SubjectPublicKeyInfo, 64 hexadecimal digits.
    pub spki_sha256: String,
    /// Why, without personal data.
    pub reason: String,
}

/// `POST /v1/officer/backups`: a copy of the database that was just made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BackupBody {
    /// Where it is, on the machine of ca-daemon.
    pub path: String,
    /// Last audit event in it.
    pub audit_sequence: u64,
}

/// `POST /v1/officer/policies/{issuer}/reload`: the policy that is now in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ActivePolicyBody {
    /// Name of the issuing CA.
    #[schema(value_type = String)]
    pub issuer: IssuerName,
    /// Version, as the policy file states it.
    pub version: String,
    /// SHA-256 of the policy file, hexadecimal.
    pub policy_sha256: String,
    /// Since when it is in force.
    #[schema(value_type = String, format = DateTime)]
    pub activated_at: Timestamp,
}

/// One audit event (`GET /v1/officer/audit`). Carries no personal data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuditEntryBody {
    /// Position in the log, in commit order.
    pub sequence: u64,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Kind of event, kebab-case.
    pub event: String,
    /// Who did it: `ra:NAME`, `officer:NAME`, `operator`, `daemon` …
    pub actor: String,
    /// `success`, `refused` or `failed`.
    pub outcome: String,
    /// Codes of a refusal or failure.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<String>,
    /// Issuer concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub issuer: Option<IssuerName>,
    /// Serial number concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub serial: Option<SerialNumber>,
    /// Request concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Further members, by kind of event.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = Object)]
    pub details: BTreeMap<String, serde_json::Value>,
}
