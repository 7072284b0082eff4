//! The shards together are the full list, but for certificates that name no shard.

use std::collections::{BTreeMap, BTreeSet};

use pki::{CrlScope, SerialNumber};
use store::{
    StoreError,
    copy::{CopiedStatus, StatusCopy},
};

use super::list::FetchedList;
use crate::probe::{Look, memory::Memory};

/// Finds entries of the full list that are missing on their shard, and entries of shards that are
/// missing on the full list, unless the certificate changed after one of the two was made or its
/// time is over.
pub(in crate::probe) async fn check(
    lists: &BTreeMap<CrlScope, FetchedList>,
    copy: &StatusCopy,
    memory: &Memory,
    look: &mut Look<'_>,
) -> Result<(), StoreError> {
    let Some(full) = lists.get(&CrlScope::Full) else {
        return Ok(());
    };
    let shards: BTreeMap<u16, &FetchedList> = lists
        .iter()
        .filter_map(|(scope, list)| Some((scope.shard()?, list)))
        .collect();
    if shards.is_empty() {
        return Ok(());
    }
    let reach = |list: &FetchedList| memory.reach(&look.subject.issuer, list.scope, list.number);
    let mut found: BTreeMap<&str, (u32, SerialNumber)> = BTreeMap::new();
    for serial in differences(full, &shards).into_iter().take(LOOKED_UP) {
        let status = copy.status(&look.subject.issuer, serial).await?;
        // A number that the feed never told of is on no list for a good reason.
        let list = status.as_ref().and_then(|status| status.shard);
        let Some(list) = list.map_or_else(
            || holder(serial, &shards),
            |shard| shards.get(&shard).copied(),
        ) else {
            continue;
        };
        let both = reach(full)
            .zip(reach(list))
            .map(|(one, other)| one.min(other));
        if status.is_none_or(|status| must_agree(&status, both, full, list)) {
            found.entry(list.url.as_str()).or_insert((0, serial)).0 += 1;
        }
    }
    for (url, (count, serial)) in found {
        let detail = format!(
            "{count} entries differ from number {} of the full list, such as {serial}",
            full.number
        );
        look.findings.add("shard-union-differs", url, detail);
    }
    Ok(())
}

/// What stands on one side only.
fn differences(full: &FetchedList, shards: &BTreeMap<u16, &FetchedList>) -> BTreeSet<SerialNumber> {
    let mut missing: BTreeSet<SerialNumber> = shards
        .values()
        .flat_map(|list| list.serials())
        .filter(|serial| full.entry(*serial).is_none())
        .collect();
    let in_a_shard = |serial| shards.values().any(|list| list.entry(serial).is_some());
    missing.extend(full.serials().filter(|serial| !in_a_shard(*serial)));
    missing
}

fn holder<'a>(
    serial: SerialNumber,
    shards: &BTreeMap<u16, &'a FetchedList>,
) -> Option<&'a FetchedList> {
    shards
        .values()
        .copied()
        .find(|list| list.entry(serial).is_some())
}

/// Both lists show the certificate's last change, and it lives longer than both are of: entries
/// leave a list after their certificate's end, and not all lists at once.
fn must_agree(
    status: &CopiedStatus,
    reach: Option<u64>,
    full: &FetchedList,
    shard: &FetchedList,
) -> bool {
    let newest = full.this_update.max(shard.this_update);
    reach.is_some_and(|reach| status.sequence <= reach) && status.not_after > newest
}

/// The most differences that are looked up: by then something is wrong anyway.
const LOOKED_UP: usize = 10_000;
