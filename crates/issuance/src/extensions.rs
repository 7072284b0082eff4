//! The extensions of certificates, as a plan orders them (RFC 5280 section 4.2).

use const_oid::{AssociatedOid, ObjectIdentifier};
use der::{
    Any, Encode,
    asn1::{Ia5String, Null, OctetString},
};
use pki::{PublicKey, SerialNumber, SubjectAltName};
use policy::{BasicConstraintsPlan, CertificatePlan, PolicyIdentifier};
use x509_cert::ext::{
    Extension,
    pkix::{
        AccessDescription, AuthorityInfoAccessSyntax, AuthorityKeyIdentifier, BasicConstraints,
        CertificatePolicies, CrlDistributionPoints, ExtendedKeyUsage,
        SubjectAltName as SubjectAltNameExtension, SubjectKeyIdentifier,
        certpolicy::{PolicyInformation, PolicyQualifierInfo},
        crl::dp::DistributionPoint,
        name::{DistributionPointName, GeneralName},
    },
};

use crate::certificate::PrepareError;

/// Encodes the Extensions of a certificate.
pub(crate) fn of_certificate(
    plan: &CertificatePlan,
    serial: SerialNumber,
    public_key: &PublicKey,
    authority_key_id: &[u8],
) -> Result<Vec<u8>, PrepareError> {
    let mut list = List::default();
    list.add(false, &authority_key_identifier(authority_key_id)?)?;
    let key_id = OctetString::new(public_key.key_id().as_bytes().as_slice())?;
    list.add(false, &SubjectKeyIdentifier(key_id))?;
    list.add(true, &plan.key_usage.to_x509())?;
    list.add(true, &basic_constraints(plan.basic_constraints))?;
    list.add_usages(&plan.extended_key_usage)?;
    list.add_policies(&plan.policies)?;
    // RFC 5280 section 4.2.1.6: critical exactly if the subject is empty.
    let subject_is_empty = plan.subject.attributes().is_empty();
    list.add_alt_names(&plan.subject_alt_names, subject_is_empty)?;
    list.add_locations(plan, serial)?;
    // RFC 9608 section 2 and RFC 6960 section 4.2.2.2.1: both hold NULL and are not critical.
    if plan.no_rev_avail {
        list.add_as(NO_REV_AVAIL, false, &Null)?;
    }
    if plan.ocsp_no_check {
        list.add_as(OCSP_NO_CHECK, false, &Null)?;
    }
    Ok(list.0.to_der()?)
}

/// Encodes the Extensions that a PKCS#10 request asks for.
pub(crate) fn requested(names: &[SubjectAltName], critical: bool) -> Result<Vec<u8>, PrepareError> {
    let mut list = List::default();
    list.add_alt_names(names, critical)?;
    Ok(list.0.to_der()?)
}

/// The AKI with a key identifier alone (RFC 5280 section 4.2.1.1).
pub(crate) fn authority_key_identifier(key_id: &[u8]) -> der::Result<AuthorityKeyIdentifier> {
    Ok(AuthorityKeyIdentifier {
        key_identifier: Some(OctetString::new(key_id)?),
        ..AuthorityKeyIdentifier::default()
    })
}

/// A distribution point that is one full name, a URI.
pub(crate) fn distribution_points(uri: &str) -> der::Result<Vec<DistributionPoint>> {
    let name = GeneralName::UniformResourceIdentifier(Ia5String::new(uri)?);
    Ok(vec![DistributionPoint {
        distribution_point: Some(DistributionPointName::FullName(vec![name])),
        reasons: None,
        crl_issuer: None,
    }])
}

#[derive(Default)]
pub(crate) struct List(pub(crate) Vec<Extension>);

impl List {
    pub(crate) fn add<T: AssociatedOid + Encode>(
        &mut self,
        critical: bool,
        value: &T,
    ) -> der::Result<()> {
        self.add_as(T::OID, critical, value)
    }

    pub(crate) fn add_as<T: Encode>(
        &mut self,
        extn_id: ObjectIdentifier,
        critical: bool,
        value: &T,
    ) -> der::Result<()> {
        let extn_value = OctetString::new(value.to_der()?)?;
        self.0.push(Extension {
            extn_id,
            critical,
            extn_value,
        });
        Ok(())
    }

    fn add_usages(&mut self, usages: &[ObjectIdentifier]) -> der::Result<()> {
        if usages.is_empty() {
            return Ok(());
        }
        self.add(false, &ExtendedKeyUsage(usages.to_vec()))
    }

    fn add_policies(&mut self, policies: &[PolicyIdentifier]) -> der::Result<()> {
        if policies.is_empty() {
            return Ok(());
        }
        let policies = policies
            .iter()
            .map(policy_information)
            .collect::<der::Result<_>>()?;
        self.add(false, &CertificatePolicies(policies))
    }

    fn add_alt_names(
        &mut self,
        names: &[SubjectAltName],
        critical: bool,
    ) -> Result<(), PrepareError> {
        if names.is_empty() {
            return Ok(());
        }
        let names = names
            .iter()
            .map(SubjectAltName::to_general_name)
            .collect::<Result<_, _>>()?;
        self.add(critical, &SubjectAltNameExtension(names))?;
        Ok(())
    }

    fn add_locations(&mut self, plan: &CertificatePlan, serial: SerialNumber) -> der::Result<()> {
        if let Some(point) = &plan.crl_distribution_point {
            let points = distribution_points(&point.url(serial))?;
            self.add(false, &CrlDistributionPoints(points))?;
        }
        let access = [(OCSP, &plan.ocsp_uri), (CA_ISSUERS, &plan.ca_issuers_uri)]
            .into_iter()
            .filter_map(|(method, uri)| uri.as_deref().map(|uri| access(method, uri)))
            .collect::<der::Result<Vec<_>>>()?;
        if access.is_empty() {
            return Ok(());
        }
        self.add(false, &AuthorityInfoAccessSyntax(access))
    }
}

fn basic_constraints(plan: BasicConstraintsPlan) -> BasicConstraints {
    match plan {
        BasicConstraintsPlan::EndEntity => BasicConstraints {
            ca: false,
            path_len_constraint: None,
        },
        BasicConstraintsPlan::Ca { path_len } => BasicConstraints {
            ca: true,
            path_len_constraint: path_len,
        },
    }
}

fn policy_information(policy: &PolicyIdentifier) -> der::Result<PolicyInformation> {
    let policy_qualifiers = match &policy.cps_uri {
        None => None,
        Some(uri) => Some(vec![PolicyQualifierInfo {
            policy_qualifier_id: CPS_QUALIFIER,
            qualifier: Some(Any::encode_from(&Ia5String::new(uri)?)?),
        }]),
    };
    Ok(PolicyInformation {
        policy_identifier: policy.oid,
        policy_qualifiers,
    })
}

fn access(access_method: ObjectIdentifier, uri: &str) -> der::Result<AccessDescription> {
    Ok(AccessDescription {
        access_method,
        access_location: GeneralName::UniformResourceIdentifier(Ia5String::new(uri)?),
    })
}

const CPS_QUALIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.2.1");
const OCSP: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1");
const CA_ISSUERS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.2");
const OCSP_NO_CHECK: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.5");
const NO_REV_AVAIL: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.56");
