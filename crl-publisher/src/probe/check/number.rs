//! Numbers of lists: only upward, and not behind what the feed announced (RFC 5280 section 5.2.3).

use super::list::FetchedList;
use crate::probe::{Look, memory::Memory};

/// Finds a list that is older than one seen before under the same URL, and one that is older than
/// the newest that is announced for longer than the tolerance.
pub(in crate::probe) fn check(list: &FetchedList, memory: &mut Memory, look: &mut Look<'_>) {
    if let Some(before) = memory.saw(&list.url, list.number)
        && before > list.number
    {
        let detail = format!("number {} after {before}", list.number);
        look.findings.add("list-number-lower", &list.url, detail);
    }
    let Some(announced) = look.subject.announced(list.scope) else {
        return;
    };
    let due = announced.this_update.checked_add(look.tolerance);
    if list.number < announced.number && due.is_ok_and(|due| due < look.now) {
        let detail = format!(
            "number {} though {} was made {}",
            list.number, announced.number, announced.this_update
        );
        look.findings.add("list-behind", &list.url, detail);
    }
}
