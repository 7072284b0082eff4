//! How the lists stand, for acknowledgements, health and metrics.

use feed::{CrlAcknowledgement, Terms};
use pki::{CrlNumber, CrlScope, IssuerName, time::Timestamp};
use store::StoreError;

use super::Publisher;

/// What others may know without waiting for the publisher.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// How each list stands.
    pub standings: Vec<Standing>,
    /// What may be acknowledged: what all outputs have.
    pub published: Vec<CrlAcknowledgement>,
    /// When the feed was last heard by this process.
    pub heard: Option<Timestamp>,
}

/// How a list stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The issuer.
    pub issuer: IssuerName,
    /// What the list covers.
    pub scope: CrlScope,
    /// The published list.
    pub published: Option<Published>,
    /// Why a newer list is not published, or not everywhere: a code.
    pub blocked: Option<&'static str>,
    /// Whether somebody relies on it: lists of a retired issuer or shard whose certificates are
    /// all over may end.
    pub needed: bool,
}

/// A published list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    /// `CRLNumber`.
    pub number: CrlNumber,
    /// thisUpdate.
    pub this_update: Timestamp,
    /// nextUpdate.
    pub next_update: Timestamp,
}

impl Publisher {
    /// Tells how all lists stand.
    pub(super) async fn tell(&self) -> Result<(), StoreError> {
        let terms = self.parts.copy.terms().await?;
        let mut standings = Vec::new();
        for (key, slot) in &self.slots {
            let published = slot.standing.as_ref().map(|list| Published {
                number: list.number,
                this_update: list.this_update,
                next_update: list.next_update,
            });
            let terms = terms.iter().find(|terms| terms.issuer == key.0);
            standings.push(Standing {
                issuer: key.0.clone(),
                scope: key.1,
                published,
                blocked: slot.complaint,
                needed: self.is_needed(key, terms.map(|terms| &terms.terms)).await?,
            });
        }
        let published = self.published();
        self.parts.state.send_modify(|state| {
            state.standings = standings;
            state.published = published;
        });
        Ok(())
    }

    /// Tells what may be acknowledged by now: somebody may wait for it.
    pub(super) fn tell_others(&self) {
        let published = self.published();
        self.parts.state.send_if_modified(|state| {
            let news = state.published != published;
            state.published = published;
            news
        });
    }

    fn published(&self) -> Vec<CrlAcknowledgement> {
        let number = |(issuer, scope): &(IssuerName, CrlScope)| {
            let number = self.parts.ledger.published(issuer, *scope)?;
            Some(CrlAcknowledgement {
                issuer: issuer.clone(),
                scope: *scope,
                number,
            })
        };
        self.slots.keys().filter_map(number).collect()
    }

    async fn is_needed(
        &self,
        (issuer, scope): &(IssuerName, CrlScope),
        terms: Option<&Terms>,
    ) -> Result<bool, StoreError> {
        let now = self.now();
        let ca = self.issuers.get(issuer);
        if ca.is_none_or(|ca| ca.certificate.not_after() < now) {
            return Ok(false);
        }
        // A root has no terms; its certificates are not in the feed.
        let Some(terms) = terms else {
            return Ok(true);
        };
        match scope {
            CrlScope::Delta => Ok(terms.issuing && terms.delta),
            CrlScope::Full if terms.issuing => Ok(true),
            CrlScope::Shard(shard) if terms.issuing && *shard < terms.shards => Ok(true),
            CrlScope::Full | CrlScope::Shard(_) => {
                let copy = &self.parts.copy;
                copy.has_unexpired(issuer, scope.shard(), now).await
            }
        }
    }
}
