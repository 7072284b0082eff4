//! What a list changes of the one before, and what changed in the copy since.
//!
//! The list before was compared with this copy, as of its own place in the feed. An entry that both
//! lists have alike, about a certificate of which the copy has nothing newer, was right then and is
//! right now: all that time does is to let more of them leave. So is a serial number that is on
//! neither list. What is left is compared as if nothing were known.

use std::{collections::BTreeMap, iter::Peekable};

use feed::IssuerKind;
use issuance::{
    CrlEntry,
    crl_reader::{EntryView, EntryViews},
};
use pki::{CrlScope, SerialNumber};
use store::copy::CopiedStatus;

use super::{
    Against, Contents, List, Offer, Refusal, Statuses,
    agreed::Released,
    companion::Companions,
    entries::{Judge, Point, before},
};

/// Checks what is new; `None` if everything must be compared, because the list before was not, or
/// because too much is new.
pub(super) fn check(
    offer: &Offer,
    list: &Contents,
    against: &Against,
    statuses: &mut dyn Statuses,
) -> Result<Option<Released>, Refusal> {
    let Some(before) = before(offer, against) else {
        return Ok(None);
    };
    // A root's entries need not be in order.
    let (Some(agreed), Some(as_of), false) = (
        &before.agreed,
        before.as_of.filter(|as_of| *as_of <= offer.as_of),
        against.kind == IssuerKind::Root,
    ) else {
        return Ok(None);
    };
    let Some(companions) = Companions::of_some(offer, against) else {
        return Ok(None);
    };
    let Some(mut news) = News::since(as_of, statuses)? else {
        return Ok(None);
    };
    for serial in agreed.released() {
        news.note(*serial)?;
    }
    let mut judge = Judge::new(offer, list, against, companions);
    let complete = match offer.scope {
        CrlScope::Delta => check_delta(&mut judge, list, before, &mut news)?,
        CrlScope::Full | CrlScope::Shard(_) => check_next(&mut judge, list, before, &mut news)?,
    };
    Ok(complete.then(|| judge.released()))
}

/// What the copy has of certificates that changed, and of others as they are asked for.
struct News<'s> {
    statuses: &'s mut dyn Statuses,
    known: BTreeMap<SerialNumber, Option<CopiedStatus>>,
    looked_up: usize,
}

impl<'s> News<'s> {
    fn since(as_of: u64, statuses: &'s mut dyn Statuses) -> Result<Option<Self>, Refusal> {
        let changed = statuses.changed_since(as_of, MOST_NEWS)?;
        if changed.len() >= MOST_NEWS {
            return Ok(None);
        }
        let known = changed.into_iter();
        Ok(Some(Self {
            statuses,
            known: known.map(|status| (status.serial, Some(status))).collect(),
            looked_up: 0,
        }))
    }

    fn note(&mut self, serial: SerialNumber) -> Result<(), Refusal> {
        if !self.known.contains_key(&serial) {
            let status = self.look_up(serial)?;
            self.known.insert(serial, status);
        }
        Ok(())
    }

    fn look_up(&mut self, serial: SerialNumber) -> Result<Option<CopiedStatus>, Refusal> {
        self.looked_up += 1;
        Ok(self.statuses.look_up(serial)?)
    }

    /// Whether it would be quicker to compare everything.
    fn are_too_many(&self) -> bool {
        self.looked_up >= MOST_NEWS
    }
}

/// A delta is short: what it does not tell is looked up in the complete list.
fn check_delta(
    judge: &mut Judge<'_>,
    delta: &Contents,
    full: &List,
    news: &mut News<'_>,
) -> Result<bool, Refusal> {
    let mut entries = BTreeMap::new();
    for entry in delta.entries(IssuerKind::Issuing)?.all() {
        let entry = entry?;
        news.note(entry.serial)?;
        entries.insert(entry.serial, entry);
        if news.are_too_many() {
            return Ok(false);
        }
    }
    for (serial, known) in std::mem::take(&mut news.known) {
        judge.check(&Point {
            serial,
            offered: entries.remove(&serial),
            stood: read(full.find(serial)?)?,
            known,
        })?;
    }
    Ok(true)
}

/// Both lists side by side: entries that are alike are passed over, unless the copy has news.
fn check_next(
    judge: &mut Judge<'_>,
    list: &Contents,
    before: &List,
    news: &mut News<'_>,
) -> Result<bool, Refusal> {
    let (mut offered, mut standing) = (Views::of(list)?, Views::of(before)?);
    let mut last = None;
    loop {
        let heads = [
            offered.head()?.map(|view| view.serial),
            standing.head()?.map(|view| view.serial),
            news.known.first_key_value().map(|(serial, _)| *serial),
        ];
        let Some(serial) = heads.into_iter().flatten().min() else {
            return Ok(true);
        };
        let (new, old) = (offered.take(serial)?, standing.take(serial)?);
        if new.is_some() {
            check_order(&mut last, serial)?;
        }
        let known = match news.known.remove(&serial) {
            Some(known) => known,
            None if new == old => continue,
            None => news.look_up(serial)?,
        };
        if news.are_too_many() {
            return Ok(false);
        }
        judge.check(&Point {
            serial,
            offered: read(new)?,
            stood: read(old)?,
            known,
        })?;
    }
}

/// The entries of a list, one of them at hand.
struct Views<'a>(Peekable<EntryViews<'a>>);

impl<'a> Views<'a> {
    fn of(list: &'a Contents) -> Result<Self, Refusal> {
        Ok(Self(list.views()?.peekable()))
    }

    fn head(&mut self) -> Result<Option<EntryView<'a>>, Refusal> {
        match self.0.peek() {
            Some(Ok(view)) => Ok(Some(*view)),
            Some(Err(_)) => self.0.next().transpose().map_err(Refusal::Entry),
            None => Ok(None),
        }
    }

    /// Takes the entry at hand if it is about `serial`.
    fn take(&mut self, serial: SerialNumber) -> Result<Option<EntryView<'a>>, Refusal> {
        let head = self.head()?.filter(|view| view.serial == serial);
        if head.is_some() {
            self.0.next();
        }
        Ok(head)
    }
}

fn check_order(last: &mut Option<SerialNumber>, serial: SerialNumber) -> Result<(), Refusal> {
    match last.replace(serial) {
        Some(last) if last == serial => Err(Refusal::Duplicate { serial }),
        Some(last) if last > serial => Err(Refusal::NotSorted { serial }),
        Some(_) | None => Ok(()),
    }
}

fn read(view: Option<EntryView<'_>>) -> Result<Option<CrlEntry>, Refusal> {
    let entry = view.map(|view| view.entry()).transpose();
    entry.map_err(Refusal::Entry)
}

/// From so many on it is quicker to read the whole copy.
const MOST_NEWS: usize = 10_000;
