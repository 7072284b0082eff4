//! extKeyUsage: as planned, never critical, never any; `OCSPSigning` stands alone.

use const_oid::AssociatedOid;
use x509_cert::ext::pkix::ExtendedKeyUsage;

use super::{
    Rule,
    candidate::{Candidate, when},
};
use crate::{OCSP_SIGNING, purpose};

pub(super) const RULE: Rule = Rule {
    id: "extended-key-usage",
    citation: "RFC 5280 §4.2.1.12, RFC 6960 §4.2.2.2",
    check,
};

fn check(candidate: &Candidate<'_>) -> Vec<String> {
    let present = candidate.extension(ExtendedKeyUsage::OID).is_some();
    let purposes = match candidate.value::<ExtendedKeyUsage>() {
        Ok(usage) => usage.map(|usage| usage.0).unwrap_or_default(),
        Err(faults) => return faults,
    };
    let mut faults = candidate.criticality(ExtendedKeyUsage::OID, false);
    faults.extend(when(present && purposes.is_empty(), "is empty"));
    faults.extend(when(
        purposes != candidate.plan.extended_key_usage,
        "is not the planned one",
    ));
    faults.extend(when(
        purposes.contains(&purpose::ANY),
        "has anyExtendedKeyUsage",
    ));
    faults.extend(when(
        purposes.contains(&OCSP_SIGNING) && purposes.len() > 1,
        "joins OCSPSigning with another purpose",
    ));
    faults
}
