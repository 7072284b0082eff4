//! A complete list and its shards show the same of each certificate.

use std::collections::BTreeMap;

use feed::IssuerKind;
use pki::{CrlScope, SerialNumber};
use store::copy::CopiedStatus;

use super::{Against, Contents, List, Offer, Refusal, contents::Entries};

/// The lists that must show the same as an offered one: for a complete list each shard, for a
/// shard the complete list.
#[derive(Debug)]
pub(super) struct Companions<'a> {
    lists: BTreeMap<u16, Companion<'a>>,
}

fn lists<'a>(offer: &Offer, against: &'a Against) -> Vec<(u16, &'a List)> {
    match offer.scope {
        CrlScope::Delta => Vec::new(),
        CrlScope::Full => {
            let shards = against.shards.iter();
            shards.map(|(shard, list)| (*shard, list)).collect()
        }
        CrlScope::Shard(shard) => {
            let full = against.full.iter();
            full.map(|list| (shard, list)).collect()
        }
    }
}

#[derive(Debug)]
struct Companion<'a> {
    list: &'a List,
    /// Read from the first on; none if single entries are looked up.
    entries: Option<Entries<'a>>,
}

impl Companion<'_> {
    fn shows(&mut self, serial: SerialNumber) -> Result<bool, Refusal> {
        match &mut self.entries {
            Some(entries) => entries.shows(serial),
            None => Ok(self.list.find(serial)?.is_some()),
        }
    }
}

impl<'a> Companions<'a> {
    /// For all entries of the offered list, in ascending order.
    pub(super) fn of_all(offer: &Offer, against: &'a Against) -> Result<Self, Refusal> {
        let companion = |(shard, list): (u16, &'a List)| {
            let entries = Some(list.entries(IssuerKind::Issuing)?);
            Ok((shard, Companion { list, entries }))
        };
        let lists: Result<_, Refusal> = lists(offer, against).into_iter().map(companion).collect();
        Ok(Self { lists: lists? })
    }

    /// For some entries; none if one of the lists was not compared with the copy.
    pub(super) fn of_some(offer: &Offer, against: &'a Against) -> Option<Self> {
        let companion = |(shard, list): (u16, &'a List)| {
            list.agreed.as_ref()?;
            let entries = None;
            Some((shard, Companion { list, entries }))
        };
        let lists: Option<_> = lists(offer, against).into_iter().map(companion).collect();
        Some(Self { lists: lists? })
    }

    /// Checks a certificate that is not good. What changed after one of the two lists was read may
    /// differ, and so may the time at which an expired one leaves.
    pub(super) fn check(
        &mut self,
        known: &CopiedStatus,
        shown: bool,
        offer: &Offer,
        list: &Contents,
    ) -> Result<(), Refusal> {
        let Some(shard) = known.shard else {
            return Ok(());
        };
        let Some(companion) = self.lists.get_mut(&shard) else {
            return Ok(());
        };
        let there = companion.shows(known.serial)?;
        let read = companion.list.as_of.unwrap_or_default().min(offer.as_of);
        let newest = companion.list.this_update.max(list.this_update);
        if there == shown || known.sequence > read || known.not_after < newest {
            return Ok(());
        }
        Err(Refusal::ShardDiffers {
            serial: known.serial,
            shard,
        })
    }
}
