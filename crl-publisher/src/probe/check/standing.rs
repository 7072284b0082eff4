//! Whether the lists say of a certificate what the feed said.
//!
//! A list shows every change up to the entry of the feed at which its entries were read, and none
//! after: a certificate that changed later is not judged by it.

use std::collections::BTreeMap;

use pki::{CrlScope, RevocationReason, SerialNumber};

use super::list::{FetchedList, Listed};
use crate::probe::{
    Look,
    memory::Memory,
    sample::{Expected, Sample},
};

/// Finds samples whose standing on the full list, on full list and delta together, or on their
/// shard is not the one that the feed told.
pub(in crate::probe) fn check(
    lists: &BTreeMap<CrlScope, FetchedList>,
    samples: &[Sample],
    memory: &Memory,
    look: &mut Look<'_>,
) {
    let reach = |list: &FetchedList| memory.reach(&look.subject.issuer, list.scope, list.number);
    let full = lists.get(&CrlScope::Full);
    let delta = lists.get(&CrlScope::Delta);
    let mut found = Vec::new();
    for sample in samples {
        if let Some(full) = full
            && covers(reach(full), sample)
        {
            let standing = Shown::of(full.entry(sample.serial));
            found.extend(differs("full-disagrees", full, sample, standing));
        }
        if let (Some(full), Some(delta)) = (full, delta)
            && covers(reach(delta), sample)
            && applies(full, delta)
        {
            let standing = Shown::together(full, delta, sample.serial);
            found.extend(differs("delta-disagrees", delta, sample, standing));
        }
        let shard = sample
            .shard
            .and_then(|shard| lists.get(&CrlScope::Shard(shard)));
        if let Some(shard) = shard
            && covers(reach(shard), sample)
        {
            let standing = Shown::of(shard.entry(sample.serial));
            found.extend(differs("shard-disagrees", shard, sample, standing));
        }
    }
    for (code, url, detail) in found {
        look.findings.add(code, &url, detail);
    }
}

/// A delta is used with a complete list that is not older than its base, and not newer than itself
/// (RFC 5280 section 5.2.4).
fn applies(full: &FetchedList, delta: &FetchedList) -> bool {
    delta.base.is_some_and(|base| base <= full.number) && delta.number > full.number
}

fn covers(reach: Option<u64>, sample: &Sample) -> bool {
    match sample.sequence {
        // Never issued: no list of any time has it.
        None => true,
        Some(sequence) => reach.is_some_and(|reach| sequence <= reach),
    }
}

/// What a list shows of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Absent,
    Revoked,
    OnHold,
}

impl Shown {
    fn of(entry: Option<&Listed>) -> Self {
        match entry.map(|entry| entry.reason) {
            None | Some(Some(RevocationReason::RemoveFromCrl)) => Self::Absent,
            Some(Some(RevocationReason::CertificateHold)) => Self::OnHold,
            Some(_) => Self::Revoked,
        }
    }

    /// What the delta says of a certificate overrides the complete list.
    fn together(full: &FetchedList, delta: &FetchedList, serial: SerialNumber) -> Self {
        Self::of(delta.entry(serial).or_else(|| full.entry(serial)))
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "not listed",
            Self::Revoked => "revoked",
            Self::OnHold => "on hold",
        }
    }
}

fn differs(
    code: &'static str,
    list: &FetchedList,
    sample: &Sample,
    shown: Shown,
) -> Option<(&'static str, String, String)> {
    let expected = match sample.expected {
        Expected::Good | Expected::NeverIssued => Shown::Absent,
        Expected::Revoked => Shown::Revoked,
        Expected::OnHold => Shown::OnHold,
    };
    (shown != expected).then(|| {
        let (serial, should) = (sample.serial, sample.expected.as_str());
        let detail = format!(
            "{serial} is {should}, but {} in number {}",
            shown.as_str(),
            list.number
        );
        (code, list.url.clone(), detail)
    })
}
