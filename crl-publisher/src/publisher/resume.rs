//! Taking up the lists that were published before: they are what relying parties have.

use std::{collections::BTreeSet, sync::Arc};

use bytes::Bytes;
use pki::{CrlScope, IssuerName};
use store::{StoreError, copy::CopiedCrl};

use super::{Issuer, NotPublished, Publisher};
use crate::{
    gate::{Agreed, List},
    metrics,
};

impl Publisher {
    /// Of each scope that was published or announced, the newest list that an output has.
    ///
    /// # Errors
    /// [`StoreError`] when the copy fails.
    pub(super) async fn resume_lists(&mut self, announced: &[CopiedCrl]) -> Result<(), StoreError> {
        let mut scopes: BTreeSet<(IssuerName, CrlScope)> = announced
            .iter()
            .map(|list| (list.issuer.clone(), list.scope))
            .collect();
        for name in self.issuers.keys() {
            let published = self.parts.ledger.scopes(name).into_iter();
            scopes.extend(published.map(|scope| (name.clone(), scope)));
            scopes.insert((name.clone(), CrlScope::Full));
        }
        for terms in self.parts.copy.terms().await? {
            let shards = 0..terms.terms.shards;
            let scope = |shard| (terms.issuer.clone(), CrlScope::Shard(shard));
            scopes.extend(shards.map(scope));
        }
        for key in scopes {
            let (Some(issuer), now) = (self.issuers.get(&key.0).cloned(), self.now()) else {
                continue;
            };
            let slot = self.slots.entry(key.clone()).or_default();
            if slot.resumed || !slot.pause.is_over(now) {
                continue;
            }
            if let Err(error) = self.resume_list(&key, &issuer, announced).await {
                self.complain(&key, &error);
            }
        }
        Ok(())
    }

    async fn resume_list(
        &mut self,
        key: &(IssuerName, CrlScope),
        issuer: &Issuer,
        announced: &[CopiedCrl],
    ) -> Result<(), NotPublished> {
        let found = self.read_outputs(key).await?;
        let mut newest: Option<List> = None;
        for der in found.iter().flatten() {
            match List::read(der.clone().into(), &issuer.certificate) {
                Ok(list) if newest.as_ref().is_none_or(|it| it.number < list.number) => {
                    newest = Some(list);
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::error!(
                        issuer = %key.0, scope = %key.1, error = %metrics::chain(&error),
                        "a published list is broken"
                    );
                }
            }
        }
        if let Some(list) = &mut newest {
            list.as_of = self.as_of(key, list, announced);
            list.agreed = self.agreed_before(key, list);
        }
        let slot = self.slots.entry(key.clone()).or_default();
        slot.resumed = true;
        slot.settle();
        let Some(list) = newest else {
            return Ok(());
        };
        let lacks = |(_, der): &(usize, &Option<Bytes>)| der.as_ref() != Some(&list.der);
        let lacking = found.iter().enumerate().filter(lacks);
        slot.lacking = lacking.map(|(place, _)| place).collect();
        slot.standing = Some(list.clone());
        self.shelve_list(key, &list);
        if self
            .slots
            .get(key)
            .is_some_and(|slot| slot.lacking.is_empty())
        {
            self.parts.ledger.record(&key.0, key.1, &list, true).await?;
        }
        Ok(())
    }

    /// What was found of a list when it was compared with the copy, before a restart.
    fn agreed_before(&self, key: &(IssuerName, CrlScope), list: &List) -> Option<Arc<Agreed>> {
        let ledger = &self.parts.ledger;
        let released = ledger.released(&key.0, key.1, &list.digest)?;
        Agreed::before(list, released.clone()).ok().map(Arc::new)
    }

    /// What each output has under the list's path. One that fails has nothing, unless all do.
    async fn read_outputs(
        &self,
        key: &(IssuerName, CrlScope),
    ) -> Result<Vec<Option<Bytes>>, NotPublished> {
        let path = key.1.path(&key.0);
        let mut found = Vec::new();
        let mut failed = None;
        let mut any = false;
        for output in &self.parts.outputs {
            match output.read(&path).await {
                Ok(der) => {
                    any = true;
                    found.push(der);
                }
                Err(source) => {
                    let output = output.kind();
                    failed = Some(NotPublished::Output { output, source });
                    found.push(None);
                }
            }
        }
        match failed {
            Some(error) if !any => Err(error),
            Some(_) | None => Ok(found),
        }
    }

    /// From the ledger, or from the announcement of this very list.
    fn as_of(
        &self,
        key: &(IssuerName, CrlScope),
        list: &List,
        announced: &[CopiedCrl],
    ) -> Option<u64> {
        let announcement = || {
            let mut same = announced.iter().filter(|it| it.sha256 == list.digest);
            same.next().map(|it| it.as_of)
        };
        let ledger = &self.parts.ledger;
        ledger
            .as_of(&key.0, key.1, &list.digest)
            .or_else(announcement)
    }
}
