//! What followers say that they have made durable, and which lists they show.

use async_trait::async_trait;
use audit::AuditEvent;
use feed::{CrlAcknowledgement, Epoch};
use jiff::Timestamp;

use crate::{
    Store, StoreError,
    batch::Batch,
    engine::{Row, Statement},
    epoch::epoch,
    writer::Operation,
};

/// How far a follower has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The follower, by its name in the registry.
    pub follower: String,
    /// The last sequence number that it has made durable.
    pub sequence: u64,
    /// When it said so.
    pub at: Timestamp,
}

/// Why an acknowledgement was not recorded: nothing that the follower says can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AcknowledgementRefusal {
    /// The follower's copy is of another feed.
    #[error("the follower's copy is of another epoch: it starts over with the next answer")]
    OtherEpoch,
    /// The follower's copy has what this database does not have.
    #[error(
        "the follower's copy is ahead of this database, which was put back: run `ca-daemon restored`"
    )]
    BeyondHead,
}

impl AcknowledgementRefusal {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::OtherEpoch => "acknowledged-other-epoch",
            Self::BeyondHead => "acknowledged-beyond-head",
        }
    }
}

/// A list that a publisher shows, with the event that tells so if it is news.
#[derive(Debug, Clone)]
pub struct ShownList {
    /// Which.
    pub list: CrlAcknowledgement,
    /// For the audit log.
    pub event: AuditEvent,
}

impl Store {
    /// Records how far a follower has come in the feed of an epoch, and the lists that it shows; of
    /// those that are known, and of lists that were never made, nothing is recorded. What it
    /// acknowledged before stays: one that comes with an older copy has had the newer entries all the
    /// same, since when it first said so. One that nobody waits for is recorded with what comes next.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails or there is no such peer.
    pub async fn acknowledge(
        &self,
        follower: &str,
        epoch: &Epoch,
        sequence: u64,
        shown: Vec<ShownList>,
        is_awaited: bool,
    ) -> Result<Result<(), AcknowledgementRefusal>, StoreError> {
        // Many followers acknowledge often; a list is shown once, and the next delta may wait for it.
        let is_urgent = is_awaited || !shown.is_empty();
        let acknowledge = Acknowledge {
            follower: follower.to_owned(),
            epoch: epoch.clone(),
            sequence,
            shown,
        };
        if is_urgent {
            self.writes().submit(acknowledge).await
        } else {
            self.writes().submit_unhurried(acknowledge).await
        }
    }

    /// How far each follower has come that ever acknowledged anything.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn acknowledgements(&self) -> Result<Vec<Acknowledgement>, StoreError> {
        let query = Statement::new(
            "SELECT p.name AS follower, a.seq, a.at FROM peers p \
             JOIN acknowledgements a ON a.follower = p.name AND a.seq = \
             (SELECT MAX(last.seq) FROM acknowledgements last WHERE last.follower = p.name) \
             ORDER BY p.name",
        );
        self.reads()
            .all(query)
            .await?
            .iter()
            .map(Acknowledgement::from_row)
            .collect()
    }

    /// Of each follower the first acknowledgement that covers a sequence number: since when it has
    /// known of that entry.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn acknowledged(&self, sequence: u64) -> Result<Vec<Acknowledgement>, StoreError> {
        let query = Statement::new(
            "SELECT p.name AS follower, a.seq, a.at FROM peers p \
             JOIN acknowledgements a ON a.follower = p.name AND a.seq = \
             (SELECT MIN(first.seq) FROM acknowledgements first \
              WHERE first.follower = p.name AND first.seq >= $1) ORDER BY p.name",
        );
        let rows = self.reads().all(query.bind(sequence)).await?;
        rows.iter().map(Acknowledgement::from_row).collect()
    }
}

impl Acknowledgement {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            follower: row.get("follower")?,
            sequence: row.get("seq")?,
            at: row.get("at")?,
        })
    }
}

struct Acknowledge {
    follower: String,
    epoch: Epoch,
    sequence: u64,
    shown: Vec<ShownList>,
}

#[async_trait]
impl Operation for Acknowledge {
    type Answer = Result<(), AcknowledgementRefusal>;

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Answer, StoreError> {
        if epoch(batch).await?.as_ref() != Some(&self.epoch) {
            return Ok(Err(AcknowledgementRefusal::OtherEpoch));
        }
        if self.sequence > batch.feed_head() {
            return Ok(Err(AcknowledgementRefusal::BeyondHead));
        }
        let insert = Statement::new(
            "INSERT INTO acknowledgements (follower, seq, at) SELECT $1, $2, $3 \
             WHERE NOT EXISTS (SELECT 1 FROM acknowledgements WHERE follower = $1 AND seq >= $2)",
        );
        let insert = insert
            .bind(&self.follower)
            .bind(self.sequence)
            .bind(batch.now());
        batch.execute(insert).await?;
        for shown in &self.shown {
            self.show(shown, batch).await?;
        }
        Ok(Ok(()))
    }
}

impl Acknowledge {
    async fn show(&self, shown: &ShownList, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        let CrlAcknowledgement {
            issuer,
            scope,
            number,
        } = &shown.list;
        // What was never made cannot be shown, whatever a follower says.
        let insert = Statement::new(
            "INSERT INTO crl_acknowledgements (issuer, scope, number, follower, at) \
             SELECT issuer, scope, number, $1, $2 FROM crls \
             WHERE issuer = $3 AND scope = $4 AND number = $5 \
             ON CONFLICT (issuer, scope, number, follower) DO NOTHING",
        )
        .bind(&self.follower)
        .bind(batch.now())
        .bind(issuer)
        .bind(*scope)
        .bind(*number);
        if batch.execute(insert).await? > 0 {
            batch.audit(shown.event.clone())?;
        }
        Ok(())
    }
}
