//! What an issued certificate says: names and policies, read back from its DER.

use der::Decode;
use der::asn1::ObjectIdentifier;
use pki::{Certificate, DistinguishedName, SubjectAltName};
use x509_cert::ext::pkix::{CertificatePolicies, SubjectAltName as SanExtension};

/// The subject.
///
/// # Errors
/// A name that this CA would not have issued.
pub fn subject(certificate: &Certificate) -> anyhow::Result<DistinguishedName> {
    let name = certificate.x509().tbs_certificate().subject();
    DistinguishedName::from_x509(name)
        .map_err(|faults| anyhow::anyhow!("the subject cannot be read: {faults:?}"))
}

/// The subject alternative names, in their order.
///
/// # Errors
/// A name that this CA would not have issued.
pub fn subject_alt_names(certificate: &Certificate) -> anyhow::Result<Vec<SubjectAltName>> {
    let Some(SanExtension(names)) = extension(certificate)? else {
        return Ok(Vec::new());
    };
    names
        .iter()
        .map(|name| {
            SubjectAltName::from_general_name(name)
                .map_err(|fault| anyhow::anyhow!("an alternative name cannot be read: {fault:?}"))
        })
        .collect()
}

/// The policy OIDs, dotted.
///
/// # Errors
/// An extension that does not parse.
pub fn policy_oids(certificate: &Certificate) -> anyhow::Result<Vec<String>> {
    let policies: Option<CertificatePolicies> = extension(certificate)?;
    let oids = policies.map(|policies| policies.0).unwrap_or_default();
    Ok(oids
        .into_iter()
        .map(|policy| policy.policy_identifier.to_string())
        .collect())
}

fn extension<'a, T>(certificate: &'a Certificate) -> anyhow::Result<Option<T>>
where
    T: Decode<'a, Error = der::Error> + der::oid::AssociatedOid,
{
    let oid: ObjectIdentifier = T::OID;
    let extensions = certificate.x509().tbs_certificate().extensions();
    let found = extensions.and_then(|all| all.iter().find(|extension| extension.extn_id == oid));
    Ok(found
        .map(|extension| T::from_der(extension.extn_value.as_bytes()))
        .transpose()?)
}
