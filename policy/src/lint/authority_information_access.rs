//! authorityInfoAccess: the planned OCSP responder and issuer certificate, at http, not critical.

use const_oid::{AssociatedOid, ObjectIdentifier};
use x509_cert::ext::pkix::{AuthorityInfoAccessSyntax, name::GeneralName};

use super::{
    Rule,
    candidate::{Candidate, when},
};

pub(super) const RULE: Rule = Rule {
    id: "authority-information-access",
    citation: "RFC 5280 §4.2.2.1",
    check,
};

/// id-ad-ocsp.
const OCSP: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1");

/// id-ad-caIssuers.
const CA_ISSUERS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.2");

fn check(candidate: &Candidate<'_>) -> Vec<String> {
    let found = match candidate.value::<AuthorityInfoAccessSyntax>() {
        Ok(found) => found.map(|access| access.0).unwrap_or_default(),
        Err(faults) => return faults,
    };
    let mut read = Vec::new();
    for description in &found {
        if let GeneralName::UniformResourceIdentifier(uri) = &description.access_location {
            read.push((description.access_method, uri.as_str()));
        }
    }
    let plan = candidate.plan;
    let wanted = [(OCSP, &plan.ocsp_uri), (CA_ISSUERS, &plan.ca_issuers_uri)];
    let mut planned: Vec<(ObjectIdentifier, &str)> = wanted
        .into_iter()
        .filter_map(|(method, uri)| Some((method, uri.as_deref()?)))
        .collect();
    read.sort_unstable();
    planned.sort_unstable();
    let mut faults = candidate.criticality(AuthorityInfoAccessSyntax::OID, false);
    faults.extend(when(
        read.len() != found.len() || read != planned,
        "is not the planned access",
    ));
    faults.extend(when(
        read.iter().any(|(_, uri)| !uri.starts_with("http://")),
        "is not at http",
    ));
    faults
}
