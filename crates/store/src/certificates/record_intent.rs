//! Recording an intent.

use api::{CertificateState, RequestState};
use async_trait::async_trait;
use jiff::Timestamp;
use pki::SerialNumber;
use sha2::{Digest as _, Sha256};

use super::{
    facts::{About, Facts, facts},
    intent::{Intent, IntentRefusal, NewRequest},
    record::RequestRecord,
};
use crate::{
    Store, StoreError,
    batch::Batch,
    engine::{Statement, to_word},
    writer::Operation,
};

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
        let held = holder_of_key(batch, &self.request).await?;
        if let Some(refusal) = held
            .as_ref()
            .and_then(|held| refuse_key(held, &self.request))
        {
            return Ok(Err(refusal));
        }
        if let Some(refusal) = self.refuse(batch).await? {
            return Ok(Err(refusal));
        }
        match held {
            Some(_) => self.try_again(batch).await?,
            None => self.insert_request(batch).await?,
        }
        self.insert_certificate(batch).await?;
        self.claim(batch).await?;
        batch.audit(self.event.clone())?;
        Ok(Ok(()))
    }
}

/// What only the transaction knows of an issuer.
struct IssuerNow {
    policy_digest: Option<[u8; 32]>,
    halted: bool,
    retired: bool,
    serial_taken: bool,
}

/// The request that has the idempotency key already.
async fn holder_of_key(
    batch: &mut Batch<'_>,
    request: &NewRequest,
) -> Result<Option<RequestRecord>, StoreError> {
    let (Some(ra), Some(key)) = (&request.ra, &request.idempotency_key) else {
        return Ok(None);
    };
    let query = Statement::new("SELECT * FROM requests WHERE ra = $1 AND idempotency_key = $2");
    let row = batch.first(query.bind(ra).bind(key)).await?;
    row.as_ref().map(RequestRecord::from_row).transpose()
}

fn refuse_key(held: &RequestRecord, request: &NewRequest) -> Option<IntentRefusal> {
    let same_content = held.body_digest == request.body_digest;
    let goes_on =
        held.state == RequestState::Failed && held.request_id == request.request_id && same_content;
    (!goes_on).then_some(IntentRefusal::IdempotencyTaken {
        request_id: held.request_id,
        same_content,
    })
}

impl Intent {
    async fn refuse(&self, batch: &mut Batch<'_>) -> Result<Option<IntentRefusal>, StoreError> {
        let about = About {
            ra: self.request.ra.as_deref(),
            day: self.quota.map(|quota| quota.day),
            spki_hash: self.spki_hash,
            subject_hash: self.subject_hash,
            profile: &self.profile,
            binding: self.binding.as_deref(),
            predecessor: self.predecessor,
            now: batch.now(),
        };
        let row = batch.first(facts(&about)).await?;
        let facts = Facts::from_row(&row.ok_or(StoreError::Corrupt { what: "facts" })?)?;
        let limit = self.quota.and_then(|quota| quota.limit);
        let issuer = self.issuer_now(batch).await?;
        let refusals = [
            // Another daemon may have changed either since this request was decided.
            (issuer.halted, IntentRefusal::KeyStopped),
            // The CA's own certificates, of responders, go on to the end.
            (
                issuer.retired && self.request.ra.is_some(),
                IntentRefusal::IssuerRetired,
            ),
            (
                issuer
                    .policy_digest
                    .is_some_and(|digest| digest != self.policy_digest),
                IntentRefusal::PolicyChanged,
            ),
            (facts.blocked, IntentRefusal::KeyBlocked),
            (facts.ca_key, IntentRefusal::KeyOfCa),
            (
                facts.other_subject,
                IntentRefusal::KeyCertifiedForOtherSubject,
            ),
            (facts.binding_taken, IntentRefusal::BindingTaken),
            (
                limit.is_some_and(|limit| facts.used >= limit),
                IntentRefusal::QuotaExceeded,
            ),
            (issuer.serial_taken, IntentRefusal::SerialTaken),
        ];
        Ok(refusals
            .into_iter()
            .find_map(|(refused, refusal)| refused.then_some(refusal)))
    }

    /// How the issuer stands in this transaction.
    async fn issuer_now(&self, batch: &mut Batch<'_>) -> Result<IssuerNow, StoreError> {
        let query = Statement::new(
            "SELECT i.policy_digest, i.halted_at IS NOT NULL AS halted, \
             i.retired_at IS NOT NULL AS retired, \
             EXISTS (SELECT 1 FROM certificates c WHERE c.serial = $1) AS serial_taken \
             FROM issuers i WHERE i.name = $2",
        );
        let row = batch
            .first(query.bind(self.serial).bind(&self.issuer))
            .await?
            .ok_or(StoreError::Corrupt { what: "issuer" })?;
        Ok(IssuerNow {
            policy_digest: row.optional("policy_digest")?,
            halted: row.get("halted")?,
            retired: row.get("retired")?,
            serial_taken: row.get("serial_taken")?,
        })
    }

    async fn insert_request(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        let request = &self.request;
        let insert = Statement::new(
            "INSERT INTO requests (request_id, ra, idempotency_key, operation, body_digest, \
             order_id, state, serial, received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(request.request_id)
        .bind(request.ra.as_deref())
        .bind(request.idempotency_key.as_deref())
        .bind(&request.operation)
        .bind(request.body_digest)
        .bind(request.order_id.as_deref())
        .bind(to_word(&RequestState::Running)?)
        .bind(self.serial)
        .bind(request.received_at);
        batch.execute(insert).await?;
        if let Some(statement) = &self.statement {
            let insert = Statement::new(
                "INSERT INTO statements (request_id, statement, recorded_at) VALUES ($1, $2, $3)",
            );
            let insert = insert
                .bind(request.request_id)
                .bind(statement)
                .bind(batch.now());
            batch.execute(insert).await?;
        }
        Ok(())
    }

    async fn try_again(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        let update =
            Statement::new("UPDATE requests SET state = $1, serial = $2 WHERE request_id = $3")
                .bind(to_word(&RequestState::Running)?)
                .bind(self.serial)
                .bind(self.request.request_id);
        batch.execute(update).await.map(drop)
    }

    async fn insert_certificate(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        let subscriber = self.subscriber_ref.as_ref().map(|reference| {
            subscriber_hash(self.request.ra.as_deref().unwrap_or_default(), reference)
        });
        let insert = Statement::new(
            "INSERT INTO certificates (serial, issuer, request_id, ra, order_id, \
             subscriber_hash, profile, state, not_before, not_after, shard, spki_hash, subject_hash, \
             binding, predecessor, policy_digest, tbs_der, tbs_digest, recorded_at) VALUES ($1, \
             $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
        )
        .bind(self.serial)
        .bind(&self.issuer)
        .bind(self.request.request_id)
        .bind(self.request.ra.as_deref())
        .bind(self.request.order_id.as_deref())
        .bind(subscriber)
        .bind(&self.profile)
        .bind(to_word(&CertificateState::Signing)?)
        .bind(self.not_before)
        .bind(self.not_after)
        .bind(self.shard)
        .bind(self.spki_hash)
        .bind(self.subject_hash)
        .bind(self.binding.as_deref())
        .bind(self.predecessor)
        .bind(self.policy_digest)
        .bind(self.tbs_der.as_slice())
        .bind(tbs_digest(&self.tbs_der))
        .bind(batch.now());
        batch.execute(insert).await.map(drop)
    }

    /// Takes the key for the subject, the binding, and one of the quota.
    async fn claim(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        let key = Statement::new(
            "INSERT INTO certified_keys (spki_hash, subject_hash, recorded_at) \
             VALUES ($1, $2, $3) ON CONFLICT (spki_hash) DO NOTHING",
        );
        let key = key
            .bind(self.spki_hash)
            .bind(self.subject_hash)
            .bind(batch.now());
        batch.execute(key).await?;
        if let Some(binding) = &self.binding {
            bind(batch, (binding, &self.profile), self.serial, self.not_after).await?;
        }
        if let (Some(quota), Some(ra)) = (self.quota, &self.request.ra) {
            let count = Statement::new(
                "INSERT INTO quotas (ra, day, used) VALUES ($1, $2, 1) \
                 ON CONFLICT (ra, day) DO UPDATE SET used = quotas.used + 1",
            );
            batch.execute(count.bind(ra).bind(quota.day)).await?;
        }
        Ok(())
    }
}

/// Gives a binding to a certificate. Whether it is free has been checked.
pub(super) async fn bind(
    batch: &mut Batch<'_>,
    (binding, profile): (&str, &str),
    serial: SerialNumber,
    until: Timestamp,
) -> Result<(), StoreError> {
    let upsert = Statement::new(
        "INSERT INTO bindings (binding, profile, serial, until) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (binding, profile) \
         DO UPDATE SET serial = excluded.serial, until = excluded.until",
    );
    let upsert = upsert.bind(binding).bind(profile).bind(serial).bind(until);
    batch.execute(upsert).await.map(drop)
}

/// Whether a serial number is in use, for whichever issuer.
pub(super) async fn serial_exists(
    batch: &mut Batch<'_>,
    serial: SerialNumber,
) -> Result<bool, StoreError> {
    let query = Statement::new("SELECT serial FROM certificates WHERE serial = $1");
    Ok(batch.first(query.bind(serial)).await?.is_some())
}

/// By what a subscriber is found without his reference being kept: a hash over the RA's name and
/// the reference.
pub(super) fn subscriber_hash(ra: &str, reference: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(ra.as_bytes());
    // Names of peers hold no NUL, so that no two pairs run together.
    hash.update([0]);
    hash.update(reference.as_bytes());
    hash.finalize().into()
}

/// SHA-256 of a TBSCertificate.
pub(super) fn tbs_digest(tbs_der: &[u8]) -> [u8; 32] {
    Sha256::digest(tbs_der).into()
}
