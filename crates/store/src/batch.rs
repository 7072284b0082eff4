//! One transaction of the writer: what several operations change, announce and audit.

mod pending;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use audit::{AuditEvent, ChainHash};
use feed::{Event, Status};
use jiff::Timestamp;
use pki::{IssuerName, SerialNumber};

use self::pending::{PendingEntry, PendingEvent};
pub(crate) use self::write::CommitFailure;
use crate::{
    StoreError,
    engine::{Connection, Kind, Options, Row, Statement, nanos_free},
};

/// The transaction in which operations are carried out.
///
/// An operation checks everything first and then changes, announces and audits, or does nothing of
/// these: a refusal leaves no trace in the batch, so that it needs no savepoint.
#[derive(Debug)]
pub(crate) struct Batch<'c> {
    connection: &'c mut Connection,
    /// The time of the transaction; all its changes take effect at this time.
    now: Timestamp,
    feed: Vec<PendingEntry>,
    feed_head: u64,
    /// The last entry that presses; 0 if none of this transaction does.
    pressing: u64,
    /// Rows of earlier transactions that are not the latest any more.
    overtaken: BTreeSet<u64>,
    topics: BTreeMap<String, u64>,
    /// What goes to PostgreSQL with whatever goes there next.
    unwritten: Vec<Statement>,
    audit: Vec<PendingEvent>,
    audit_head: u64,
    chain: ChainHash,
}

/// What the transaction goes on from.
const HEADS: &str = "SELECT COALESCE((SELECT MAX(seq) FROM feed), 0) AS feed, \
    COALESCE((SELECT MAX(seq) FROM audit_log), 0) AS audit, \
    (SELECT chain FROM audit_log ORDER BY seq DESC LIMIT 1) AS chain";

impl<'c> Batch<'c> {
    /// Opens a connection for transactions. PostgreSQL plans here what each of them asks first: it comes
    /// with the beginning, in a text of several statements, which would be planned each time.
    pub(crate) async fn connect(options: &Options) -> Result<Connection, sqlx::Error> {
        let mut connection = Connection::open(options).await?;
        if connection.kind() == Kind::Postgres {
            let prepare = Statement::assembled(format!("PREPARE heads AS {HEADS}"));
            connection.execute(prepare).await?;
        }
        Ok(connection)
    }

    /// Begins the transaction. From here to its end no other writer gives out sequence numbers.
    pub(crate) async fn begin(
        connection: &'c mut Connection,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let query = match connection.kind() {
            Kind::Sqlite => HEADS,
            Kind::Postgres => "EXECUTE heads",
        };
        let heads = connection.begin_with(query).await?;
        let row = heads.ok_or(StoreError::Corrupt { what: "heads" })?;
        let chain: Option<Vec<u8>> = row.optional("chain")?;
        let chain = match chain {
            None => ChainHash::START,
            Some(octets) => {
                ChainHash::try_from(octets.as_slice()).map_err(|_| StoreError::Corrupt {
                    what: "audit chain",
                })?
            }
        };
        Ok(Self {
            now: nanos_free(now),
            feed: Vec::new(),
            feed_head: row.get("feed")?,
            pressing: 0,
            overtaken: BTreeSet::new(),
            topics: BTreeMap::new(),
            unwritten: Vec::new(),
            audit: Vec::new(),
            audit_head: row.get("audit")?,
            chain,
            connection,
        })
    }

    /// The time at which everything in this transaction takes effect.
    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    /// The last sequence number of the feed so far.
    pub(crate) fn feed_head(&self) -> u64 {
        self.feed_head
    }

    /// The last sequence number of the audit log so far.
    pub(crate) fn audit_head(&self) -> u64 {
        self.audit_head
    }

    /// Which engine it is on.
    pub(crate) fn kind(&self) -> Kind {
        self.connection.kind()
    }

    /// Runs a statement; answers how many rows it changed.
    pub(crate) async fn execute(&mut self, statement: Statement) -> Result<u64, StoreError> {
        self.write_out().await?;
        Ok(self.connection.execute(statement).await?)
    }

    /// The first row of a result.
    pub(crate) async fn first(&mut self, query: Statement) -> Result<Option<Row>, StoreError> {
        self.write_out().await?;
        Ok(self.connection.first(query).await?)
    }

    /// All rows of a result.
    pub(crate) async fn all(&mut self, query: Statement) -> Result<Vec<Row>, StoreError> {
        self.write_out().await?;
        Ok(self.connection.all(query).await?)
    }

    /// Puts a certificate's status on the feed. `previous` is the sequence number of the last entry
    /// about it, 0 if there is none.
    pub(crate) fn announce_certificate(
        &mut self,
        certificate: (IssuerName, SerialNumber, Timestamp, Option<u16>),
        status: Status,
        previous: u64,
    ) -> Result<u64, StoreError> {
        let (issuer, serial, not_after, shard) = certificate;
        self.overtake(previous);
        self.announce(&Event::Certificate {
            issuer,
            serial,
            not_after,
            shard,
            status,
        })
    }

    /// Puts something on the feed that takes the place of what was said about the same topic.
    pub(crate) async fn announce_topic(
        &mut self,
        topic: String,
        event: &Event,
    ) -> Result<u64, StoreError> {
        let previous = if let Some(sequence) = self.topics.get(&topic) {
            *sequence
        } else {
            let query = Statement::new("SELECT seq FROM feed_topics WHERE topic = $1");
            let row = self.first(query.bind(&topic)).await?;
            row.map_or(Ok(0), |row| row.get("seq"))?
        };
        self.overtake(previous);
        let sequence = self.announce(event)?;
        self.topics.insert(topic, sequence);
        Ok(sequence)
    }

    fn announce(&mut self, event: &Event) -> Result<u64, StoreError> {
        let text =
            serde_json::to_string(event).map_err(|_| StoreError::Corrupt { what: "feed event" })?;
        self.feed_head += 1;
        if !event.is_good() {
            self.pressing = self.feed_head;
        }
        self.feed.push(PendingEntry {
            sequence: self.feed_head,
            latest: true,
            event: text,
        });
        Ok(self.feed_head)
    }

    fn overtake(&mut self, previous: u64) {
        match self
            .feed
            .iter_mut()
            .find(|entry| entry.sequence == previous)
        {
            Some(pending) => pending.latest = false,
            None if previous > 0 => {
                self.overtaken.insert(previous);
            }
            None => {}
        }
    }

    /// Puts an event in the audit log.
    pub(crate) fn audit(&mut self, event: AuditEvent) -> Result<(), StoreError> {
        let canonical = event.canonical().map_err(|_| StoreError::Corrupt {
            what: "audit event",
        })?;
        self.audit_head += 1;
        self.chain = self.chain.next(self.audit_head, &canonical);
        let (sequence, chain) = (self.audit_head, self.chain);
        self.audit.push(PendingEvent {
            sequence,
            event,
            canonical,
            chain,
        });
        Ok(())
    }
}
