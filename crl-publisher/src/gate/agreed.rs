//! What is kept of a list that went through the gate: the next one is compared with it.

use issuance::crl_reader::EntryView;
use pki::SerialNumber;

use super::{Contents, List, Refusal};

/// Of a list whose entries were compared with the copy.
#[derive(Debug, PartialEq, Eq)]
pub struct Agreed {
    places: Places,
    released: Released,
}

/// What is on a list although the copy has it as good since the list was read.
pub type Released = Vec<SerialNumber>;

/// Of every [`STEP`]th entry of a list the serial number, and how many octets are left from there
/// on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Places(Vec<(SerialNumber, usize)>);

impl Places {
    /// Counts the entries and notes where some of them begin.
    pub(super) fn of(list: &Contents) -> Result<Self, Refusal> {
        let mut views = list.views()?;
        let mut places = Vec::new();
        let mut entries: u64 = 0;
        loop {
            let left = views.rest().len();
            let Some(view) = views.next() else { break };
            if entries.is_multiple_of(STEP) {
                places.push((view.map_err(Refusal::Entry)?.serial, left));
            }
            entries += 1;
        }
        check_density(list, entries)?;
        Ok(Self(places))
    }
}

impl Agreed {
    pub(super) const fn new(places: Places, released: Released) -> Self {
        Self { places, released }
    }

    /// Of a list that was compared before, when this was on it although the copy had it as good.
    ///
    /// # Errors
    /// [`Refusal`] of what is no list.
    pub fn before(list: &List, released: Released) -> Result<Self, Refusal> {
        Ok(Self::new(Places::of(list)?, released))
    }

    /// What is on the list although the copy has it as good since the list was read.
    pub fn released(&self) -> &[SerialNumber] {
        &self.released
    }
}

impl List {
    /// The entry about a certificate. Where the places of entries are known few of them are read.
    pub(super) fn find(&self, serial: SerialNumber) -> Result<Option<EntryView<'_>>, Refusal> {
        let mut views = self.views()?;
        let places = self
            .agreed
            .as_ref()
            .map(|agreed| agreed.places.0.as_slice());
        let places = places.unwrap_or_default();
        let after = places.partition_point(|(first, _)| *first <= serial);
        if let Some((_, left)) = after.checked_sub(1).and_then(|at| places.get(at)) {
            views = views.with_rest(*left).unwrap_or(views);
        }
        for view in views {
            let view = view.map_err(Refusal::Entry)?;
            if view.serial >= serial {
                return Ok(Some(view).filter(|view| view.serial == serial));
            }
        }
        Ok(None)
    }
}

/// Octets that are no entries: somebody uses the list to carry something else.
fn check_density(list: &Contents, entries: u64) -> Result<(), Refusal> {
    let size = u64::try_from(list.der.len()).unwrap_or(u64::MAX);
    if size > MAX_FRAME + entries.saturating_mul(MAX_ENTRY) {
        return Err(Refusal::Oversized { size, entries });
    }
    Ok(())
}

/// How far apart the noted entries are.
const STEP: u64 = 128;
/// A serial number, two dates, a reason and their frames take at most 84 octets.
const MAX_ENTRY: u64 = 96;
/// Names, extensions and a signature, post-quantum ones included.
const MAX_FRAME: u64 = 64 * 1024;
