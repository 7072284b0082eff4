//! authorityKeyIdentifier: the issuer's subjectKeyIdentifier, not critical.

use const_oid::AssociatedOid;
use x509_cert::ext::pkix::AuthorityKeyIdentifier;

use super::{
    Rule,
    candidate::{Candidate, when},
};

pub(super) const RULE: Rule = Rule {
    id: "authority-key-identifier",
    citation: "RFC 5280 §4.2.1.1, BR 7.1.2.11.1",
    check,
};

fn check(candidate: &Candidate<'_>) -> Vec<String> {
    let found = match candidate.value::<AuthorityKeyIdentifier>() {
        Ok(Some(found)) => found,
        // A self-signed certificate may leave it out.
        Ok(None) => return when(candidate.issuer.is_some(), "is absent"),
        Err(faults) => return faults,
    };
    let expected = match candidate.issuer {
        Some(issuer) => issuer.subject_key_id().map(<[u8]>::to_vec),
        None => candidate.key_id().map(|id| id.as_bytes().to_vec()),
    };
    let id = found
        .key_identifier
        .as_ref()
        .map(|id| id.as_bytes().to_vec());
    let mut faults = candidate.criticality(AuthorityKeyIdentifier::OID, false);
    faults.extend(when(
        id.is_none() || id != expected,
        "is not the subjectKeyIdentifier of the issuer",
    ));
    faults.extend(when(
        found.authority_cert_issuer.is_some() || found.authority_cert_serial_number.is_some(),
        "names the issuer's certificate, which would bind it to one of several",
    ));
    faults
}
