//! thisUpdate and nextUpdate: a list outside of them says nothing (RFC 5280 section 6.3.3).

use pki::time::SignedDuration;

use super::list::FetchedList;
use crate::probe::Look;

/// Finds a list that is over, and one of the future.
pub(in crate::probe) fn check(list: &FetchedList, look: &mut Look<'_>) {
    let FetchedList {
        url,
        this_update,
        next_update,
        ..
    } = list;
    if *next_update <= look.now {
        let detail = format!("it ended {next_update}");
        look.findings.add("list-expired", url, detail);
    }
    let latest = look.now.checked_add(CLOCK_TOLERANCE).unwrap_or(look.now);
    if *this_update > latest {
        let detail = format!("it begins {this_update}");
        look.findings.add("list-not-yet-valid", url, detail);
    }
}

/// How far the CA's clock may run ahead of this one.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(1);
