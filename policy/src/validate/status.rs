//! Sections 4.9, 6.1, 6.3, 7.2 and 7.3: revocation, CRLs, OCSP, the CA's own keys.

use jiff::SignedDuration;
use pki::{RevocationReason, SignatureAlgorithm};

use super::{FORMAT, checker::Checker};
use crate::{
    model::{CrlRules, DeltaRules, OcspRules},
    source::{DeltaProfile, Ground, PolicySource},
};

const fn hours(count: i64) -> SignedDuration {
    SignedDuration::from_hours(count)
}

pub(super) fn revocation(
    source: &PolicySource,
    checker: &mut Checker<'_>,
) -> Option<SignedDuration> {
    let section = &source.revocation;
    for (index, ground) in section.grounds.iter().enumerate() {
        check_ground(ground, &format!("\"4.9\".grounds[{index}]"), checker);
    }
    checker.unique(
        "\"4.9\".grounds",
        section.grounds.iter().map(|ground| &ground.id),
    );
    checker.require(
        !section.grounds.is_empty(),
        "\"4.9\".grounds",
        "is empty",
        "BR 4.9.1.1",
    );
    if let Some(suspension) = &section.suspension {
        for (key, who) in [("hold", &suspension.hold), ("release", &suspension.release)] {
            let path = format!("\"4.9\".suspension.{key}");
            checker.require(!who.is_empty(), &path, "names nobody", FORMAT);
        }
    }
    let path = "\"4.9\".acknowledgement";
    let bound = checker.duration(path, &section.acknowledgement);
    checker.at_most(path, bound, hours(1), "CPS 4.9.5");
    bound
}

fn check_ground(ground: &Ground, path: &str, checker: &mut Checker<'_>) {
    checker.id(&format!("{path}.id"), &ground.id, "._");
    checker.require(
        !matches!(ground.id.as_str(), "hold" | "release"),
        &format!("{path}.id"),
        "is a word of suspension",
        FORMAT,
    );
    let names_someone = !ground.initiators.is_empty();
    checker.require(
        names_someone,
        &format!("{path}.initiators"),
        "names nobody",
        FORMAT,
    );
    checker.require(
        (1..=2).contains(&ground.approvals),
        &format!("{path}.approvals"),
        "must be 1 or 2",
        FORMAT,
    );
    checker.require(
        ground.compromise == (ground.reason == RevocationReason::KeyCompromise),
        &format!("{path}.compromise"),
        "must be true for keyCompromise and for no other reason",
        "RFC 5280 §5.3.1",
    );
    let deadline_path = format!("{path}.deadline");
    let deadline = checker.duration(&deadline_path, &ground.deadline);
    let (limit, rule) = if ground.compromise {
        (hours(24), "BR 4.9.1.1")
    } else {
        (hours(5 * 24), "BR 4.9.1.1")
    };
    checker.at_most(&deadline_path, deadline, limit, rule);
}

pub(super) fn crl(source: &PolicySource, checker: &mut Checker<'_>) -> Option<CrlRules> {
    let section = &source.crl;
    let next_update = checker.duration("\"7.2\".next_update", &section.next_update);
    let interval = checker.duration("\"7.2\".interval", &section.interval);
    let after = checker.duration("\"7.2\".after_revocation", &section.after_revocation);
    let overlap = checker.duration("\"7.2\".overlap", &section.overlap);
    checker.at_most("\"7.2\".next_update", next_update, hours(240), "BR 4.9.7");
    checker.at_most("\"7.2\".interval", interval, hours(168), "BR 4.9.7");
    checker.at_most("\"7.2\".after_revocation", after, hours(24), "BR 4.9.7");
    checker.require(
        section.shards <= MOST_SHARDS,
        "\"7.2\".shards",
        format!("is {}, more than {MOST_SHARDS}", section.shards),
        FORMAT,
    );
    let delta = section.delta.as_ref().map(|it| delta_times(it, checker));
    let rules = CrlRules {
        next_update: next_update?,
        interval: interval?,
        after_revocation: after?,
        overlap: overlap?,
        shards: section.shards,
        delta: delta.map_or(Some(None), |it| it.map(Some))?,
    };
    checker.require(
        rules.interval.saturating_add(rules.overlap) <= rules.next_update,
        "\"7.2\".overlap",
        "interval and overlap together are more than next_update: a list would end before the next",
        "RFC 5280 §5.1.2.5",
    );
    if let Some(delta) = rules.delta {
        check_delta(&delta, &rules, checker);
    }
    Some(rules)
}

fn delta_times(source: &DeltaProfile, checker: &mut Checker<'_>) -> Option<DeltaRules> {
    let mut read = |key: &str, text: &str| checker.duration(&format!("\"7.2\".delta.{key}"), text);
    let next_update = read("next_update", &source.next_update);
    let interval = read("interval", &source.interval);
    let after_revocation = read("after_revocation", &source.after_revocation);
    Some(DeltaRules {
        next_update: next_update?,
        interval: interval?,
        after_revocation: after_revocation?,
    })
}

/// Deltas that are not ahead of the complete list in any way would only be in the way.
fn check_delta(delta: &DeltaRules, full: &CrlRules, checker: &mut Checker<'_>) {
    let path = "\"7.2\".delta.next_update";
    checker.at_most(
        path,
        Some(delta.next_update),
        full.next_update,
        "RFC 5280 §5.2.4",
    );
    checker.at_most(
        "\"7.2\".delta.interval",
        Some(delta.interval),
        full.interval,
        "RFC 5280 §5.2.4",
    );
    checker.at_most(
        "\"7.2\".delta.after_revocation",
        Some(delta.after_revocation),
        full.after_revocation,
        "RFC 5280 §5.2.4",
    );
    checker.require(
        delta.interval < delta.next_update,
        path,
        "is not longer than interval: a delta would end before the next",
        "RFC 5280 §5.1.2.5",
    );
}

/// A list has its own number, signature and file: more than this many cost more than they spare.
const MOST_SHARDS: u16 = 4096;

pub(super) fn ocsp(source: &PolicySource, checker: &mut Checker<'_>) -> Option<OcspRules> {
    let section = &source.ocsp;
    let mut read = |key: &str, text: &str| checker.duration(&format!("\"7.3\".{key}"), text);
    let validity = read("validity", &section.validity);
    let max_age = read("max_age", &section.max_age);
    let max_staleness = read("max_staleness", &section.max_staleness);
    let certificate = read(
        "responder_certificate_validity",
        &section.responder_certificate_validity,
    );
    let renew_every = read("renew_every", &section.renew_every);
    let archive_cutoff = read("archive_cutoff", &section.archive_cutoff);
    checker.at_least("\"7.3\".validity", validity, hours(8), "BR 4.9.10");
    checker.at_most("\"7.3\".validity", validity, hours(240), "BR 4.9.10");
    let path = "\"7.3\".responder_certificate_validity";
    checker.at_most(path, certificate, hours(398 * 24), "RFC 6960 §4.2.2.2.1");
    let rules = OcspRules {
        validity: validity?,
        max_age: max_age?,
        max_staleness: max_staleness?,
        responder_certificate_validity: certificate?,
        renew_every: renew_every?,
        archive_cutoff: archive_cutoff?,
    };
    checker.at_most("\"7.3\".max_age", max_age, rules.validity, "RFC 9919 §5");
    checker.at_most(
        "\"7.3\".max_staleness",
        max_staleness,
        rules.validity,
        "CPS 4.9.10",
    );
    checker.require(
        rules.renew_every.saturating_add(rules.validity) <= rules.responder_certificate_validity,
        "\"7.3\".renew_every",
        "an answer would outlive its responder's certificate",
        "RFC 6960 §4.2.2.2",
    );
    Some(rules)
}

pub(super) fn signature_algorithms(
    source: &PolicySource,
    checker: &mut Checker<'_>,
) -> Vec<SignatureAlgorithm> {
    let path = "\"6.1\".signature_algorithms";
    let names = &source.keys.signature_algorithms;
    checker.require(!names.is_empty(), path, "is empty", "BR 7.1.3.2");
    checker.unique(path, names);
    let mut algorithms = Vec::new();
    for (index, name) in names.iter().enumerate() {
        match name.parse() {
            Ok(algorithm) => algorithms.push(algorithm),
            Err(_) => checker.fault(
                &format!("{path}[{index}]"),
                format!("{name:?} is not a signature algorithm that the CA knows"),
                "BR 7.1.3.2",
            ),
        }
    }
    algorithms
}

pub(super) fn ca_periods(
    source: &PolicySource,
    checker: &mut Checker<'_>,
) -> Option<(SignedDuration, SignedDuration)> {
    let root = checker.duration("\"6.3\".root", &source.periods.root);
    let issuing = checker.duration("\"6.3\".issuing", &source.periods.issuing);
    checker.at_most("\"6.3\".root", root, hours(9132 * 24), "BR 6.3.2");
    let (root, issuing) = (root?, issuing?);
    checker.at_most("\"6.3\".issuing", Some(issuing), root, "RFC 5280 §6.1");
    Some((root, issuing))
}
