//! The entries of a list, against the copy and against the list that stands.

use feed::IssuerKind;
use issuance::crl_reader::CrlView;
use pki::{SerialNumber, time::Timestamp};

use super::{Against, CheckedList, Refusal};
use crate::knowledge::Known;

/// The serial numbers on a list, ascending. Lists from elsewhere need not be sorted.
pub(super) fn serials(list: &CrlView<'_>) -> Result<Vec<SerialNumber>, Refusal> {
    let serials = list.entries().map(|entry| entry.map(|entry| entry.serial));
    let mut serials: Vec<_> = serials.collect::<Result<_, _>>().map_err(Refusal::Entry)?;
    serials.sort_unstable();
    let twice = serials.windows(2).find_map(|pair| match pair {
        [one, other] if one == other => Some(*one),
        _ => None,
    });
    match twice {
        Some(serial) => Err(Refusal::Duplicate { serial }),
        None => Ok(serials),
    }
}

/// Every revocation that the feed told of before the list is on it.
pub(super) fn check_revocations(
    list: &CheckedList,
    seq: u64,
    against: &Against<'_>,
) -> Result<(), Refusal> {
    let missing = against
        .certificates
        .iter()
        .filter(|(_, known)| known.seq <= seq && is_due(known, list.this_update))
        .find(|(serial, _)| list.serials.binary_search(serial).is_err());
    match missing {
        Some((serial, _)) => Err(Refusal::RevocationMissing { serial: *serial }),
        None => Ok(()),
    }
}

/// Whether a certificate must be on a list of `this_update`. A revocation of the list's own second
/// or later may have come between making the list and recording it, and is on the next one.
fn is_due(known: &Known, this_update: Timestamp) -> bool {
    known.bad_since.is_some_and(|at| at < this_update) && known.not_after >= this_update
}

/// An entry leaves only when its certificate expired or was released, as the copy has it. The copy
/// knows all certificates of an issuing CA, but not those of a root.
pub(super) fn check_dropped(
    list: &CheckedList,
    standing: &CheckedList,
    against: &Against<'_>,
) -> Result<(), Refusal> {
    let may_leave = |serial: &SerialNumber| match against.certificates.get(serial) {
        Some(known) => known.bad_since.is_none() || known.not_after < list.this_update,
        None => against.kind == IssuerKind::Root,
    };
    let mut left = standing.serials.iter();
    let dropped =
        left.find(|serial| list.serials.binary_search(serial).is_err() && !may_leave(serial));
    match dropped {
        Some(serial) => Err(Refusal::EntryDropped { serial: *serial }),
        None => Ok(()),
    }
}
