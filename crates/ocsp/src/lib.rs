//! OCSP requests and responses, bytes in and bytes out (RFC 6960, RFC 9654, RFC 9919).
//!
//! In scope: parsing requests strictly, matching `CertIDs` to issuers, building responses in the
//! order prepare, release, complete; for relying parties, building requests and judging responses.
//! Out of scope: knowing a certificate's status, HTTP, signing.
//!
//! The only crate that names x509-ocsp, which stands on an older line of `der`: nothing of that
//! line is in the public interface.

mod cert_id;
mod client;
mod encode;
mod request;
mod response;
mod unsigned;

pub use self::{
    cert_id::{CertId, CertIdHash, IssuerHashes},
    client::{
        Answer, Asked, MAX_RESPONSE_BYTES, NonceEcho, Query, QueryError, ResponseFault,
        StatedStatus,
    },
    request::{MAX_CERT_IDS, MAX_REQUEST_BYTES, OcspRequest, PreferredAlgorithm, RequestError},
    response::{Awaiting, CertStatus, PreparedResponse, ResponseError, SingleStatus},
    unsigned::{ResponseStatus, unsigned},
};
