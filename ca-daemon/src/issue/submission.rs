//! A submission: what an RA sent, before anything was looked up.

use api::{EnrollRequest, RenewRequest, ReplaceRequest, Statement, Validity};
use jiff::Timestamp;
use pki::SerialNumber;
use policy::Operation;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// What an RA sent. The RA itself was authorized before.
#[derive(Debug)]
pub struct Submission {
    /// Our id of the request.
    pub request_id: Uuid,
    /// When it came in.
    pub received_at: Timestamp,
    /// The RA's key for this request.
    pub idempotency_key: String,
    /// SHA-256 of operation, predecessor and body: what the idempotency key is bound to.
    pub body_digest: [u8; 32],
    /// What is asked for.
    pub operation: Operation,
    /// The certificate to be renewed or replaced.
    pub predecessor: Option<SerialNumber>,
    /// The profile; a successor has its predecessor's.
    pub profile: Option<String>,
    /// The certification request, PEM.
    pub csr: Option<String>,
    /// Names, evidence and consent: personal data.
    pub statement: Statement,
    /// The RA's own search key.
    pub order_id: Option<String>,
    /// How long the certificate is to be valid.
    pub validity: Option<Validity>,
}

/// The part of a submission that the three operations spell differently.
#[derive(Debug)]
pub struct Content {
    operation: Operation,
    predecessor: Option<SerialNumber>,
    profile: Option<String>,
    csr: Option<String>,
    statement: Statement,
    order_id: Option<String>,
    validity: Option<Validity>,
}

impl From<EnrollRequest> for Content {
    fn from(request: EnrollRequest) -> Self {
        Self {
            operation: Operation::Issue,
            predecessor: None,
            profile: Some(request.profile),
            csr: Some(request.csr),
            statement: request.statement,
            order_id: request.order_id,
            validity: request.validity,
        }
    }
}

impl From<(SerialNumber, RenewRequest)> for Content {
    fn from((serial, request): (SerialNumber, RenewRequest)) -> Self {
        Self {
            operation: Operation::Renew,
            predecessor: Some(serial),
            profile: None,
            csr: request.csr,
            statement: request.statement,
            order_id: request.order_id,
            validity: request.validity,
        }
    }
}

impl From<(SerialNumber, ReplaceRequest)> for Content {
    fn from((serial, request): (SerialNumber, ReplaceRequest)) -> Self {
        Self {
            operation: Operation::Replace,
            predecessor: Some(serial),
            profile: None,
            csr: Some(request.csr),
            statement: request.statement,
            order_id: request.order_id,
            validity: request.validity,
        }
    }
}

impl Submission {
    /// Joins the content to the identity of its request.
    pub fn new(
        request_id: Uuid,
        received_at: Timestamp,
        idempotency_key: String,
        body: &[u8],
        content: Content,
    ) -> Self {
        Self {
            request_id,
            received_at,
            idempotency_key,
            body_digest: digest(content.operation, content.predecessor, body),
            operation: content.operation,
            predecessor: content.predecessor,
            profile: content.profile,
            csr: content.csr,
            statement: content.statement,
            order_id: content.order_id,
            validity: content.validity,
        }
    }
}

fn digest(operation: Operation, predecessor: Option<SerialNumber>, body: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(operation.as_str());
    hash.update([0]);
    if let Some(serial) = predecessor {
        hash.update(serial.as_bytes());
    }
    hash.update([0]);
    hash.update(body);
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_tells_operations_and_predecessors_apart() {
        let one = SerialNumber::from_bytes(&[1]).unwrap();
        let two = SerialNumber::from_bytes(&[2]).unwrap();
        let digests = [
            digest(Operation::Issue, None, b"{}"),
            digest(Operation::Renew, Some(one), b"{}"),
            digest(Operation::Replace, Some(one), b"{}"),
            digest(Operation::Renew, Some(two), b"{}"),
            digest(Operation::Renew, Some(two), b"{ }"),
        ];
        for (index, digest) in digests.iter().enumerate() {
            assert!(
                !digests[..index].contains(digest),
                "digest {index} is not new"
            );
        }
    }
}
