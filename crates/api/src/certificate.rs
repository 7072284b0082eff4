//! Enrolment, renewal, replacement, revocation and look-up of certificates.

use jiff::Timestamp;
use pki::{IssuerName, RevocationReason, SerialNumber};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Statement;

/// `POST /v1/certificates`: a first certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnrollRequest {
    /// Profile of the policy, such as `esign-individual`.
    pub profile: String,
    /// Certification request, PEM (RFC 2986, RFC 7468).
    pub csr: String,
    /// Names, evidence and consent.
    pub statement: Statement,
    /// The RA's own search key, 1 … 128 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// A shorter validity than the profile's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validity: Option<Validity>,
}

/// `POST /v1/certificates/{serial}/renew`: a new certificate for the same key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenewRequest {
    /// Certification request for the same key; may be absent, the key being known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub csr: Option<String>,
    /// Names, evidence and consent, verified again.
    pub statement: Statement,
    /// The RA's own search key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// A shorter validity than the profile's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validity: Option<Validity>,
}

/// `POST /v1/certificates/{serial}/replace`: a new certificate for a new key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplaceRequest {
    /// Certification request for the new key.
    pub csr: String,
    /// Names, evidence and consent, verified again.
    pub statement: Statement,
    /// The RA's own search key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// A shorter validity than the profile's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validity: Option<Validity>,
}

/// How long a certificate is asked to be valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Validity {
    /// Number of days from now.
    Days(u32),
    /// Number of seconds from now, for event certificates.
    Seconds(u32),
    /// The last second of validity.
    #[schema(value_type = String, format = DateTime)]
    NotAfter(Timestamp),
}

/// `POST /v1/certificates/{serial}/revoke` (A-24 … A-28).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeRequest {
    /// Id of a ground of the policy, such as `sub.key_lost_or_leaked`.
    pub ground: String,
    /// When the key was compromised, if known: becomes invalidityDate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub compromised_at: Option<Timestamp>,
    /// How the requester's identity was verified (MIIT rule, article 30).
    #[serde(default)]
    pub evidence: Vec<crate::Evidence>,
}

/// `POST /v1/certificates/{serial}/hold`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldRequest {
    /// How the requester's identity was verified.
    #[serde(default)]
    pub evidence: Vec<crate::Evidence>,
}

/// `POST /v1/certificates/{serial}/release`: the end of a hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseRequest {
    /// How the requester's identity was verified.
    #[serde(default)]
    pub evidence: Vec<crate::Evidence>,
}

/// State of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CertificateState {
    /// Intent is recorded, the certificate is not there yet.
    Signing,
    /// Issued and in force (or expired).
    Issued,
    /// On hold (certificateHold).
    OnHold,
    /// Revoked for good.
    Revoked,
    /// Signing was begun and not completed: the serial counts as revoked.
    Abandoned,
}

/// How the subscriber accepted the certificate (A-09, RFC 3647 4.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AcceptanceBasis {
    /// The certificate was delivered to the RA.
    Delivery,
    /// The RA said so.
    Explicit,
}

/// Answer to a request that issued a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IssuedBody {
    /// Our id of the request.
    #[schema(value_type = String, format = Uuid)]
    pub request_id: Uuid,
    /// The RA's own search key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// The certificate.
    #[serde(flatten)]
    pub certificate: CertificateBody,
    /// Certificates of the CAs above it, issuer first, root last, PEM.
    pub chain: Vec<String>,
}

/// A certificate with its status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CertificateBody {
    /// The certificate in a few members.
    #[serde(flatten)]
    pub summary: CertificateSummary,
    /// The certificate, PEM; absent while it is being signed and for an abandoned serial.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
    /// Subject key identifier, hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_key_identifier: Option<String>,
    /// Policy OIDs.
    #[serde(default)]
    pub policy_oids: Vec<String>,
    /// SHA-256 of the policy that decided, hexadecimal.
    pub policy_sha256: String,
    /// Window in which a renewal is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub renewable_from: Option<Timestamp>,
}

/// A certificate in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CertificateSummary {
    /// Serial number, hexadecimal.
    #[schema(value_type = String)]
    pub serial: SerialNumber,
    /// Name of the issuing CA.
    #[schema(value_type = String)]
    pub issuer: IssuerName,
    /// Profile.
    pub profile: String,
    /// State.
    pub state: CertificateState,
    /// First second of validity.
    #[schema(value_type = String, format = DateTime)]
    pub not_before: Timestamp,
    /// Last second of validity (inclusive).
    #[schema(value_type = String, format = DateTime)]
    pub not_after: Timestamp,
    /// Revocation or hold, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revocation: Option<RevocationBody>,
    /// When the subscriber accepted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub accepted_at: Option<Timestamp>,
    /// On which basis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acceptance: Option<AcceptanceBasis>,
    /// The certificate that this one renews or replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub predecessor: Option<SerialNumber>,
}

/// A revocation: what was asked, and since when it is in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RevocationBody {
    /// CRL reason, by its RFC 5280 name.
    #[schema(value_type = String)]
    pub reason: RevocationReason,
    /// Ground of the policy.
    pub ground: String,
    /// When the request came in.
    #[schema(value_type = String, format = DateTime)]
    pub requested_at: Timestamp,
    /// Since when the certificate counts as revoked.
    #[schema(value_type = String, format = DateTime)]
    pub effective_at: Timestamp,
    /// When the key is known to have been compromised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub invalidity_date: Option<Timestamp>,
    /// Responders that have not confirmed the change yet; empty in a 200.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pending_responders: Vec<String>,
}

/// 202: the request goes on; ask again at `poll`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PendingBody {
    /// Our id of the request.
    #[schema(value_type = String, format = Uuid)]
    pub request_id: Uuid,
    /// Path to ask again.
    pub poll: String,
    /// What is being waited for.
    pub reason: String,
}

/// `GET /v1/requests/{request_id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RequestBody {
    /// Our id of the request.
    #[schema(value_type = String, format = Uuid)]
    pub request_id: Uuid,
    /// The RA's own search key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// `issue`, `renew` or `replace`.
    pub operation: String,
    /// State of the request.
    pub state: RequestState,
    /// When it came in.
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Timestamp,
    /// The certificate, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateBody>,
}

/// State of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RequestState {
    /// Being signed.
    Running,
    /// The certificate is there.
    Issued,
    /// Signing failed; send the request again with a new idempotency key.
    Failed,
}

/// `GET /v1/issuers/{issuer}/chain`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChainBody {
    /// Name of the issuing CA.
    #[schema(value_type = String)]
    pub issuer: IssuerName,
    /// Its certificate and those above it, root last, PEM.
    pub chain: Vec<String>,
}

/// A profile that the RA may use (`GET /v1/profiles`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProfileBody {
    /// Profile.
    pub profile: String,
    /// The issuing CA that serves it.
    #[schema(value_type = String)]
    pub issuer: IssuerName,
    /// What it is for.
    pub description: String,
    /// Longest validity in seconds.
    pub max_validity_seconds: i64,
    /// Key types that it takes, such as `ec-p256`.
    pub key_algorithms: Vec<String>,
    /// Evidence kinds that a request must carry.
    pub required_evidence: Vec<String>,
    /// Whether a certificate may be put on hold.
    pub hold: bool,
}
