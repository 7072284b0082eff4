//! Newtypes and DER of a certificate authority: what everybody speaks and nobody may get wrong.
//!
//! In scope: serial numbers, CRL numbers, revocation reasons, names, public keys and the checks on
//! them, parsed certification requests and certificates, the [`time::Clock`] trait. Parsing is
//! verification: a [`CertificationRequest`] exists only if it is strict DER and its own signature
//! was good.
//!
//! Out of scope: private keys, building certificates (crate `issuance`), what a policy permits
//! (crate `policy`). Nothing here does I/O, waits, reads a clock or holds a random generator: time
//! and randomness are arguments.

pub mod key_check;
pub mod pem;
pub mod time;

mod algorithm;
mod certificate;
mod crl_number;
mod crl_scope;
mod csr;
mod digest;
mod ecdsa_signature;
mod extension;
mod issuer_name;
mod key;
mod name;
mod reason;
mod serial;
mod strict_der;
mod text;

pub use self::{
    algorithm::{KeyAlgorithm, SignatureAlgorithm, UnknownAlgorithm},
    certificate::{Certificate, CertificateError, KeyUsageBits, NotIssuedBy},
    crl_number::CrlNumber,
    crl_scope::{CrlScope, CrlScopeError},
    csr::{CertificationRequest, CsrError, MAX_CSR_BYTES, RequestedExtensions},
    digest::{Fingerprint, KeyId, MalformedDigest, SpkiHash},
    ecdsa_signature::{ecdsa_from_der, ecdsa_to_der},
    issuer_name::{IssuerName, IssuerNameError},
    key::{BadSignature, KeyError, PublicKey},
    name::{AttributeType, DistinguishedName, NameError, SubjectAltName, UnknownAttributeType},
    reason::{RevocationReason, UnknownReason},
    serial::{SerialError, SerialNumber},
};
