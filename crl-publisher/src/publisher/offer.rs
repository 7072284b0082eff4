//! From the announcement of a list to its publication.

use feed::AnnouncedList;
use pki::{CrlScope, IssuerName};
use store::{StoreError, copy::CopiedCrl};
use tokio::runtime::Handle;

use super::{
    Issuer, NotPublished, Publisher,
    slot::{LONGEST_PAUSE, LONGEST_PAUSE_OF_FETCHING},
};
use crate::{
    gate::{self, Against, List, Octets, Offer, Refusal},
    metrics,
    statuses::CopiedStatuses,
};

impl Publisher {
    /// Publishes an announced list if it is not there yet and the gate lets it; gives whether it tried.
    pub(super) async fn publish_announced(&mut self, list: &CopiedCrl) -> Result<bool, StoreError> {
        let key = (list.issuer.clone(), list.scope);
        let now = self.now();
        let Some(issuer) = self.issuers.get(&list.issuer).cloned() else {
            return Ok(false);
        };
        let overtaken = self.is_overtaken(list);
        let Some(slot) = self.slots.get_mut(&key).filter(|slot| slot.resumed) else {
            return Ok(false);
        };
        if let Some(standing) = &mut slot.standing
            && standing.digest == list.sha256
        {
            standing.as_of = Some(list.as_of);
            if slot.lacking.is_empty() {
                slot.settle();
            }
            return Ok(false);
        }
        if overtaken {
            slot.settle();
            return Ok(false);
        }
        let is_news = slot.tried.replace(list.sha256) != Some(list.sha256);
        if !is_news && !slot.pause.is_over(now) {
            return Ok(false);
        }
        if let Err(error) = self.publish_list(&key, list, &issuer).await {
            self.complain(&key, &error);
        }
        Ok(true)
    }

    /// A delta whose number is below that of the complete list that stands has nothing to add.
    fn is_overtaken(&self, list: &CopiedCrl) -> bool {
        let full = self.standing(&list.issuer, CrlScope::Full);
        list.scope == CrlScope::Delta && full.is_some_and(|full| list.number < full.number)
    }

    /// 1. The octets. 2. The gate. 3. The ledger. 4. The outputs.
    async fn publish_list(
        &mut self,
        key: &(IssuerName, CrlScope),
        announced: &CopiedCrl,
        issuer: &Issuer,
    ) -> Result<(), NotPublished> {
        let octets = self.fetch(key, announced).await?;
        for output in &self.parts.outputs {
            output.write_ahead(&key.1.path(&key.0), &octets.der);
        }
        let admitted = self.admit(key, announced, issuer, octets).await;
        let list = admitted.inspect_err(|_| {
            for output in &self.parts.outputs {
                output.give_up_ahead();
            }
        })?;
        let (number, next_update) = (list.number, list.next_update);
        self.replace(key, issuer, list).await?;
        tracing::info!(issuer = %key.0, scope = %key.1, %number, %next_update, "published");
        Ok(())
    }

    async fn admit(
        &mut self,
        key: &(IssuerName, CrlScope),
        announced: &CopiedCrl,
        issuer: &Issuer,
        octets: Octets,
    ) -> Result<List, NotPublished> {
        let list = self.check(key, announced, issuer, octets).await?;
        let ledger = &mut self.parts.ledger;
        ledger.record(&key.0, key.1, &list, false).await?;
        Ok(list)
    }

    async fn fetch(
        &mut self,
        key: &(IssuerName, CrlScope),
        announced: &CopiedCrl,
    ) -> Result<Octets, NotPublished> {
        let (size, max_bytes) = (announced.size, self.parts.max_bytes);
        if size > max_bytes {
            return Err(Refusal::TooLarge { size, max_bytes }.into());
        }
        let slot = self.slots.entry(key.clone()).or_default();
        if let Some(octets) = &slot.fetched
            && octets.digest == announced.sha256
        {
            return Ok(octets.clone());
        }
        let list = AnnouncedList {
            issuer: announced.issuer.clone(),
            scope: announced.scope,
            number: announced.number,
            size,
            sha256: announced.sha256,
        };
        let der = self.parts.source.fetch(&list).await;
        // The source gives what was announced and nothing else.
        let octets = Octets {
            der: der.map_err(NotPublished::Fetch)?,
            digest: announced.sha256,
        };
        slot.fetched = Some(octets.clone());
        Ok(octets)
    }

    /// Asks the gate, on a thread of its own.
    async fn check(
        &mut self,
        key: &(IssuerName, CrlScope),
        announced: &CopiedCrl,
        issuer: &Issuer,
        octets: Octets,
    ) -> Result<List, NotPublished> {
        let offer = Offer {
            scope: announced.scope,
            number: announced.number,
            base: announced.base,
            as_of: announced.as_of,
            sequence: announced.sequence,
        };
        self.agree(&key.0, issuer, key.1).await?;
        let against = self.against(key, &offer, issuer).await?;
        let (copy, runtime) = (self.parts.copy.clone(), Handle::current());
        let mut statuses = CopiedStatuses::new(copy, runtime, key.0.clone(), key.1.shard());
        let check = tokio::task::spawn_blocking(move || {
            gate::check(&offer, octets, &against, &mut statuses)
        });
        let list = check.await??;
        // A copy that was begun anew meanwhile did not have everything to compare with.
        if self.parts.copy.position().await?.epoch != self.epoch {
            return Err(NotPublished::StartedOver);
        }
        Ok(list)
    }

    pub(super) async fn against(
        &self,
        key: &(IssuerName, CrlScope),
        offer: &Offer,
        issuer: &Issuer,
    ) -> Result<Against, StoreError> {
        let (name, scope) = key;
        let terms = self.parts.copy.terms().await?;
        let terms = terms.into_iter().find(|terms| terms.issuer == *name);
        let standing = self.standing(name, scope.to_owned());
        let full = self.standing(name, CrlScope::Full);
        let before = if *scope == CrlScope::Delta {
            full
        } else {
            standing
        };
        let ledger = &self.parts.ledger;
        let gap = |before: &List| ledger.gap(name, *scope, before.number, offer.number);
        Ok(Against {
            name: name.clone(),
            issuer: issuer.certificate.clone(),
            kind: issuer.kind,
            repository: terms.map(|terms| terms.terms.repository),
            standing: standing.cloned(),
            full: full.cloned(),
            shards: self.standing_shards(name),
            floor: ledger.floor(name, *scope),
            base_as_of: offer.base.and_then(|base| ledger.base_as_of(name, base)),
            gap: before.is_some_and(gap),
            ca_certificates: self
                .issuers
                .values()
                .map(|it| it.certificate.clone())
                .collect(),
            max_bytes: self.parts.max_bytes,
            now: self.now(),
        })
    }

    pub(super) fn standing(&self, issuer: &IssuerName, scope: CrlScope) -> Option<&List> {
        let slot = self.slots.get(&(issuer.clone(), scope))?;
        slot.standing.as_ref()
    }

    fn standing_shards(&self, issuer: &IssuerName) -> Vec<(u16, List)> {
        let of_issuer = self.slots.iter().filter(|((name, _), _)| name == issuer);
        of_issuer
            .filter_map(|((_, scope), slot)| Some((scope.shard()?, slot.standing.clone()?)))
            .collect()
    }

    /// Says once for each reason why the last good list stays, or stays in some output; the
    /// metrics go on saying it.
    pub(super) fn complain(&mut self, key: &(IssuerName, CrlScope), error: &NotPublished) {
        let now = self.now();
        let slot = self.slots.entry(key.clone()).or_default();
        let longest = if matches!(error, NotPublished::Fetch(_)) {
            LONGEST_PAUSE_OF_FETCHING
        } else {
            LONGEST_PAUSE
        };
        slot.pause.lengthen(now, longest);
        if error.is_superseded() {
            tracing::debug!(issuer = %key.0, scope = %key.1, "the list is gone already");
            return;
        }
        if slot.complaint.replace(error.code()) == Some(error.code()) {
            return;
        }
        let standing = slot.standing.as_ref();
        metrics::not_published(error.code());
        tracing::error!(
            issuer = %key.0,
            scope = %key.1,
            error = %metrics::chain(error),
            code = error.code(),
            standing = ?standing.map(|list| list.number),
            next_update = ?standing.map(|list| list.next_update),
            "the last good list stays"
        );
    }
}
