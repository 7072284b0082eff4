//! Recording lists.

use async_trait::async_trait;
use audit::AuditEvent;
use feed::{Event, IssuerKind};
use jiff::Timestamp;
use pki::{CrlNumber, CrlScope, IssuerName};
use sha2::{Digest as _, Sha256};
use tokio::{join, task::spawn_blocking};

use super::{
    numbers::{last_number, save_number},
    octets::{Parts, drop_superseded},
    record::{CrlRecord, CrlRefusal},
};
use crate::{
    Store, StoreError, batch::Batch, engine::Statement, registry::find_issuer, writer::Operation,
};

impl Store {
    /// Records a list that was signed under a reserved number, and puts it on the feed; answers
    /// the feed's sequence number.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_crl(
        &self,
        crl: CrlRecord,
        event: AuditEvent,
    ) -> Result<Result<u64, CrlRefusal>, StoreError> {
        let octets = crl.crl_der.clone();
        let digest = spawn_blocking(move || Sha256::digest(octets).into());
        let (written, digest) = join!(self.write_octets(&crl), digest);
        let last = match written? {
            Ok(last) => last,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let sha256 = digest.map_err(|_| StoreError::WriterStopped)?;
        let record = RecordCrl {
            crl,
            sha256,
            last,
            reserved: true,
            event,
        };
        self.writes().submit(record).await
    }

    /// Records a list that another CA signed offline, and puts it on the feed; answers the feed's
    /// sequence number. Its number is the signer's, and must be above the last.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn import_crl(
        &self,
        crl: CrlRecord,
        event: AuditEvent,
    ) -> Result<Result<u64, CrlRefusal>, StoreError> {
        let record = RecordCrl {
            sha256: Sha256::digest(&crl.crl_der).into(),
            last: Parts::of(&crl),
            crl,
            reserved: false,
            event,
        };
        self.writes().submit(record).await
    }
}

struct RecordCrl {
    crl: CrlRecord,
    sha256: [u8; 32],
    /// The octets that were not written before.
    last: Parts,
    /// Whether the number was reserved here: then nobody else has it.
    reserved: bool,
    event: AuditEvent,
}

#[async_trait]
impl Operation for RecordCrl {
    type Answer = Result<u64, CrlRefusal>;

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Answer, StoreError> {
        let Some(issuer) = find_issuer(batch, &self.crl.issuer).await? else {
            return Ok(Err(CrlRefusal::IssuerNotFound));
        };
        if let Some(refusal) = refuse(&self.crl, self.reserved, batch).await? {
            return Ok(Err(refusal));
        }
        self.insert(batch).await?;
        self.last.insert(batch).await?;
        if !self.reserved {
            drop_superseded(&self.crl.issuer, batch).await?;
        }
        if self.crl.scope != CrlScope::Delta {
            self.drop_expired(batch).await?;
        }
        if issuer.kind != IssuerKind::Management {
            self.announce(batch).await?;
        }
        batch.audit(self.event.clone())?;
        Ok(Ok(batch.feed_head()))
    }
}

impl RecordCrl {
    fn size(&self) -> u64 {
        u64::try_from(self.crl.crl_der.len()).unwrap_or(u64::MAX)
    }

    async fn insert(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        let CrlRecord {
            issuer,
            scope,
            number,
            base,
            this_update,
            next_update,
            as_of,
            ..
        } = &self.crl;
        let insert = Statement::new(
            "INSERT INTO crls (issuer, scope, number, base, this_update, next_update, as_of, \
             size, sha256, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(issuer)
        .bind(*scope)
        .bind(*number)
        .bind(*base)
        .bind(*this_update)
        .bind(*next_update)
        .bind(*as_of)
        .bind(self.size())
        .bind(&self.sha256[..])
        .bind(batch.now());
        batch.execute(insert).await?;
        if !self.reserved {
            save_number(batch, issuer, scope.numbering(), *number).await?;
        }
        let upsert = Statement::new(
            "INSERT INTO crl_scopes (issuer, scope, last) VALUES ($1, $2, $3) \
             ON CONFLICT (issuer, scope) DO UPDATE SET last = excluded.last",
        );
        let upsert = upsert.bind(issuer).bind(*scope).bind(*number);
        batch.execute(upsert).await.map(drop)
    }

    /// An entry may go once it has stood on a list made after its certificate's end (RFC 5280
    /// section 3.3): on the complete one, and on that of its shard. What was revoked after a list's
    /// entries were read has not stood on it.
    async fn drop_expired(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        let update = drop_expired(&self.crl.issuer, self.crl.scope)
            .bind(self.crl.this_update)
            .bind(self.crl.as_of);
        batch.execute(update).await.map(drop)
    }

    /// The feed announces; followers ask for the bytes of what they publish.
    async fn announce(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        let CrlRecord {
            issuer,
            scope,
            number,
            base,
            this_update,
            next_update,
            as_of,
            ..
        } = self.crl.clone();
        let topic = format!("crl:{issuer}:{scope}");
        let event = Event::Crl {
            issuer,
            scope,
            number,
            base,
            this_update,
            next_update,
            as_of,
            size: self.size(),
            sha256: self.sha256,
        };
        batch.announce_topic(topic, &event).await.map(drop)
    }
}

/// Why a list cannot be recorded now; `reserved` says whether its number must have been taken here.
pub(super) async fn refuse(
    crl: &CrlRecord,
    reserved: bool,
    batch: &mut Batch<'_>,
) -> Result<Option<CrlRefusal>, StoreError> {
    let CrlRecord {
        issuer,
        scope,
        number,
        this_update,
        as_of,
        ..
    } = crl;
    let taken = last_number(batch, issuer, scope.numbering()).await?;
    if reserved && taken.is_none_or(|taken| *number > taken) {
        return Ok(Some(CrlRefusal::NotReserved));
    }
    let query = Statement::new(
        "SELECT number, this_update, as_of FROM crls WHERE issuer = $1 AND scope = $2 \
         ORDER BY number DESC LIMIT 1",
    );
    let Some(last) = batch.first(query.bind(issuer).bind(*scope)).await? else {
        return Ok(None);
    };
    // Two daemons may be at it at once: what one list shows, the next must not lack.
    let last_as_of: u64 = last.get("as_of")?;
    let (last, last_update): (CrlNumber, Timestamp) =
        (last.get("number")?, last.get("this_update")?);
    let refusals = [
        (*number <= last, CrlRefusal::NumberNotAhead { last }),
        (
            *this_update < last_update || *as_of < last_as_of,
            CrlRefusal::Older,
        ),
    ];
    Ok(refusals
        .into_iter()
        .find_map(|(refused, refusal)| refused.then_some(refusal)))
}

/// Takes off what stood on both lists; lacks thisUpdate and the moment of the entries of the one
/// that is recorded.
pub(crate) fn drop_expired(issuer: &IssuerName, scope: CrlScope) -> Statement {
    match scope.shard() {
        None => Statement::new(
            "UPDATE certificates SET on_crl = $1 \
             WHERE on_crl AND issuer = $2 AND not_after < $3 AND feed_seq <= $4 \
             AND (shard IS NULL OR EXISTS (SELECT 1 FROM crl_scopes s JOIN crls l \
              ON l.issuer = s.issuer AND l.scope = s.scope AND l.number = s.last \
              WHERE s.issuer = certificates.issuer AND s.scope = 'shard-' || certificates.shard \
              AND l.this_update > certificates.not_after AND l.as_of >= certificates.feed_seq))",
        )
        .bind(false)
        .bind(issuer),
        Some(shard) => Statement::new(
            "UPDATE certificates SET on_crl = $1 \
             WHERE on_crl AND issuer = $2 AND shard = $3 AND not_after < $4 AND feed_seq <= $5 \
             AND EXISTS (SELECT 1 FROM crl_scopes s JOIN crls l \
              ON l.issuer = s.issuer AND l.scope = s.scope AND l.number = s.last \
              WHERE s.issuer = certificates.issuer AND s.scope = 'full' \
              AND l.this_update > certificates.not_after AND l.as_of >= certificates.feed_seq)",
        )
        .bind(false)
        .bind(issuer)
        .bind(shard),
    }
}
