//! What stands is compared with the copy once, so that the next list is compared with what stands.

use std::sync::Arc;

use feed::IssuerKind;
use pki::{CrlScope, IssuerName};
use tokio::runtime::Handle;

use super::{Issuer, NotPublished, Publisher};
use crate::{
    gate::{self, Agreed, List, Offer, Refusal},
    statuses::CopiedStatuses,
};

impl Publisher {
    /// Compares one of the lists that were there before this process or its copy, so that it need not
    /// be done when the next one is awaited; gives whether there was one.
    ///
    /// # Errors
    /// [`NotPublished`] when the copy fails.
    pub async fn agree_ahead(&mut self) -> Result<bool, NotPublished> {
        let cursor = self.parts.copy.position().await?.cursor;
        let next = self.issuers.iter().find_map(|(name, issuer)| {
            let mut lists = self.not_compared(name, issuer).into_iter();
            // Of one that was read later the copy does not know everything yet.
            let (scope, list) = lists.find(|(_, list)| list.as_of <= Some(cursor))?;
            Some((name.clone(), issuer.clone(), scope, list))
        });
        let Some((name, issuer, scope, list)) = next else {
            return Ok(false);
        };
        self.agree_on(&name, &issuer, scope, list).await?;
        Ok(true)
    }

    /// Compares those of them that an issuer's list of some scope is going to be compared with.
    pub(super) async fn agree(
        &mut self,
        name: &IssuerName,
        issuer: &Issuer,
        offered: CrlScope,
    ) -> Result<(), NotPublished> {
        for (scope, list) in self.not_compared(name, issuer) {
            if scope == offered || scope == CrlScope::Full || offered == CrlScope::Full {
                self.agree_on(name, issuer, scope, list).await?;
            }
        }
        Ok(())
    }

    /// One that does not agree is no help: what comes next is compared with the whole copy then.
    async fn agree_on(
        &mut self,
        name: &IssuerName,
        issuer: &Issuer,
        scope: CrlScope,
        list: List,
    ) -> Result<(), NotPublished> {
        let digest = list.digest;
        let agreed = match self.compare(name, scope, issuer, list).await? {
            Ok(agreed) => Some(agreed),
            Err(refusal) => {
                tracing::info!(issuer = %name, %scope, %refusal, "what stands does not agree");
                None
            }
        };
        let slot = self.slots.entry((name.clone(), scope)).or_default();
        slot.compared = Some(digest);
        if let Some(standing) = &mut slot.standing {
            standing.agreed = agreed;
            self.parts.ledger.compared(name, scope, standing).await?;
        }
        Ok(())
    }

    fn not_compared(&self, name: &IssuerName, issuer: &Issuer) -> Vec<(CrlScope, List)> {
        if issuer.kind == IssuerKind::Root {
            return Vec::new();
        }
        let of_issuer = self.slots.iter().filter(|((of, _), _)| of == name);
        let lists = of_issuer.filter_map(|((_, scope), slot)| {
            let list = slot.standing.as_ref()?;
            let compared = list.agreed.is_some() || slot.compared == Some(list.digest);
            let comparable = *scope != CrlScope::Delta && list.as_of.is_some();
            (comparable && !compared).then(|| (*scope, list.clone()))
        });
        lists.collect()
    }

    async fn compare(
        &self,
        name: &IssuerName,
        scope: CrlScope,
        issuer: &Issuer,
        list: List,
    ) -> Result<Result<Arc<Agreed>, Refusal>, NotPublished> {
        let offer = Offer {
            scope,
            number: list.number,
            base: None,
            as_of: list.as_of.unwrap_or_default(),
            sequence: u64::MAX,
        };
        let key = (name.clone(), scope);
        let mut against = self.against(&key, &offer, issuer).await?;
        against.standing = None;
        let (copy, runtime) = (self.parts.copy.clone(), Handle::current());
        let mut statuses = CopiedStatuses::new(copy, runtime, key.0, scope.shard());
        let compare = move || gate::agree(&offer, &list, &against, &mut statuses);
        Ok(tokio::task::spawn_blocking(compare).await?)
    }
}
