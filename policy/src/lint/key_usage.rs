//! keyUsage: present, critical, as planned; keyCertSign for CAs and no others.

use const_oid::AssociatedOid;
use x509_cert::ext::pkix::KeyUsage;

use super::{
    Rule,
    candidate::{Candidate, when},
};

pub(super) const RULE: Rule = Rule {
    id: "key-usage",
    citation: "RFC 5280 §4.2.1.3",
    check,
};

fn check(candidate: &Candidate<'_>) -> Vec<String> {
    let usage = match candidate.value::<KeyUsage>() {
        Ok(Some(usage)) => usage,
        Ok(None) => return vec!["is absent".to_owned()],
        Err(faults) => return faults,
    };
    let mut faults = candidate.criticality(KeyUsage::OID, true);
    faults.extend(when(usage.0.is_empty(), "has no bit"));
    faults.extend(when(
        usage != candidate.plan.key_usage.to_x509(),
        "is not the planned one",
    ));
    faults.extend(when(
        usage.key_cert_sign() != candidate.is_ca(),
        "keyCertSign belongs to CAs, and to every CA",
    ));
    faults.extend(when(
        candidate.is_ca() && !usage.crl_sign(),
        "a CA of ours signs its own CRL and needs cRLSign",
    ));
    faults
}
