//! JSON Web Signatures (RFC 7515) whose signer is named by a certificate chain (`x5c`).
//!
//! In scope: the flattened JSON form, the protected header, the algorithms of our keys by their JOSE
//! names, the form of ECDSA signatures. Out of scope: signing (crate `hsm`), the mathematics of
//! signatures (crate `pki`), whether the chain leads to somebody whom one trusts (the caller).
//!
//! Reading is verification: a [`Verified`] exists only if its signature was good under the key of
//! its first certificate.

mod algorithm;
mod error;
mod header;
mod signed;
mod unsigned;

pub use algorithm::name_of;
pub use error::JwsError;
pub use signed::{SignedJson, Verified};
pub use unsigned::Unsigned;

/// Media type of the flattened JSON form (RFC 7515 section 9.2.1).
pub const MEDIA_TYPE: &str = "application/jose+json";
