//! Lists into outputs, and onto the shelf.

use std::time::Duration;

use pki::{CrlScope, IssuerName};

use super::{Issuer, NotPublished, Publisher};
use crate::{
    gate::List,
    metrics,
    output::{Content, Replaceable, Replaced},
    shelf::Item,
};

impl Publisher {
    /// Puts a checked list into all outputs. It stands, and is served, as soon as one has it; what
    /// the others lack is tried again.
    pub(super) async fn replace(
        &mut self,
        key: &(IssuerName, CrlScope),
        issuer: &Issuer,
        list: List,
    ) -> Result<(), NotPublished> {
        let all: Vec<usize> = (0..self.parts.outputs.len()).collect();
        let (lacking, failed) = self.put(key, issuer, &list, &all).await;
        if lacking.len() < all.len() {
            self.shelve_list(key, &list);
            metrics::published(&key.0, key.1);
            let slot = self.slots.entry(key.clone()).or_default();
            slot.lacking = lacking;
            slot.fetched = None;
            slot.standing = Some(list);
        }
        match failed {
            Some(error) => Err(error),
            None => self.all_have_it(key).await,
        }
    }

    /// Tries again what some outputs failed to take.
    pub(super) async fn complete_outputs(&mut self) {
        let now = self.now();
        let lacking = self
            .slots
            .iter()
            .filter(|(_, slot)| !slot.lacking.is_empty() && slot.pause.is_over(now));
        let keys: Vec<_> = lacking.map(|(key, _)| key.clone()).collect();
        for key in keys {
            if let Err(error) = self.complete(&key).await {
                self.complain(&key, &error);
            }
        }
    }

    async fn complete(&mut self, key: &(IssuerName, CrlScope)) -> Result<(), NotPublished> {
        let (Some(issuer), Some(slot)) = (self.issuers.get(&key.0), self.slots.get(key)) else {
            return Ok(());
        };
        let Some(list) = &slot.standing else {
            return Ok(());
        };
        let (lacking, failed) = self.put(key, issuer, list, &slot.lacking).await;
        if let Some(slot) = self.slots.get_mut(key) {
            slot.lacking = lacking;
        }
        match failed {
            Some(error) => Err(error),
            None => self.all_have_it(key).await,
        }
    }

    /// Gives the outputs that still lack the list, and why one of them does.
    async fn put(
        &self,
        key: &(IssuerName, CrlScope),
        issuer: &Issuer,
        list: &List,
        places: &[usize],
    ) -> (Vec<usize>, Option<NotPublished>) {
        let path = key.1.path(&key.0);
        let content = Content {
            body: list.der.clone(),
            media_type: MEDIA_TYPE,
            max_age: self.max_age(list),
        };
        let known = self.standing(&key.0, key.1);
        let known = known.filter(|known| known.number < list.number);
        let is_older = |standing: &[u8]| {
            let number = List::number_of(standing, &issuer.certificate);
            number.is_none_or(|number| number < list.number)
        };
        let replaceable = Replaceable {
            known: known.map(|known| &known.der),
            other: &is_older,
        };
        let (mut lacking, mut failed) = (Vec::new(), None);
        for place in places {
            let Some(output) = self.parts.outputs.get(*place) else {
                continue;
            };
            match output.replace(&path, &content, replaceable).await {
                Ok(Replaced::Stands) => {}
                Ok(Replaced::Kept) => tracing::info!(
                    issuer = %key.0, scope = %key.1, number = %list.number, output = output.kind(),
                    "another publisher was there before with a newer list"
                ),
                Err(source) => {
                    let output = output.kind();
                    failed = Some(NotPublished::Output { output, source });
                    lacking.push(*place);
                }
            }
        }
        (lacking, failed)
    }

    /// From now on the list may be acknowledged.
    async fn all_have_it(&mut self, key: &(IssuerName, CrlScope)) -> Result<(), NotPublished> {
        let Some(slot) = self.slots.get_mut(key) else {
            return Ok(());
        };
        slot.settle();
        if let Some(list) = &slot.standing {
            self.parts.ledger.record(&key.0, key.1, list, true).await?;
        }
        Ok(())
    }

    pub(super) fn shelve_list(&self, key: &(IssuerName, CrlScope), list: &List) {
        let item = Item {
            body: list.der.clone(),
            digest: list.digest,
            media_type: MEDIA_TYPE,
            max_age: self.parts.terms.crl_max_age,
            fresh_until: Some(list.next_update),
        };
        self.parts.shelf.put(&key.1.path(&key.0), item, self.now());
    }

    /// Object stores do not count it down, so that it must not be longer than the list is good.
    fn max_age(&self, list: &List) -> Duration {
        let left = list.next_update.duration_since(self.now());
        let left = Duration::try_from(left).unwrap_or_default();
        self.parts.terms.crl_max_age.min(left)
    }
}

const MEDIA_TYPE: &str = "application/pkix-crl";
