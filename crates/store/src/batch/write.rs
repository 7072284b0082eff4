//! How a transaction writes.

use super::{Batch, pending::PendingEvent};
use crate::{
    FeedHead, StoreError,
    engine::{Kind, Statement, Value},
    rows,
};

/// A row that is not the latest any more.
const OVERTAKE: &str = "UPDATE feed SET latest = FALSE WHERE seq = ?";

impl Batch<'_> {
    /// Writes feed and audit log and makes the transaction durable; answers the feed's head.
    pub(crate) async fn commit(mut self) -> Result<FeedHead, CommitFailure> {
        self.flush().await.map_err(CommitFailure::Before)?;
        match self.connection.commit().await {
            Ok(()) => Ok(FeedHead {
                last: self.feed_head,
                pressing: self.pressing,
            }),
            Err(error) => Err(CommitFailure::During(error)),
        }
    }

    async fn flush(&mut self) -> Result<(), StoreError> {
        let overtaken = std::mem::take(&mut self.overtaken).into_iter();
        let overtaken = overtaken.map(|sequence| [sequence.into()]).collect();
        let many = |rows: &str| format!("UPDATE feed SET latest = FALSE WHERE seq IN ({rows})");
        for update in rows::changes(self.kind(), overtaken, OVERTAKE, many) {
            self.write(vec![update]).await?;
        }
        let topics = std::mem::take(&mut self.topics).into_iter();
        let topics = topics.map(|(topic, sequence)| [topic.into(), sequence.into()]);
        let latest = "ON CONFLICT (topic) DO UPDATE SET seq = excluded.seq";
        for upsert in self.inserts("feed_topics (topic, seq)", latest, topics.collect()) {
            self.write(vec![upsert]).await?;
        }
        let now = self.now;
        let entries = std::mem::take(&mut self.feed).into_iter();
        let entries = entries.map(|entry| entry.row(now)).collect();
        for insert in self.inserts("feed (seq, at, latest, event)", "", entries) {
            self.write(vec![insert]).await?;
        }
        let events = std::mem::take(&mut self.audit).into_iter();
        let events = events.map(PendingEvent::row).collect();
        let into = "audit_log (seq, at, kind, actor, serial, event, chain)";
        for insert in self.inserts(into, "", events) {
            self.write(vec![insert]).await?;
        }
        self.write_out().await
    }

    /// Runs statements whose outcome does not matter if they do not fail, in one way to the database
    /// and back. No two of them change the same row, and none needs what another one wrote.
    ///
    /// SQLite carries them out here and now; their placeholders have no numbers if there are several.
    /// For PostgreSQL they wait, to go together with others: until something is read, or the end.
    pub(crate) async fn write(&mut self, statements: Vec<Statement>) -> Result<(), StoreError> {
        match self.kind() {
            Kind::Sqlite if !statements.is_empty() => {
                self.execute(Statement::joined(statements)).await.map(drop)
            }
            Kind::Sqlite => Ok(()),
            Kind::Postgres => {
                self.unwritten.extend(statements);
                Ok(())
            }
        }
    }

    /// Sends what waits: whatever is read must see it.
    pub(super) async fn write_out(&mut self) -> Result<(), StoreError> {
        let statements = std::mem::take(&mut self.unwritten);
        if statements.is_empty() {
            return Ok(());
        }
        self.connection
            .execute(Statement::in_one(statements))
            .await?;
        Ok(())
    }

    /// Statements that insert rows, many in each. `into` names table and columns, `otherwise` says what
    /// to do about a row that is there already.
    pub(crate) fn inserts<const COLUMNS: usize>(
        &self,
        into: &str,
        otherwise: &str,
        rows: Vec<[Value; COLUMNS]>,
    ) -> Vec<Statement> {
        let write = |rows: &str| format!("INSERT INTO {into} {rows} {otherwise}");
        rows::statements(self.kind(), rows, write)
    }
}

/// Where a commit failed.
#[derive(Debug)]
pub(crate) enum CommitFailure {
    /// Before the commit: nothing is recorded.
    Before(StoreError),
    /// In the commit itself: whether anything is recorded is not known.
    During(sqlx::Error),
}
