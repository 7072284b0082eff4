//! The octets of lists, in parts: a list of a million entries is never in memory twice for being
//! recorded or read.

use async_trait::async_trait;
use bytes::Bytes;
use pki::{CrlNumber, CrlScope, IssuerName};

use super::{
    record::{CrlRecord, CrlRefusal},
    write::refuse,
};
use crate::{Store, StoreError, batch::Batch, engine::Statement, writer::Operation};

/// How many octets stand in a row.
const PART: usize = 256 * 1024;
/// How many octets go into one transaction: others that write do not wait for the whole list.
const TOGETHER: usize = 16 * PART;

/// The octets of a recorded list, as they are read.
#[derive(Debug)]
pub struct CrlOctets {
    store: Store,
    issuer: IssuerName,
    scope: CrlScope,
    number: CrlNumber,
    left: u64,
    ahead: Option<Bytes>,
    /// The part after the one that is ahead.
    next: u64,
}

impl Store {
    /// The octets of a list, DER; `None` if there is no such list, or they are no longer kept.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn crl_octets(
        &self,
        issuer: &IssuerName,
        scope: CrlScope,
        number: CrlNumber,
    ) -> Result<Option<CrlOctets>, StoreError> {
        let query = Statement::new(
            "SELECT size FROM crls WHERE issuer = $1 AND scope = $2 AND number = $3",
        );
        let query = query.bind(issuer).bind(scope).bind(number);
        let Some(row) = self.reads().first(query).await? else {
            return Ok(None);
        };
        let mut octets = CrlOctets {
            store: self.clone(),
            issuer: issuer.clone(),
            scope,
            number,
            left: row.get("size")?,
            ahead: None,
            next: 0,
        };
        octets.ahead = octets.read().await?;
        Ok(octets.ahead.is_some().then_some(octets))
    }

    /// Writes the octets of a list that is about to be recorded under a number that is its own, but
    /// for the last of them, which go with the record. If that is never made, these octets go as if it
    /// had been.
    pub(crate) async fn write_octets(
        &self,
        crl: &CrlRecord,
    ) -> Result<Result<Parts, CrlRefusal>, StoreError> {
        let mut parts = Parts::of(crl);
        while let Some(next) = parts.split() {
            if let Err(refusal) = self.writes().submit(next).await? {
                return Ok(Err(refusal));
            }
        }
        Ok(Ok(parts))
    }

    /// Lets the octets of an issuer's lists go but for those of the last two of each scope: a publisher
    /// may be about to ask for them. What any list said is in the audit log and in the entries.
    ///
    /// Not with the record of a list, since publication waits for that: to take a million entries away
    /// takes as long as to write them.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn drop_superseded_octets(&self, issuer: &IssuerName) -> Result<(), StoreError> {
        self.writes().submit(DropSuperseded(issuer.clone())).await
    }
}

impl CrlOctets {
    /// How many are left to be read.
    pub fn left(&self) -> u64 {
        self.left
    }

    /// The next of them; `None` after the last.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; [`StoreError::ListGone`] when newer lists took the place
    /// of this one meanwhile.
    pub async fn next_part(&mut self) -> Result<Option<Bytes>, StoreError> {
        let Some(part) = self.ahead.take() else {
            return Ok(None);
        };
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        let left = self.left.checked_sub(length);
        self.left = left.ok_or(StoreError::Corrupt { what: "list" })?;
        if self.left > 0 {
            let next = self.read().await?;
            self.ahead = Some(next.ok_or(StoreError::ListGone)?);
        }
        Ok(Some(part))
    }

    /// All that are left, of a list that fits into memory.
    ///
    /// # Errors
    /// As [`Self::next_part`].
    pub async fn collect(mut self) -> Result<Vec<u8>, StoreError> {
        let mut all = Vec::new();
        while let Some(part) = self.next_part().await? {
            all.extend_from_slice(&part);
        }
        Ok(all)
    }

    async fn read(&mut self) -> Result<Option<Bytes>, StoreError> {
        let query = Statement::new(
            "SELECT octets FROM crl_octets \
             WHERE issuer = $1 AND scope = $2 AND number = $3 AND part = $4",
        );
        let query = query.bind(&self.issuer).bind(self.scope).bind(self.number);
        let row = self.store.reads().first(query.bind(self.next)).await?;
        self.next += 1;
        let octets: Option<Vec<u8>> = row.map(|row| row.get("octets")).transpose()?;
        Ok(octets.map(Bytes::from))
    }
}

/// Some octets of a list, as rows.
pub(crate) struct Parts {
    crl: CrlRecord,
    /// The number of the first row.
    first: u64,
    octets: Bytes,
}

impl Parts {
    /// All of a list.
    pub(super) fn of(crl: &CrlRecord) -> Self {
        Self {
            octets: crl.crl_der.clone(),
            crl: crl.clone(),
            first: 0,
        }
    }

    /// Takes as many off the front as go into one transaction, if that leaves any.
    fn split(&mut self) -> Option<Self> {
        if self.octets.len() <= TOGETHER {
            return None;
        }
        let front = Self {
            crl: self.crl.clone(),
            first: self.first,
            octets: self.octets.split_to(TOGETHER),
        };
        self.first += u64::try_from(TOGETHER / PART).unwrap_or(u64::MAX);
        Some(front)
    }

    pub(super) async fn insert(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        for (part, octets) in (self.first..).zip(self.octets.chunks(PART)) {
            let insert = Statement::new(
                "INSERT INTO crl_octets (issuer, scope, number, part, octets) \
                 VALUES ($1, $2, $3, $4, $5)",
            );
            let insert = insert.bind(&self.crl.issuer).bind(self.crl.scope);
            let insert = insert.bind(self.crl.number).bind(part).bind(octets);
            batch.execute(insert).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Operation for Parts {
    type Answer = Result<(), CrlRefusal>;

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Answer, StoreError> {
        if let Some(refusal) = refuse(&self.crl, true, batch).await? {
            return Ok(Err(refusal));
        }
        self.insert(batch).await.map(Ok)
    }
}

struct DropSuperseded(IssuerName);

#[async_trait]
impl Operation for DropSuperseded {
    type Answer = ();

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        drop_superseded(&self.0, batch).await
    }
}

/// Takes away all but the last two lists' of each scope.
pub(super) async fn drop_superseded(
    issuer: &IssuerName,
    batch: &mut Batch<'_>,
) -> Result<(), StoreError> {
    let delete = Statement::new(
        "DELETE FROM crl_octets WHERE issuer = $1 AND number < \
             (SELECT number FROM crls c WHERE c.issuer = crl_octets.issuer \
              AND c.scope = crl_octets.scope ORDER BY c.number DESC LIMIT 1 OFFSET 1)",
    );
    batch.execute(delete.bind(issuer)).await.map(drop)
}
