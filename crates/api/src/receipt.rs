//! What a receipt of a revocation says. The CA signs it as a JWS, so that it stands without the CA.

use jiff::Timestamp;
use pki::{CrlNumber, CrlScope, IssuerName, RevocationReason, SerialNumber};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::CertificateState;

/// Version of [`RevocationReceipt`]. A reader that does not know it must not believe the rest.
pub const RECEIPT_FORMAT: u16 = 1;

/// `typ` in the header of the JWS (RFC 7515 section 4.1.9), so that nothing else that the same key
/// signs can be taken for a receipt.
pub const RECEIPT_TYPE: &str = "vnd.chancery.revocation-receipt+jws";

/// The payload of a revocation receipt: when the revocation was asked for, decided and in
/// force, since when each responder has had it, and which CRL first carried it.
///
/// What is given once is given again by every later receipt of the same revocation; while
/// `complete` is false, a later one says more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevocationReceipt {
    /// Version of this format: 1.
    pub format: u16,
    /// When this receipt was signed, by the CA's clock.
    #[schema(value_type = String, format = DateTime)]
    pub signed_at: Timestamp,
    /// Name of the issuing CA.
    #[schema(value_type = String)]
    pub issuer: IssuerName,
    /// SHA-256 of the issuing CA's certificate, hexadecimal.
    pub issuer_certificate_sha256: String,
    /// Serial number, hexadecimal.
    #[schema(value_type = String)]
    pub serial: SerialNumber,
    /// SHA-256 of the certificate, hexadecimal; absent for an abandoned serial number, whose
    /// certificate nobody has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_sha256: Option<String>,
    /// `revoked`, `on-hold` or `abandoned`.
    pub state: CertificateState,
    /// The CA's id of the request for the revocation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Uuid)]
    pub request_id: Option<Uuid>,
    /// Ground of the policy.
    pub ground: String,
    /// CRL reason, by its RFC 5280 name.
    #[schema(value_type = String)]
    pub reason: RevocationReason,
    /// When the key is known to have been compromised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub invalidity_date: Option<Timestamp>,
    /// When the request came in.
    #[schema(value_type = String, format = DateTime)]
    pub requested_at: Timestamp,
    /// When the last approval that it needed was given.
    #[schema(value_type = String, format = DateTime)]
    pub approved_at: Timestamp,
    /// Since when the certificate counts as revoked: the revocationTime of OCSP, the revocationDate
    /// of CRLs.
    #[schema(value_type = String, format = DateTime)]
    pub effective_at: Timestamp,
    /// Sequence number of the status feed: what responders acknowledge. 0 for certificates that are
    /// not on it.
    pub sequence: u64,
    /// Whether nothing is pending.
    pub complete: bool,
    /// Responders that have it.
    pub responders: Vec<AcknowledgedBy>,
    /// Responders that have not confirmed it, by name.
    pub pending_responders: Vec<String>,
    /// The first list of each scope that carried it.
    pub crls: Vec<CarriedBy>,
    /// Scopes whose next list will be the first.
    #[schema(value_type = Vec<String>)]
    pub pending_crls: Vec<CrlScope>,
}

/// A responder that has a revocation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcknowledgedBy {
    /// Name of the responder in the CA's registry.
    pub responder: String,
    /// When the CA first heard from it that it has the revocation: it answered so already.
    #[schema(value_type = String, format = DateTime)]
    pub acknowledged_at: Timestamp,
}

/// The first CRL of a scope that carried a revocation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CarriedBy {
    /// `full`, `delta` or `shard-` and a number.
    #[schema(value_type = String)]
    pub scope: CrlScope,
    /// Its CRLNumber.
    #[schema(value_type = u64)]
    pub number: CrlNumber,
    /// Its thisUpdate.
    #[schema(value_type = String, format = DateTime)]
    pub this_update: Timestamp,
    /// Publishers that show it, or a later one.
    pub publishers: Vec<PublishedBy>,
    /// Publishers that have published neither, by name.
    pub pending_publishers: Vec<String>,
}

/// A publisher that shows a revocation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishedBy {
    /// Name of the publisher in the CA's registry.
    pub publisher: String,
    /// CRLNumber of the first list with the revocation that it published.
    #[schema(value_type = u64)]
    pub number: CrlNumber,
    /// When the CA heard from it that the list is published.
    #[schema(value_type = String, format = DateTime)]
    pub published_at: Timestamp,
}
