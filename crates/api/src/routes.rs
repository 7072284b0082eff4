//! Paths and header names of the API, so that client and server spell them alike.

/// Enrol (POST), list (GET).
pub const CERTIFICATES: &str = "/v1/certificates";
/// One certificate (GET).
pub const CERTIFICATE: &str = "/v1/certificates/{serial}";
/// Renew with the same key (POST).
pub const RENEW: &str = "/v1/certificates/{serial}/renew";
/// Replace with a new key (POST).
pub const REPLACE: &str = "/v1/certificates/{serial}/replace";
/// Revoke (POST).
pub const REVOKE: &str = "/v1/certificates/{serial}/revoke";
/// The signed receipt of a revocation or hold (GET).
pub const RECEIPT: &str = "/v1/certificates/{serial}/revocation-receipt";
/// Put on hold (POST).
pub const HOLD: &str = "/v1/certificates/{serial}/hold";
/// Release from hold (POST).
pub const RELEASE: &str = "/v1/certificates/{serial}/release";
/// Accept explicitly (POST).
pub const ACCEPT: &str = "/v1/certificates/{serial}/accept";
/// One request (GET).
pub const REQUEST: &str = "/v1/requests/{request_id}";
/// Profiles that the RA may use (GET).
pub const PROFILES: &str = "/v1/profiles";
/// Chain of an issuing CA (GET).
pub const CHAIN: &str = "/v1/issuers/{issuer}/chain";
/// The OpenAPI document (GET).
pub const OPENAPI: &str = "/openapi.json";

/// Register a peer (POST), list peers (GET).
pub const PEERS: &str = "/v1/officer/peers";
/// One peer (GET, PATCH).
pub const PEER: &str = "/v1/officer/peers/{name}";
/// Certify a peer's key (POST).
pub const PEER_CERTIFICATES: &str = "/v1/officer/peers/{name}/certificates";
/// Pin a certificate (POST).
pub const PEER_PINS: &str = "/v1/officer/peers/{name}/pins";
/// Unpin a certificate (DELETE).
pub const PEER_PIN: &str = "/v1/officer/peers/{name}/pins/{fingerprint}";
/// Certify a TLS server key (POST).
pub const SERVER_CERTIFICATES: &str = "/v1/officer/server-certificates";
/// Register a responder key (POST), list them (GET).
pub const RESPONDER_KEYS: &str = "/v1/officer/responder-keys";
/// Retire a responder key (DELETE).
pub const RESPONDER_KEY: &str = "/v1/officer/responder-keys/{responder}/{spki_sha256}";
/// Import a CRL (POST), list the current ones (GET).
pub const CRLS: &str = "/v1/officer/crls";
/// Block a key (POST).
pub const BLOCKED_KEYS: &str = "/v1/officer/blocked-keys";
/// Read the policy file again and put it in force (POST).
pub const RELOAD_POLICY: &str = "/v1/officer/policies/{issuer}/reload";
/// Let a CA's key that was stopped sign again (POST).
pub const RESUME_KEY: &str = "/v1/officer/issuers/{issuer}/resume-key";
/// Issue no more certificates with a CA (POST).
pub const RETIRE_ISSUER: &str = "/v1/officer/issuers/{issuer}/retire";
/// All certificates, of every RA (GET).
pub const OFFICER_CERTIFICATES: &str = "/v1/officer/certificates";
/// Any certificate (GET).
pub const OFFICER_CERTIFICATE: &str = "/v1/officer/certificates/{serial}";
/// Revoke any certificate (POST).
pub const OFFICER_REVOKE: &str = "/v1/officer/certificates/{serial}/revoke";
/// The signed receipt of the revocation of any certificate (GET).
pub const OFFICER_RECEIPT: &str = "/v1/officer/certificates/{serial}/revocation-receipt";
/// Copy the database into the directory that ca-daemon is configured with (POST).
pub const BACKUPS: &str = "/v1/officer/backups";
/// Audit events (GET, `after` and `limit`).
pub const AUDIT: &str = "/v1/officer/audit";

/// Header that makes a retry safe: unique per RA, 1 … 128 visible ASCII characters.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// Media type of a problem (RFC 9457 §3).
pub const PROBLEM_MEDIA_TYPE: &str = "application/problem+json";
