//! What stands in the file.

use feed::Epoch;
use pki::{CrlNumber, CrlScope, IssuerName, time::Timestamp};
use serde::{Deserialize, Serialize};

use crate::gate::{List, Released};

/// What stands in the file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Content {
    /// The feed that the places are in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) epoch: Option<Epoch>,
    pub(super) lists: Vec<Record>,
}

/// A list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    pub(super) issuer: IssuerName,
    pub(super) scope: CrlScope,
    pub(super) number: CrlNumber,
    pub(super) this_update: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) as_of: Option<u64>,
    #[serde(with = "hex::serde")]
    pub(super) sha256: [u8; 32],
    /// Whether all outputs have it.
    pub(super) published: bool,
    /// What was on it although the copy had it as good; none if it was not compared with the copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) released: Option<Released>,
}

/// What is kept of a comparison, unless it is much.
pub(super) fn released(list: &List) -> Option<Released> {
    let released = list.agreed.as_ref()?.released();
    (released.len() <= MOST_RELEASED).then(|| released.to_vec())
}

pub(super) fn forget_old(records: &mut Vec<Record>, issuer: &IssuerName, scope: CrlScope) {
    let keep = match scope {
        CrlScope::Full | CrlScope::Delta => KEPT,
        CrlScope::Shard(_) => KEPT_OF_A_SHARD,
    };
    let of_scope = |record: &Record| record.issuer == *issuer && record.scope == scope;
    let mut numbers: Vec<_> = records
        .iter()
        .filter(|r| of_scope(r))
        .map(|r| r.number)
        .collect();
    numbers.sort_unstable();
    if let Some(oldest) = numbers.iter().rev().nth(keep - 1) {
        records.retain(|record| !of_scope(record) || record.number >= *oldest);
    }
}

/// Complete lists can be the base of a delta for long.
const KEPT: usize = 64;
const KEPT_OF_A_SHARD: usize = 4;
/// Of one list.
const MOST_RELEASED: usize = 1_000;
