//! The audit log.

use async_trait::async_trait;
use audit::{AuditEvent, ChainHash, EventKind};
use jiff::Timestamp;
use pki::SerialNumber;

use crate::{
    Store, StoreError,
    batch::Batch,
    engine::{Row, Statement, Value},
    writer::Operation,
};

/// An event as recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// Position in commit order, from 1, without gaps.
    pub sequence: u64,
    /// The event.
    pub event: AuditEvent,
    /// Its canonical bytes, as hashed.
    pub canonical: String,
    /// Hash over this event and all before it.
    pub chain: ChainHash,
}

/// Which events a page holds; all that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// The kind.
    pub kind: Option<EventKind>,
    /// The actor, as displayed: `ra:NAME`, `daemon` …
    pub actor: Option<String>,
    /// The certificate.
    pub serial: Option<SerialNumber>,
    /// Not before this time.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
}

impl Store {
    /// Records events that come with no change of state, refusals for one; answers the last
    /// sequence number of the log.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_audit(&self, events: Vec<AuditEvent>) -> Result<u64, StoreError> {
        self.writes().submit(RecordAudit { events }).await
    }

    /// Events after a sequence number, in commit order.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn audit_page(
        &self,
        filter: &AuditFilter,
        after: u64,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, StoreError> {
        let rows = self.reads().all(page(filter, after, limit)).await?;
        rows.iter().map(AuditRecord::from_row).collect()
    }

    /// The last event of a kind.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn last_audit(&self, kind: EventKind) -> Result<Option<AuditRecord>, StoreError> {
        let query = Statement::new(
            "SELECT seq, event, chain FROM audit_log WHERE kind = $1 ORDER BY seq DESC LIMIT 1",
        );
        let row = self.reads().first(query.bind(kind.as_str())).await?;
        row.as_ref().map(AuditRecord::from_row).transpose()
    }
}

pub(crate) fn page(filter: &AuditFilter, after: u64, limit: u32) -> Statement {
    let mut conditions = vec!["seq > $1".to_owned()];
    let mut values: Vec<Value> = vec![after.into()];
    let mut require = |condition: &str, value: Option<Value>| {
        if let Some(value) = value {
            values.push(value);
            conditions.push(format!("{condition} ${}", values.len()));
        }
    };
    require("kind =", filter.kind.map(|kind| kind.as_str().into()));
    require("actor =", filter.actor.as_deref().map(Into::into));
    require("serial =", filter.serial.map(Into::into));
    require("at >=", filter.from.map(Into::into));
    require("at <", filter.until.map(Into::into));
    values.push(limit.into());
    let (conditions, limit) = (conditions.join(" AND "), values.len());
    Statement::assembled(format!(
        "SELECT seq, event, chain FROM audit_log WHERE {conditions} ORDER BY seq LIMIT ${limit}"
    ))
    .bind_all(values)
}

impl AuditRecord {
    pub(crate) fn from_row(row: &Row) -> Result<Self, StoreError> {
        let chain: Vec<u8> = row.get("chain")?;
        Ok(Self {
            sequence: row.get("seq")?,
            event: row.json("event")?,
            canonical: row.get("event")?,
            chain: ChainHash::try_from(chain.as_slice()).map_err(|_| StoreError::Corrupt {
                what: "audit chain",
            })?,
        })
    }
}

struct RecordAudit {
    events: Vec<AuditEvent>,
}

#[async_trait]
impl Operation for RecordAudit {
    type Answer = u64;

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<u64, StoreError> {
        for event in &self.events {
            batch.audit(event.clone())?;
        }
        Ok(batch.audit_head())
    }
}
