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
    /// Compares the lists of an issuer that were there before this process or its copy. One that
    /// does not agree is no help: what comes next is compared with the whole copy then.
    pub(super) async fn agree(
        &mut self,
        name: &IssuerName,
        issuer: &Issuer,
    ) -> Result<(), NotPublished> {
        if issuer.kind == IssuerKind::Root {
            return Ok(());
        }
        for (scope, list) in self.not_compared(name) {
            let agreed = match self.compare(name, scope, issuer, list.clone()).await? {
                Ok(agreed) => Some(agreed),
                Err(refusal) => {
                    tracing::info!(issuer = %name, %scope, %refusal, "what stands does not agree");
                    None
                }
            };
            let slot = self.slots.entry((name.clone(), scope)).or_default();
            slot.compared = Some(list.digest);
            if let Some(standing) = &mut slot.standing {
                standing.agreed = agreed;
            }
        }
        Ok(())
    }

    fn not_compared(&self, name: &IssuerName) -> Vec<(CrlScope, List)> {
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
