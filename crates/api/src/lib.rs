//! The JSON of the RA and officer API: requests, answers and problems.
//!
//! In scope: plain types that `ca-daemon` serves and `chancery` sends, with their OpenAPI schemas.
//! Out of scope: deciding, storing and transporting them.
//!
//! Times are RFC 3339 in UTC, serial numbers and digests lower-case hexadecimal, certificates and
//! CSRs PEM text. Unknown members are refused, so that a misspelt one is never silently ignored.

mod certificate;
mod officer;
mod page;
mod problem;
mod receipt;
pub mod routes;
mod statement;

pub use certificate::{
    AcceptanceBasis, CertificateBody, CertificateState, CertificateSummary, ChainBody,
    EnrollRequest, HoldRequest, IssuedBody, PendingBody, ProfileBody, ReleaseRequest, RenewRequest,
    ReplaceRequest, RequestBody, RequestState, RevocationBody, RevokeRequest, Validity,
};
pub use officer::{
    ActivePolicyBody, AuditEntryBody, BackupBody, BlockKeyRequest, CertifyPeerRequest,
    CertifyServerRequest, ChangePeerRequest, CrlBody, ImportCrlRequest, PeerBody,
    PeerCertificateBody, PeerRole, PeerStatus, PinCertificateRequest, RegisterPeerRequest,
    RegisterResponderKeyRequest, ResponderKeyBody,
};
pub use page::{AuditQuery, ListQuery, Page};
pub use problem::{Problem, Violation};
pub use receipt::{
    AcknowledgedBy, CarriedBy, PublishedBy, RECEIPT_FORMAT, RECEIPT_TYPE, RevocationReceipt,
};
pub use statement::{
    AgeBand, Binding, Consent, ConsentMethod, Evidence, GuardianConsent, KeyCustody,
    Representation, SanKind, SanStatement, Statement, SubjectKind,
};
