//! Recording an intent.

use std::collections::HashMap;

use api::RequestState;
use async_trait::async_trait;
use jiff::Timestamp;
use pki::{SerialNumber, SpkiHash};
use uuid::Uuid;

use super::{
    facts::{About, Facts, facts, place},
    intent::{Intent, IntentRefusal, NewRequest},
    intent_rows::{
        ADD_UP, BINDINGS, CERTIFICATES, HAND_OVER, QUOTAS, REQUESTS, STATEMENTS, go_on_with,
    },
    query::HeldRequest,
    rounds::{Placed, in_order, rounds},
};
use crate::{Store, StoreError, batch::Batch, engine::Statement, rows, writer::Operation};

impl Store {
    /// Records what is going to be signed, or nothing if the intent is refused. Durable when this
    /// returns: only then may the HSM be asked.
    ///
    /// A request whose last attempt failed may be tried again under its idempotency key; the intent
    /// must then carry the same request id and body digest.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_intent(
        &self,
        intent: Intent,
    ) -> Result<Result<(), IntentRefusal>, StoreError> {
        self.writes().submit(intent).await
    }
}

#[async_trait]
impl Operation for Intent {
    type Answer = Result<(), IntentRefusal>;

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Answer, StoreError> {
        let mut answers = Self::apply_all(&[self], batch).await?;
        answers.pop().ok_or(StoreError::Corrupt { what: "intent" })
    }

    async fn apply_all(
        intents: &[&Self],
        batch: &mut Batch<'_>,
    ) -> Result<Vec<Self::Answer>, StoreError> {
        let mut answers = Vec::with_capacity(intents.len());
        for round in rounds(intents, Self::claims) {
            let facts = facts_of(batch, &round).await?;
            let mut allowed = Vec::with_capacity(round.len());
            let mut quotas = Quotas::default();
            for ((place, intent), facts) in round.into_iter().zip(facts) {
                let answer = intent.judge(&facts, &mut quotas);
                if answer.is_ok() {
                    allowed.push((intent, facts.stored.held.is_some()));
                }
                answers.push((place, answer));
            }
            record(batch, &allowed, quotas).await?;
        }
        Ok(in_order(answers))
    }
}

/// What no two intents can have that are recorded at once: the second must see the first.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Claim<'a> {
    Request(Uuid),
    IdempotencyKey(&'a str, &'a str),
    Serial(SerialNumber),
    Key(SpkiHash),
    Binding(&'a str, &'a str),
}

/// How many certificates are made at once for an RA on a day.
type Quotas<'a> = HashMap<(&'a str, i64), u64>;

async fn facts_of(
    batch: &mut Batch<'_>,
    round: &[Placed<'_, Intent>],
) -> Result<Vec<Facts>, StoreError> {
    let now = batch.now();
    let about: Vec<_> = round.iter().map(|(_, intent)| intent.about(now)).collect();
    let mut found: Vec<_> = round.iter().map(|_| None).collect();
    for query in facts(batch.kind(), &about) {
        for row in batch.all(query).await? {
            if let Some(found) = found.get_mut(place(&row)?) {
                *found = Some(Facts::from_row(&row)?);
            }
        }
    }
    let found: Option<Vec<_>> = found.into_iter().collect();
    found.ok_or(StoreError::Corrupt { what: "facts" })
}

/// Records intents that nothing speaks against; those that go on under a request that failed before
/// have a row of it already.
async fn record(
    batch: &mut Batch<'_>,
    allowed: &[(&Intent, bool)],
    quotas: Quotas<'_>,
) -> Result<(), StoreError> {
    let quotas = quotas.into_iter();
    let quotas = quotas.map(|((ra, day), made)| [ra.into(), day.into(), made.into()]);
    // They go with the first part.
    let mut with = batch.inserts(QUOTAS, ADD_UP, quotas.collect());
    for part in rows::parts(batch.kind(), allowed) {
        write(batch, part, std::mem::take(&mut with)).await?;
    }
    for (intent, _) in allowed {
        batch.audit(intent.event.clone())?;
    }
    Ok(())
}

async fn write(
    batch: &mut Batch<'_>,
    part: &[(&Intent, bool)],
    with: Vec<Statement>,
) -> Result<(), StoreError> {
    let now = batch.now();
    let (mut requests, mut statements) = (Vec::new(), Vec::new());
    for (intent, goes_on) in part {
        if *goes_on {
            go_on_with(batch, intent.request.request_id, intent.serial).await?;
        } else {
            requests.push(intent.request_row());
            statements.extend(intent.statement_row(now));
        }
    }
    let mut inserts = batch.inserts(REQUESTS, "", requests);
    inserts.extend(batch.inserts(STATEMENTS, "", statements));
    let intents = || part.iter().map(|(intent, _)| *intent);
    let certificates: Result<_, StoreError> = intents()
        .map(|intent| intent.certificate_row(now))
        .collect();
    inserts.extend(batch.inserts(CERTIFICATES, "", certificates?));
    let bindings = intents().filter_map(Intent::binding_row).collect();
    inserts.extend(batch.inserts(BINDINGS, HAND_OVER, bindings));
    inserts.extend(with);
    batch.write(inserts).await
}

impl Intent {
    fn claims(&self) -> Vec<Claim<'_>> {
        let request = &self.request;
        let key = request
            .ra
            .as_deref()
            .zip(request.idempotency_key.as_deref());
        let binding = self.binding.as_deref();
        let always = [
            Claim::Request(request.request_id),
            Claim::Serial(self.serial),
            Claim::Key(self.spki_hash),
        ];
        let key = key.map(|(ra, key)| Claim::IdempotencyKey(ra, key));
        let binding = binding.map(|binding| Claim::Binding(binding, &self.profile));
        always.into_iter().chain(key).chain(binding).collect()
    }

    fn about(&self, now: Timestamp) -> About<'_> {
        About {
            ra: self.request.ra.as_deref(),
            idempotency_key: self.request.idempotency_key.as_deref(),
            day: self.quota.map(|quota| quota.day),
            spki_hash: self.spki_hash,
            profile: &self.profile,
            binding: self.binding.as_deref(),
            predecessor: self.predecessor,
            now,
            certificate: Some((&self.issuer, self.serial)),
        }
    }

    /// Whether the records allow it; counts it in the RA's quota if they do.
    fn judge<'a>(&'a self, facts: &Facts, quotas: &mut Quotas<'a>) -> Result<(), IntentRefusal> {
        if let Some(held) = facts.stored.held {
            goes_on(held, &self.request)?;
        }
        if let Some(refusal) = self.refuse(facts) {
            return Err(refusal);
        }
        let (Some(quota), Some(ra)) = (self.quota, &self.request.ra) else {
            return Ok(());
        };
        let made = quotas.entry((ra, quota.day)).or_default();
        let used = facts.stored.quota_used + *made;
        if quota.limit.is_some_and(|limit| used >= limit) {
            return Err(IntentRefusal::QuotaExceeded);
        }
        *made += 1;
        Ok(())
    }

    fn refuse(&self, Facts { stored, issuer }: &Facts) -> Option<IntentRefusal> {
        let other = |known: Option<[u8; 32]>, own: [u8; 32]| known.is_some_and(|it| it != own);
        let refusals = [
            // Another daemon may have changed either since this request was decided.
            (issuer.halted, IntentRefusal::KeyStopped),
            // The CA's own certificates, of responders, go on to the end.
            (
                issuer.retired && self.request.ra.is_some(),
                IntentRefusal::IssuerRetired,
            ),
            (
                other(issuer.policy_digest, self.policy_digest),
                IntentRefusal::PolicyChanged,
            ),
            (stored.key_blocked, IntentRefusal::KeyBlocked),
            (stored.key_is_ca_key, IntentRefusal::KeyOfCa),
            (
                other(stored.key_certified_for, self.subject_hash),
                IntentRefusal::KeyCertifiedForOtherSubject,
            ),
            (stored.binding_taken, IntentRefusal::BindingTaken),
            (issuer.serial_taken, IntentRefusal::SerialTaken),
        ];
        let mut refusals = refusals.into_iter();
        refusals.find_map(|(refused, refusal)| refused.then_some(refusal))
    }
}

/// A request that failed may go on under its key, with the same content.
fn goes_on(held: HeldRequest, request: &NewRequest) -> Result<(), IntentRefusal> {
    let same_content = held.body_digest == request.body_digest;
    let same_request = held.request_id == request.request_id;
    if held.state == RequestState::Failed && same_request && same_content {
        return Ok(());
    }
    Err(IntentRefusal::IdempotencyTaken {
        request_id: held.request_id,
        same_content,
    })
}

/// Whether a serial number is in use, for whichever issuer.
pub(super) async fn serial_exists(
    batch: &mut Batch<'_>,
    serial: SerialNumber,
) -> Result<bool, StoreError> {
    let query = Statement::new("SELECT serial FROM certificates WHERE serial = $1");
    Ok(batch.first(query.bind(serial)).await?.is_some())
}
