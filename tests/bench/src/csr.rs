//! Certification requests, prepared before the clock runs.

use anyhow::anyhow;
use aws_lc_rs::{
    encoding::{AsDer as _, PublicKeyX509Der},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use der::{Decode as _, Encode as _, asn1::BitString};
use pki::SignatureAlgorithm;
use spki::SubjectPublicKeyInfoOwned;
use x509_cert::{
    attr::Attributes,
    name::Name,
    request::{CertReq, CertReqInfo, Version},
};

/// A request for a new P-256 key, without names, PEM.
///
/// # Errors
/// The key cannot be made.
pub(crate) fn p256() -> anyhow::Result<String> {
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING)
        .map_err(|_| anyhow!("no key could be made"))?;
    let spki: PublicKeyX509Der<'_> = key
        .public_key()
        .as_der()
        .map_err(|_| anyhow!("the key has no DER"))?;
    let info = CertReqInfo {
        version: Version::V1,
        subject: Name::default(),
        public_key: SubjectPublicKeyInfoOwned::from_der(spki.as_ref())?,
        attributes: Attributes::default(),
    };
    let signature = key
        .sign(&SystemRandom::new(), &info.to_der()?)
        .map_err(|_| anyhow!("the key does not sign"))?;
    let request = CertReq {
        info,
        algorithm: SignatureAlgorithm::EcdsaSha256.algorithm_identifier(),
        signature: BitString::from_bytes(signature.as_ref())?,
    };
    Ok(pki::pem::encode("CERTIFICATE REQUEST", &request.to_der()?))
}
