//! The way from the complete list to its delta (RFC 5280 sections 5.2.4 and 5.2.6).

use std::collections::BTreeMap;

use pki::CrlScope;

use super::list::FetchedList;
use crate::probe::Look;

/// Finds a complete list that does not lead to the delta, and a delta that stands on a complete
/// list that is not out.
pub(in crate::probe) fn check(lists: &BTreeMap<CrlScope, FetchedList>, look: &mut Look<'_>) {
    let Some(full) = lists.get(&CrlScope::Full) else {
        return;
    };
    let mut urls = look.subject.list_urls.iter();
    let expected = urls.find_map(|(scope, url)| (*scope == CrlScope::Delta).then_some(url));
    if let Some(expected) = expected
        && full.freshest.as_ref() != Some(expected)
    {
        let detail = match &full.freshest {
            None => "it names no delta".to_owned(),
            Some(found) => format!("it names the delta {found} instead of {expected}"),
        };
        look.findings.add("freshest-wrong", &full.url, detail);
    }
    if let Some(delta) = lists.get(&CrlScope::Delta)
        && delta.base.is_some_and(|base| base > full.number)
    {
        let base = delta.base.map(|base| base.to_string()).unwrap_or_default();
        let detail = format!("it adds to {base}, but {} is out", full.number);
        look.findings.add("delta-base-not-out", &delta.url, detail);
    }
}
