//! The two signature algorithms are the same octets, and one that the CA may use.

use der::Encode;

use super::{Rule, candidate::Candidate};

pub(super) const RULE: Rule = Rule {
    id: "signature-algorithm",
    citation: "RFC 5280 §4.1.1.2, BR 7.1.3.2",
    check,
};

fn check(candidate: &Candidate<'_>) -> Vec<String> {
    let outer = candidate.x509().signature_algorithm();
    let inner = candidate.tbs().signature();
    let mut faults = Vec::new();
    if outer.to_der().ok() != inner.to_der().ok() {
        faults.push("differs between the certificate and what is signed".to_owned());
    }
    // from_identifier knows each algorithm with exactly its parameters, and none with SHA-1.
    if pki::SignatureAlgorithm::from_identifier(inner).is_none() {
        faults.push("is unknown, or its parameters are not those of its RFC".to_owned());
    }
    faults
}
