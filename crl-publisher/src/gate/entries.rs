//! The entries of a list, the list that stands and the copy, merged by serial number.

use feed::{IssuerKind, Status};
use issuance::CrlEntry;
use pki::{CrlScope, RevocationReason, SerialNumber, time::Timestamp};
use store::copy::CopiedStatus;

use super::{
    Against, Contents, List, Offer, Refusal, Statuses, agreed::Released, companion::Companions,
    contents::Entries, frame::CLOCK_TOLERANCE,
};

/// Checks all entries, and tells which of them were released since. One entry of each list and one
/// row of the copy are held at a time.
pub(super) fn check(
    offer: &Offer,
    list: &Contents,
    against: &Against,
    statuses: &mut dyn Statuses,
) -> Result<Released, Refusal> {
    let before = before(offer, against);
    let companions = Companions::of_all(offer, against)?;
    let mut judge = Judge::new(offer, list, against, companions);
    let mut merge = Merge::new(list, before, against.kind, statuses)?;
    while let Some(point) = merge.next()? {
        judge.check(&point)?;
    }
    Ok(judge.released())
}

/// The list that relying parties have had: a delta changes the complete one.
pub(super) fn before<'a>(offer: &Offer, against: &'a Against) -> Option<&'a List> {
    match offer.scope {
        CrlScope::Delta => against.full.as_ref(),
        CrlScope::Full | CrlScope::Shard(_) => against.standing.as_ref(),
    }
}

/// All that there is about one serial number.
pub(super) struct Point {
    pub(super) serial: SerialNumber,
    pub(super) offered: Option<CrlEntry>,
    pub(super) stood: Option<CrlEntry>,
    pub(super) known: Option<CopiedStatus>,
}

impl Point {
    /// What relying parties see that combine the complete list with the offered delta (RFC 5280
    /// section 5.2.4).
    fn with_delta(&self) -> Option<&CrlEntry> {
        let is_removal = |entry: &CrlEntry| entry.reason == Some(RevocationReason::RemoveFromCrl);
        match &self.offered {
            None => self.stood.as_ref(),
            Some(entry) => Some(entry).filter(|entry| !is_removal(entry)),
        }
    }
}

/// Both lists and the copy, by ascending serial number.
struct Merge<'a> {
    offered: Entries<'a>,
    standing: Option<Entries<'a>>,
    statuses: &'a mut dyn Statuses,
    known: Option<CopiedStatus>,
}

impl<'a> Merge<'a> {
    fn new(
        offered: &'a Contents,
        standing: Option<&'a List>,
        kind: IssuerKind,
        statuses: &'a mut dyn Statuses,
    ) -> Result<Self, Refusal> {
        Ok(Self {
            offered: offered.entries(kind)?,
            standing: standing.map(|list| list.entries(kind)).transpose()?,
            known: statuses.next_bad()?,
            statuses,
        })
    }

    fn next(&mut self) -> Result<Option<Point>, Refusal> {
        let heads = [
            self.offered.next_serial()?,
            self.next_standing()?,
            self.known.as_ref().map(|known| known.serial),
        ];
        let Some(serial) = heads.into_iter().flatten().min() else {
            return Ok(None);
        };
        let stood = match &mut self.standing {
            Some(standing) => standing.take(serial)?,
            None => None,
        };
        Ok(Some(Point {
            serial,
            offered: self.offered.take(serial)?,
            stood,
            known: self.known(serial)?,
        }))
    }

    fn next_standing(&mut self) -> Result<Option<SerialNumber>, Refusal> {
        match &mut self.standing {
            Some(standing) => standing.next_serial(),
            None => Ok(None),
        }
    }

    /// Few certificates are on a list and good: those alone are looked up.
    fn known(&mut self, serial: SerialNumber) -> Result<Option<CopiedStatus>, Refusal> {
        match self.known.take_if(|known| known.serial == serial) {
            Some(known) => {
                self.known = self.statuses.next_bad()?;
                Ok(Some(known))
            }
            None => Ok(self.statuses.look_up(serial)?),
        }
    }
}

/// The end before which an expired certificate's entry may leave: it has to stand on a list made
/// after its end (RFC 5280 section 3.3). That list may be one which this process never had.
fn may_leave(before: Option<&List>, list: &Contents, against: &Against) -> Timestamp {
    match before {
        Some(before) if !against.gap => before.this_update,
        Some(_) | None => list.this_update,
    }
}

/// Decides about certificates, one after the other.
pub(super) struct Judge<'a> {
    offer: &'a Offer,
    list: &'a Contents,
    against: &'a Against,
    companions: Companions<'a>,
    /// What ended before may be missing.
    may_leave: Timestamp,
    released: Released,
}

impl<'a> Judge<'a> {
    pub(super) fn new(
        offer: &'a Offer,
        list: &'a Contents,
        against: &'a Against,
        companions: Companions<'a>,
    ) -> Self {
        Self {
            may_leave: may_leave(before(offer, against), list, against),
            offer,
            list,
            against,
            companions,
            released: Released::new(),
        }
    }

    /// What is on the list although the copy has it as good since the list was read.
    pub(super) fn released(self) -> Released {
        self.released
    }

    pub(super) fn check(&mut self, point: &Point) -> Result<(), Refusal> {
        let shown = match self.offer.scope {
            CrlScope::Delta => point.with_delta(),
            CrlScope::Full | CrlScope::Shard(_) => point.offered.as_ref(),
        };
        self.check_status(point, shown)?;
        let Some(known) = &point.known else {
            return Ok(());
        };
        if known.status != Status::Good {
            let shown = shown.is_some();
            return self.companions.check(known, shown, self.offer, self.list);
        }
        if shown.is_some() {
            self.released.push(point.serial);
        }
        Ok(())
    }

    fn check_status(&self, point: &Point, shown: Option<&CrlEntry>) -> Result<(), Refusal> {
        let (serial, stood) = (point.serial, point.stood.as_ref());
        match (shown, &point.known) {
            (Some(entry), Some(known)) => self.check_shown(entry, known),
            (None, Some(known)) => self.check_not_shown(stood, known),
            // A root's certificates are not in the feed.
            (Some(_), None) if self.against.kind == IssuerKind::Root => Ok(()),
            (Some(_), None) => Err(Refusal::Unknown { serial }),
            (None, None) if stood.is_some() && !self.root_may_drop(serial) => {
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

    fn check_not_shown(
        &self,
        stood: Option<&CrlEntry>,
        known: &CopiedStatus,
    ) -> Result<(), Refusal> {
        let serial = known.serial;
        if known.not_after < self.may_leave {
            return Ok(());
        }
        // Only a hold can be released, whatever a database that was put back may say.
        let held = |entry: &CrlEntry| entry.reason == Some(RevocationReason::CertificateHold);
        let Some(since) = known.status.bad_since() else {
            let released = stood.is_none_or(held);
            return released
                .then_some(())
                .ok_or(Refusal::EntryDropped { serial });
        };
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
