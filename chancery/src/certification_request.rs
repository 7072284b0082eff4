//! PKCS#10 requests for keys in files (RFC 2986). Unlike those of CAs they may be without a subject:
//! the RA's statement names the subscriber.

use der::{
    Encode as _,
    asn1::{BitString, OctetString, SetOfVec},
};
use pki::{CertificationRequest, DistinguishedName, PublicKey, SignatureAlgorithm, SubjectAltName};
use spki::SubjectPublicKeyInfoOwned;
use x509_cert::{
    attr::Attribute,
    ext::{Extension, pkix},
    name::Name,
    request::{CertReq, CertReqInfo, ExtensionReq, Version},
};

use crate::failure::Failure;

/// Builds a request for `public_key`, has `sign` sign it, and reads it back as the CA will.
pub(crate) fn pem(
    subject: Option<&DistinguishedName>,
    alt_names: &[SubjectAltName],
    public_key: &PublicKey,
    sign: impl FnOnce(&[u8]) -> Option<Vec<u8>>,
) -> Result<String, Failure> {
    let broken = || Failure::internal("the CSR cannot be made");
    let info = info(subject, alt_names, public_key).ok_or_else(broken)?;
    let info_der = info.to_der().map_err(|error| broken().because(&error))?;
    let algorithm = SignatureAlgorithm::default_for(&public_key.algorithm());
    let signature = sign(&info_der)
        .and_then(|signature| BitString::from_bytes(&signature).ok())
        .ok_or_else(broken)?;
    let request = CertReq {
        info,
        algorithm: algorithm.algorithm_identifier(),
        signature,
    };
    let der = request.to_der().map_err(|error| broken().because(&error))?;
    CertificationRequest::parse(&der).map_err(|error| {
        Failure::refused("these names make no acceptable CSR")
            .rule(error.code())
            .because(&error)
    })?;
    Ok(pki::pem::encode("CERTIFICATE REQUEST", &der))
}

fn info(
    subject: Option<&DistinguishedName>,
    alt_names: &[SubjectAltName],
    public_key: &PublicKey,
) -> Option<CertReqInfo> {
    let mut attributes = SetOfVec::new();
    if !alt_names.is_empty() {
        let request = ExtensionReq(vec![alt_names_extension(alt_names, subject.is_none())?]);
        attributes.insert(Attribute::try_from(request).ok()?).ok()?;
    }
    Some(CertReqInfo {
        version: Version::V1,
        subject: subject.map_or_else(Name::default, DistinguishedName::to_x509),
        public_key: SubjectPublicKeyInfoOwned::try_from(public_key.spki_der()).ok()?,
        attributes,
    })
}

/// Critical exactly if there is no subject (RFC 5280 section 4.2.1.6).
fn alt_names_extension(alt_names: &[SubjectAltName], critical: bool) -> Option<Extension> {
    let names: Option<Vec<_>> = alt_names
        .iter()
        .map(|name| name.to_general_name().ok())
        .collect();
    let value = pkix::SubjectAltName(names?).to_der().ok()?;
    Some(Extension {
        extn_id: <pkix::SubjectAltName as der::oid::AssociatedOid>::OID,
        critical,
        extn_value: OctetString::new(value).ok()?,
    })
}
