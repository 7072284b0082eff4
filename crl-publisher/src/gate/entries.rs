//! The entries of a list, the list that stands and the copy, merged by serial number.

use feed::{IssuerKind, Status};
use issuance::CrlEntry;
use pki::{CrlScope, RevocationReason, SerialNumber, time::Timestamp};
use store::copy::CopiedStatus;

use super::{
    Against, List, Offer, Refusal, Statuses, companion::Companions, frame::CLOCK_TOLERANCE,
    list::Entries,
};

/// Checks all entries. One entry of each list and one row of the copy are held at a time.
pub(super) fn check(
    offer: &Offer,
    list: &List,
    against: &Against,
    statuses: &mut dyn Statuses,
) -> Result<(), Refusal> {
    let is_delta = offer.scope == CrlScope::Delta;
    let before = if is_delta {
        against.full.as_ref()
    } else {
        against.standing.as_ref()
    };
    let mut offered = list.entries(against.kind)?;
    let mut standing = before.map(|list| list.entries(against.kind)).transpose()?;
    let mut companions = Companions::of(offer, against)?;
    let mut known = statuses.next_bad()?;
    let judge = Judge {
        offer,
        list,
        against,
        may_leave: may_leave(before, list, against),
    };
    let mut entries: u64 = 0;
    loop {
        let heads = [
            offered.next_serial()?,
            next_serial(&mut standing)?,
            known.as_ref().map(|known| known.serial),
        ];
        let Some(serial) = heads.into_iter().flatten().min() else {
            break;
        };
        let on_offered = offered.take(serial)?;
        let on_standing = match &mut standing {
            Some(standing) => standing.take(serial)?,
            None => None,
        };
        entries += u64::from(on_offered.is_some());
        let shown = match (on_offered, is_delta) {
            (None, true) => on_standing.clone(),
            (Some(entry), true) if entry.reason == Some(RevocationReason::RemoveFromCrl) => None,
            (entry, _) => entry,
        };
        let found = match known.take_if(|known| known.serial == serial) {
            Some(found) => {
                let next = statuses.next_bad()?;
                known = next;
                Some(found)
            }
            None => statuses.look_up(serial)?,
        };
        judge.check(
            serial,
            shown.as_ref(),
            on_standing.is_some(),
            found.as_ref(),
        )?;
        if let Some(found) = found.filter(|found| found.status != Status::Good) {
            companions.check(&found, shown.is_some(), list)?;
        }
    }
    check_density(list, entries)
}

fn next_serial(standing: &mut Option<Entries<'_>>) -> Result<Option<SerialNumber>, Refusal> {
    match standing {
        Some(standing) => standing.next_serial(),
        None => Ok(None),
    }
}

/// The end before which an expired certificate's entry may leave: it has to stand on a list made
/// after its end (RFC 5280 section 3.3). That list may be one which this process never had.
fn may_leave(before: Option<&List>, list: &List, against: &Against) -> Timestamp {
    match before {
        Some(before) if !against.gap => before.this_update,
        Some(_) | None => list.this_update,
    }
}

/// Octets that are no entries: somebody uses the list to carry something else.
fn check_density(list: &List, entries: u64) -> Result<(), Refusal> {
    let size = u64::try_from(list.der.len()).unwrap_or(u64::MAX);
    if size > MAX_FRAME + entries.saturating_mul(MAX_ENTRY) {
        return Err(Refusal::Oversized { size, entries });
    }
    Ok(())
}

/// Decides about one certificate.
struct Judge<'a> {
    offer: &'a Offer,
    list: &'a List,
    against: &'a Against,
    /// What ended before may be missing.
    may_leave: Timestamp,
}

impl Judge<'_> {
    fn check(
        &self,
        serial: SerialNumber,
        shown: Option<&CrlEntry>,
        stood: bool,
        known: Option<&CopiedStatus>,
    ) -> Result<(), Refusal> {
        match (shown, known) {
            (Some(entry), Some(known)) => self.check_shown(entry, known),
            (None, Some(known)) => self.check_not_shown(known),
            // A root's certificates are not in the feed.
            (Some(_), None) if self.against.kind == IssuerKind::Root => Ok(()),
            (Some(_), None) => Err(Refusal::Unknown { serial }),
            (None, None) if stood && !self.root_may_drop(serial) => {
                Err(Refusal::EntryDropped { serial })
            }
            (None, None) => Ok(()),
        }
    }

    fn check_shown(&self, entry: &CrlEntry, known: &CopiedStatus) -> Result<(), Refusal> {
        let serial = entry.serial;
        if let CrlScope::Shard(shard) = self.offer.scope
            && known.shard != Some(shard)
        {
            return Err(Refusal::OtherShard { serial });
        }
        if entry.reason == Some(RevocationReason::RemoveFromCrl) {
            return Err(Refusal::Scope {
                scope: self.offer.scope,
            });
        }
        if known.sequence > self.offer.as_of {
            return Ok(());
        }
        match Shown::of(&known.status) {
            None => Err(Refusal::NotRevoked { serial }),
            Some(expected) if expected == Shown::by(entry) => Ok(()),
            Some(_) => Err(Refusal::EntryDiffers { serial }),
        }
    }

    fn check_not_shown(&self, known: &CopiedStatus) -> Result<(), Refusal> {
        let serial = known.serial;
        let Some(since) = known.status.bad_since() else {
            return Ok(());
        };
        if known.not_after < self.may_leave {
            return Ok(());
        }
        if known.sequence <= self.offer.as_of {
            return Err(Refusal::RevocationMissing { serial });
        }
        // Entries are read after thisUpdate is taken, so that this one was to be seen by then.
        let made = self.list.this_update.checked_sub(CLOCK_TOLERANCE);
        if made.is_ok_and(|made| since < made) {
            return Err(Refusal::RevocationMissing { serial });
        }
        Ok(())
    }

    /// Of a root's certificates the copy knows those of the CAs in the feed: they stay until they
    /// have expired. Of others it cannot say why they left.
    fn root_may_drop(&self, serial: SerialNumber) -> bool {
        let root = &self.against.issuer;
        self.against.kind == IssuerKind::Root
            && self
                .against
                .ca_certificates
                .iter()
                .filter(|certificate| certificate.issuer_der() == root.subject_der())
                .filter(|certificate| certificate.serial() == serial)
                .all(|certificate| certificate.not_after() < self.may_leave)
    }
}

/// What an entry tells of a certificate, in whole seconds.
#[derive(Debug, PartialEq, Eq)]
struct Shown {
    since: i64,
    reason: Option<RevocationReason>,
    invalidity_date: Option<i64>,
}

impl Shown {
    fn by(entry: &CrlEntry) -> Self {
        Self {
            since: entry.revoked_at.as_second(),
            reason: told(entry.reason),
            invalidity_date: entry.invalidity_date.map(Timestamp::as_second),
        }
    }

    /// What the entry of a certificate with this status has to tell; nothing for a good one.
    fn of(status: &Status) -> Option<Self> {
        let (reason, invalidity_date) = match status {
            Status::Good => return None,
            Status::Revoked {
                reason,
                invalidity_date,
                ..
            } => (*reason, *invalidity_date),
            Status::Hold { .. } => (Some(RevocationReason::CertificateHold), None),
            Status::Abandoned { .. } => (None, None),
        };
        Some(Self {
            since: status.bad_since()?.as_second(),
            reason: told(reason),
            invalidity_date: invalidity_date.map(Timestamp::as_second),
        })
    }
}

/// RFC 5280 section 5.3.1: `unspecified` is told by absence.
fn told(reason: Option<RevocationReason>) -> Option<RevocationReason> {
    reason.filter(|reason| *reason != RevocationReason::Unspecified)
}

/// A serial number, two dates, a reason and their frames take at most 84 octets.
const MAX_ENTRY: u64 = 96;
/// Names, extensions and a signature, post-quantum ones included.
const MAX_FRAME: u64 = 64 * 1024;
