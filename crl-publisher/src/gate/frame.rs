//! Everything of a list but its entries.

use feed::IssuerKind;
use issuance::{CrlCoverage, DistributionPoint, OnlyContains};
use pki::{
    Certificate, CrlScope,
    time::{SignedDuration, Timestamp},
};
use x509_cert::{
    der::{Decode as _, oid::AssociatedOid as _},
    ext::pkix::{
        CrlDistributionPoints,
        name::{DistributionPointName, GeneralName},
    },
};

use super::{Against, Contents, Offer, Refusal};

pub(super) fn check_size(der: &[u8], max_bytes: u64) -> Result<(), Refusal> {
    let size = u64::try_from(der.len()).unwrap_or(u64::MAX);
    if size > max_bytes {
        return Err(Refusal::TooLarge { size, max_bytes });
    }
    Ok(())
}

/// The list is the announced one, and was read at a possible place of the feed.
pub(super) fn check_announced(offer: &Offer, list: &Contents) -> Result<(), Refusal> {
    if list.number != offer.number {
        return Err(Refusal::OtherNumber {
            found: list.number,
            announced: offer.number,
        });
    }
    if offer.as_of >= offer.sequence {
        return Err(Refusal::AsOf {
            as_of: offer.as_of,
            bound: offer.sequence,
        });
    }
    Ok(())
}

/// What the list says that it covers is what its scope covers (RFC 5280 sections 5.2.4 to 5.2.6).
pub(super) fn check_coverage(
    offer: &Offer,
    list: &Contents,
    against: &Against,
) -> Result<(), Refusal> {
    if against.kind == IssuerKind::Root {
        return check_root(offer, list, against);
    }
    // RFC 5280 section 5.2.1.
    if !list.has_authority_key {
        return Err(Refusal::NoAuthorityKey);
    }
    let url = |scope: CrlScope| {
        let repository = against.repository.as_deref();
        repository.map(|base| format!("{base}/{}", scope.path(&against.name)))
    };
    let expected = match offer.scope {
        CrlScope::Full => CrlCoverage {
            // Whether there are deltas changes with the policy; where they stand does not.
            freshest_crl: list
                .coverage
                .freshest_crl
                .as_ref()
                .and(url(CrlScope::Delta)),
            ..CrlCoverage::default()
        },
        CrlScope::Delta => CrlCoverage {
            delta_base: offer.base,
            ..CrlCoverage::default()
        },
        CrlScope::Shard(_) => CrlCoverage {
            distribution_point: Some(DistributionPoint {
                uri: url(offer.scope),
                only_contains: OnlyContains::UserCertificates,
            }),
            ..CrlCoverage::default()
        },
    };
    let delta_without_base = offer.scope == CrlScope::Delta && offer.base.is_none();
    if delta_without_base || list.coverage != expected {
        return Err(Refusal::Scope { scope: offer.scope });
    }
    Ok(())
}

/// A root's list is complete, or says that it covers CA certificates, under the URL that those
/// name. It need not be ours, so that it may lack the key identifier.
fn check_root(offer: &Offer, list: &Contents, against: &Against) -> Result<(), Refusal> {
    let wrong = Refusal::Scope { scope: offer.scope };
    if offer.scope != CrlScope::Full
        || list.coverage.delta_base.is_some()
        || list.coverage.freshest_crl.is_some()
    {
        return Err(wrong);
    }
    let Some(point) = &list.coverage.distribution_point else {
        return Ok(());
    };
    if point.only_contains != OnlyContains::CaCertificates {
        return Err(wrong);
    }
    let named: Vec<String> = against
        .ca_certificates
        .iter()
        .filter(|certificate| certificate.issuer_der() == against.issuer.subject_der())
        .flat_map(distribution_points)
        .collect();
    match &point.uri {
        Some(uri) if !named.is_empty() && !named.contains(uri) => Err(wrong),
        Some(_) | None => Ok(()),
    }
}

fn distribution_points(certificate: &Certificate) -> Vec<String> {
    let extensions = certificate.x509().tbs_certificate().extensions();
    let extension = extensions
        .into_iter()
        .flatten()
        .find(|extension| extension.extn_id == CrlDistributionPoints::OID);
    let points = extension
        .and_then(|found| CrlDistributionPoints::from_der(found.extn_value.as_bytes()).ok());
    let names = points
        .into_iter()
        .flat_map(|points| points.0)
        .filter_map(|point| match point.distribution_point {
            Some(DistributionPointName::FullName(names)) => Some(names),
            Some(DistributionPointName::NameRelativeToCRLIssuer(_)) | None => None,
        });
    let mut uris = Vec::new();
    for name in names.flatten() {
        if let GeneralName::UniformResourceIdentifier(uri) = name {
            uris.push(uri.to_string());
        }
    }
    uris
}

pub(super) fn check_times(list: &Contents, now: Timestamp) -> Result<(), Refusal> {
    let latest = now.checked_add(CLOCK_TOLERANCE).unwrap_or(Timestamp::MAX);
    if list.this_update > latest {
        return Err(Refusal::NotYetValid {
            this_update: list.this_update,
        });
    }
    if list.next_update <= now || list.next_update <= list.this_update {
        return Err(Refusal::Expired {
            next_update: list.next_update,
        });
    }
    Ok(())
}

/// Numbers and times only go up (RFC 5280 section 5.2.3). Two lists of one second are possible.
pub(super) fn check_order(
    offer: &Offer,
    list: &Contents,
    against: &Against,
) -> Result<(), Refusal> {
    if let Some(floor) = &against.floor {
        let same = list.number == floor.number && list.digest == floor.digest;
        if list.number <= floor.number && !same {
            return Err(Refusal::NumberNotHigher {
                number: list.number,
                standing: floor.number,
            });
        }
        check_not_older(list, floor.this_update)?;
        check_as_of(offer.as_of, floor.as_of)?;
    }
    if let Some(standing) = &against.standing {
        if list.number <= standing.number {
            return Err(Refusal::NumberNotHigher {
                number: list.number,
                standing: standing.number,
            });
        }
        check_not_older(list, standing.this_update)?;
        check_as_of(offer.as_of, standing.as_of)?;
    }
    if offer.scope == CrlScope::Delta {
        check_base(offer, against)?;
    }
    Ok(())
}

fn check_not_older(list: &Contents, standing: Timestamp) -> Result<(), Refusal> {
    if list.this_update < standing {
        return Err(Refusal::OlderThanStanding {
            this_update: list.this_update,
            standing,
        });
    }
    Ok(())
}

fn check_as_of(as_of: u64, standing: Option<u64>) -> Result<(), Refusal> {
    match standing {
        Some(bound) if as_of < bound => Err(Refusal::AsOf { as_of, bound }),
        Some(_) | None => Ok(()),
    }
}

/// A delta adds to a complete list that relying parties can have, and is newer than the one that
/// stands: combined with an older delta that one would lose revocations.
fn check_base(offer: &Offer, against: &Against) -> Result<(), Refusal> {
    let (Some(base), Some(full)) = (offer.base, &against.full) else {
        return Err(Refusal::DeltaBase { base: offer.base });
    };
    if offer.number <= full.number {
        return Err(Refusal::NumberNotHigher {
            number: offer.number,
            standing: full.number,
        });
    }
    match against.base_as_of {
        Some(as_of) if base <= full.number && as_of <= offer.as_of => Ok(()),
        Some(_) | None => Err(Refusal::DeltaBase { base: offer.base }),
    }
}

/// How far the CA's clock may run ahead of this one.
pub(super) const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(5);
