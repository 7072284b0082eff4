//! Which of several daemons on one database makes what only one may make.
//!
//! A lock of the PostgreSQL session that holds it: it ends with the connection, so that a daemon that
//! dies gives it up by dying. An SQLite database has one owner, who leads for that reason.

use std::time::Duration;

use tokio::{sync::Mutex, time::timeout};

use crate::{
    Store, StoreError,
    engine::{Connection, Options, Statement},
};

/// The advisory lock of the leader ("chanlead" in ASCII).
const LEADERS_LOCK: i64 = 0x6368_616e_6c65_6164;
/// How long the server may take to say that the session is alive.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);

/// The leader's lock. Held, lost and taken on a connection of its own.
#[derive(Debug)]
pub struct LeaderLock {
    /// Absent where there is nobody to lead against.
    server: Option<Options>,
    session: Mutex<Option<Session>>,
}

#[derive(Debug)]
struct Session {
    connection: Connection,
    held: bool,
}

impl Store {
    /// The leader's lock of this database. Connects to nothing yet.
    pub fn leader_lock(&self) -> LeaderLock {
        LeaderLock {
            server: (!self.is_exclusive()).then(|| self.options().clone().leading()),
            session: Mutex::new(None),
        }
    }
}

impl LeaderLock {
    /// Whether this process leads at this moment, as the server says; takes the lock if it is free.
    ///
    /// # Errors
    /// [`StoreError`] when the server does not answer: then this process does not lead any more.
    pub async fn hold(&self) -> Result<bool, StoreError> {
        let Some(server) = &self.server else {
            return Ok(true);
        };
        let mut session = self.session.lock().await;
        // Taken out for the time of the question: what is not answered in time is dropped, and with
        // it the lock.
        let asked = session.take();
        let (held, answered) = timeout(ANSWER_WITHIN, ask(server, asked))
            .await
            .map_err(|_| StoreError::from(sqlx::Error::PoolTimedOut))??;
        *session = Some(answered);
        Ok(held)
    }

    /// Gives the lock up, for a daemon that is about to end.
    pub async fn release(&self) {
        if let Some(session) = self.session.lock().await.take()
            && let Err(error) = session.connection.close().await
        {
            tracing::debug!(%error, "the leader's connection was not closed in order");
        }
    }
}

async fn ask(server: &Options, session: Option<Session>) -> Result<(bool, Session), sqlx::Error> {
    let mut session = match session {
        Some(session) => session,
        None => Session {
            connection: Connection::open(server).await?,
            held: false,
        },
    };
    let question = if session.held {
        // The lock lives as long as the session: an answer is the proof.
        Statement::new("SELECT TRUE AS held")
    } else {
        Statement::new("SELECT pg_try_advisory_lock($1) AS held").bind(LEADERS_LOCK)
    };
    let row = session.connection.first(question).await?;
    session.held = match row {
        Some(row) => row.get("held").map_err(|_| sqlx::Error::RowNotFound)?,
        None => false,
    };
    Ok((session.held, session))
}
