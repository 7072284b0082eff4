//! certificatePolicies: the planned ones, each once, with the address of the CPS and nothing else.

use std::collections::BTreeSet;

use const_oid::{AssociatedOid, ObjectIdentifier};
use der::asn1::Ia5StringRef;
use x509_cert::ext::pkix::{CertificatePolicies, certpolicy::PolicyInformation};

use super::{
    Rule,
    candidate::{Candidate, when},
};

pub(super) const RULE: Rule = Rule {
    id: "certificate-policies",
    citation: "RFC 5280 §4.2.1.4",
    check,
};

/// id-qt-cps.
const CPS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.2.1");

fn check(candidate: &Candidate<'_>) -> Vec<String> {
    let found = match candidate.value::<CertificatePolicies>() {
        Ok(found) => found.map(|policies| policies.0).unwrap_or_default(),
        Err(faults) => return faults,
    };
    let planned: Vec<(ObjectIdentifier, Option<String>)> = candidate
        .plan
        .policies
        .iter()
        .map(|policy| (policy.oid, policy.cps_uri.clone()))
        .collect();
    let read: Option<Vec<_>> = found.iter().map(read).collect();
    let mut seen = BTreeSet::new();
    let twice = found
        .iter()
        .any(|policy| !seen.insert(policy.policy_identifier));
    let mut faults = candidate.criticality(CertificatePolicies::OID, false);
    faults.extend(when(twice, "has a policy twice"));
    faults.extend(when(read != Some(planned), "are not the planned ones"));
    faults
}

/// The policy and the address of its CPS; none if there is any other qualifier.
fn read(policy: &PolicyInformation) -> Option<(ObjectIdentifier, Option<String>)> {
    let qualifiers = policy.policy_qualifiers.as_deref().unwrap_or_default();
    let uri = match qualifiers {
        [] => None,
        [only] if only.policy_qualifier_id == CPS => {
            let text: Ia5StringRef<'_> = only.qualifier.as_ref()?.decode_as().ok()?;
            Some(text.as_str().to_owned())
        }
        _ => return None,
    };
    Some((policy.policy_identifier, uri))
}
