//! The lists that a CA keeps, and what they do not show yet.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use pki::{CrlScope, IssuerName};
use policy::CrlRules;
use store::{CurrentCrl, Store};

use super::Kinds;
use super::due::{Times, later};

/// How often shards that new certificates no longer go to are looked at.
const SURVEY_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// The lists of one CA, as far as their schedule needs to know them.
#[derive(Debug)]
pub(super) struct Lists {
    issuer: IssuerName,
    /// Those that are made here; of the others no more is known than what is wanted.
    kinds: Kinds,
    kept: BTreeMap<CrlScope, Kept>,
    /// Changes of status are noted up to this sequence number of the feed.
    looked: u64,
    /// When it was last asked which lists go on, how many shards the policy filled then, and whether
    /// the issuer was retired.
    surveyed: Option<(Timestamp, u16, bool)>,
}

/// One list.
#[derive(Debug, Default)]
struct Kept {
    last: Option<CurrentCrl>,
    /// When the first change of status took effect that the last list lacks.
    changed: Option<Timestamp>,
    /// Whether it is made on.
    wanted: bool,
}

impl Lists {
    /// Reads what there is.
    pub(super) async fn load(
        store: &Store,
        issuer: &IssuerName,
        kinds: Kinds,
    ) -> anyhow::Result<Self> {
        let mut lists = BTreeMap::new();
        let mut looked = None;
        for last in store.last_crls(issuer).await? {
            looked = Some(looked.map_or(last.as_of, |looked: u64| looked.min(last.as_of)));
            let kept = Kept {
                last: Some(last.clone()),
                ..Kept::default()
            };
            lists.insert(last.scope, kept);
        }
        Ok(Self {
            issuer: issuer.clone(),
            kinds,
            kept: lists,
            looked: looked.unwrap_or(0),
            surveyed: None,
        })
    }

    /// Notes changes of status since the last look, and which lists the policy wants now.
    pub(super) async fn look(
        &mut self,
        store: &Store,
        rules: &CrlRules,
        retired: bool,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let stale = |(at, shards, was_retired): (Timestamp, u16, bool)| {
            shards != rules.shards || retired != was_retired || later(at, SURVEY_EVERY) <= now
        };
        if self.surveyed.is_none_or(stale) {
            self.survey(store, rules, retired, now).await?;
        }
        let full = self.is_wanted(CrlScope::Full);
        self.want(CrlScope::Delta, rules.delta.is_some() && full);
        for change in store.changes_after(&self.issuer, self.looked).await? {
            self.looked = self.looked.max(change.last);
            self.note(CrlScope::Full, change.last, change.first);
            self.note(CrlScope::Delta, change.last, change.first);
            if let Some(shard) = change.shard {
                self.note(CrlScope::Shard(shard), change.last, change.first);
            }
        }
        Ok(())
    }

    /// Of the shards that the policy does not fill any more, those go on that have certificates; of a
    /// retired issuer, all lists only then.
    async fn survey(
        &mut self,
        store: &Store,
        rules: &CrlRules,
        retired: bool,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let needed = !retired || store.issuer_is_needed(&self.issuer, now).await?;
        self.want(CrlScope::Full, needed);
        let filled = if retired { 0 } else { rules.shards };
        for shard in 0..filled {
            self.want(CrlScope::Shard(shard), true);
        }
        let scopes: Vec<CrlScope> = self.kept.keys().copied().collect();
        for scope in scopes {
            let Some(shard) = scope.shard().filter(|shard| *shard >= filled) else {
                continue;
            };
            let needed = store.shard_is_needed(&self.issuer, shard, now).await?;
            self.want(scope, needed);
        }
        self.surveyed = Some((now, rules.shards, retired));
        Ok(())
    }

    fn want(&mut self, scope: CrlScope, wanted: bool) {
        if wanted || self.kept.contains_key(&scope) {
            self.kept.entry(scope).or_default().wanted = wanted;
        }
    }

    fn is_wanted(&self, scope: CrlScope) -> bool {
        self.kept.get(&scope).is_some_and(|kept| kept.wanted)
    }

    /// Whether there is no list to be made any more: a retired issuer's certificates have all ended.
    pub(super) fn are_over(&self) -> bool {
        self.kept.values().all(|kept| !kept.wanted)
    }

    /// A change that lies before the moment of a list's entries is on the list.
    fn note(&mut self, scope: CrlScope, sequence: u64, changed: Timestamp) {
        if let Some(kept) = self.kept.get_mut(&scope)
            && kept.last.as_ref().is_none_or(|last| last.as_of < sequence)
        {
            kept.changed = Some(kept.changed.map_or(changed, |first| first.min(changed)));
        }
    }

    /// The scopes whose list is due.
    pub(super) fn due(&self, rules: &CrlRules, now: Timestamp) -> Vec<CrlScope> {
        let due = self.times(rules).filter(|(_, due)| *due <= now);
        due.map(|(scope, _)| scope).collect()
    }

    /// When the next list is due.
    pub(super) fn next_due(&self, rules: &CrlRules) -> Timestamp {
        let times = self.times(rules).map(|(_, due)| due);
        times.min().unwrap_or(Timestamp::MAX)
    }

    fn times(&self, rules: &CrlRules) -> impl Iterator<Item = (CrlScope, Timestamp)> {
        let made_here = self
            .kept
            .iter()
            .filter(|(scope, _)| self.kinds.include(**scope));
        let wanted = made_here.filter(|(_, kept)| kept.wanted);
        wanted.filter_map(|(scope, kept)| {
            let times = Times::of(*scope, rules)?;
            Some((*scope, times.due(kept.last.as_ref(), kept.changed)))
        })
    }

    /// The last list of a scope.
    pub(super) fn last(&self, scope: CrlScope) -> Option<&CurrentCrl> {
        self.kept.get(&scope)?.last.as_ref()
    }

    /// Takes note of a new list, and of what it lacks already.
    pub(super) async fn made(&mut self, store: &Store, made: CurrentCrl) -> anyhow::Result<()> {
        let changed = store
            .status_changed_after(&self.issuer, made.scope, made.as_of)
            .await?;
        let kept = self.kept.entry(made.scope).or_default();
        kept.changed = changed;
        kept.last = Some(made);
        Ok(())
    }
}
