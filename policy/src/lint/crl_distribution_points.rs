//! cRLDistributionPoints: one full http URL, of the list that the plan and the serial number say,
//! without reasons or another issuer.

use const_oid::AssociatedOid;
use pki::SerialNumber;
use x509_cert::ext::pkix::{
    CrlDistributionPoints,
    crl::dp::DistributionPoint,
    name::{DistributionPointName, GeneralName},
};

use super::{
    Rule,
    candidate::{Candidate, when},
};

pub(super) const RULE: Rule = Rule {
    id: "crl-distribution-points",
    citation: "RFC 5280 §4.2.1.13",
    check,
};

fn check(candidate: &Candidate<'_>) -> Vec<String> {
    let found = match candidate.value::<CrlDistributionPoints>() {
        Ok(found) => found.map(|points| points.0).unwrap_or_default(),
        Err(faults) => return faults,
    };
    let read: Option<Vec<&str>> = found.iter().map(uri).collect();
    let planned = planned(candidate);
    let mut faults = candidate.criticality(CrlDistributionPoints::OID, false);
    faults.extend(when(
        read.as_ref().is_none_or(|read| !read.iter().eq(&planned)),
        "are not the planned one",
    ));
    faults.extend(when(
        read.is_some_and(|uris| uris.iter().any(|uri| !uri.starts_with("http://"))),
        "are not at http",
    ));
    faults
}

/// The URL of the list that covers the serial number; none for a certificate on no list.
fn planned(candidate: &Candidate<'_>) -> Vec<String> {
    let serial = SerialNumber::from_x509(candidate.tbs().serial_number());
    let point = candidate.plan.crl_distribution_point.as_ref();
    point
        .and_then(|point| Some(point.url(serial.ok()?)))
        .into_iter()
        .collect()
}

/// The point's only URI; none if it says anything else.
fn uri(point: &DistributionPoint) -> Option<&str> {
    if point.reasons.is_some() || point.crl_issuer.is_some() {
        return None;
    }
    match point.distribution_point.as_ref()? {
        DistributionPointName::FullName(names) => match names.as_slice() {
            [GeneralName::UniformResourceIdentifier(uri)] => Some(uri.as_str()),
            _ => None,
        },
        DistributionPointName::NameRelativeToCRLIssuer(_) => None,
    }
}
