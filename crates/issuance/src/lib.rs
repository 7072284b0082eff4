//! What a CA key signs, and in which order.
//!
//! A *prepared* object holds frozen bytes and cannot be cloned. `release` gives up those bytes to
//! be signed and leaves an *awaiting* object; `complete` takes the signature, verifies it over the
//! very same bytes and only then yields the *issued* object.
//!
//! In scope: certificates, self-signed roots, PKCS#10 requests for keys in the HSM, CRLs, and a
//! streaming reader of CRLs. Out of scope: deciding (crate `policy`), touching an HSM, storing,
//! reading a clock. Nothing here awaits.

mod certificate;
mod crl;
pub mod crl_reader;
mod der_writer;
mod extensions;
mod issuer;
mod request;

pub use certificate::{
    Awaiting, IssuedCertificate, LintFindings, PrepareError, PreparedCertificate,
};
pub use crl::{
    AwaitingCrl, CrlCoverage, CrlEntry, CrlError, CrlWriter, DistributionPoint, IssuedCrl,
    OnlyContains, PreparedCrl,
};
pub use issuer::{Issuer, IssuerError};
pub use pki::BadSignature;
pub use request::{AwaitingRequest, PreparedRequest};
