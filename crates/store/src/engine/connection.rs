//! One connection, and a pool of them.

use std::time::Duration;

use sqlx::{
    AssertSqlSafe, Connection as _, PgConnection, PgPool, SqliteConnection, SqlitePool,
    postgres::PgPoolOptions, sqlite::SqlitePoolOptions,
};

use super::{
    Options, Row, Statement,
    arguments::{for_postgres, for_sqlite},
};

/// Which engine it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// A connection that changes things.
#[derive(Debug)]
pub(crate) enum Connection {
    /// To SQLite.
    Sqlite(Box<SqliteConnection>),
    /// To PostgreSQL.
    Postgres(Box<PgConnection>),
}

/// Connections that read.
#[derive(Debug, Clone)]
pub(crate) enum Pool {
    /// To SQLite.
    Sqlite(SqlitePool),
    /// To PostgreSQL.
    Postgres(PgPool),
}

/// Number of the advisory lock that gives every transaction of every daemon its turn, so that
/// sequence numbers are in commit order ("chancery" in ASCII).
const WRITERS_TURN: i64 = 0x6368_616e_6365_7279;

/// Runs a statement on a connection or pool of either engine.
macro_rules! on_engine {
    ($self:expr, $reborrow:ident, $statement:expr, |$query:ident, $executor:ident| $run:expr) => {
        match $self {
            Self::Sqlite(inner) => {
                let arguments = for_sqlite($statement.values)?;
                let $query = sqlx::query_with($statement.sql, arguments);
                let $executor = $reborrow!(inner);
                $run
            }
            Self::Postgres(inner) => {
                let arguments = for_postgres($statement.values)?;
                let $query = sqlx::query_with($statement.sql, arguments);
                let $executor = $reborrow!(inner);
                $run
            }
        }
    };
}

macro_rules! as_connection {
    ($inner:ident) => {
        &mut **$inner
    };
}

macro_rules! as_pool {
    ($inner:ident) => {
        $inner
    };
}

impl Connection {
    /// Which engine it is.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Sqlite(_) => Kind::Sqlite,
            Self::Postgres(_) => Kind::Postgres,
        }
    }

    /// Opens a connection.
    pub(crate) async fn open(options: &Options) -> Result<Self, sqlx::Error> {
        Ok(match options {
            Options::Sqlite(options) => {
                Self::Sqlite(Box::new(SqliteConnection::connect_with(options).await?))
            }
            Options::Postgres(options) => {
                Self::Postgres(Box::new(PgConnection::connect_with(options).await?))
            }
        })
    }

    /// Begins a transaction that writes, alone among all writers.
    pub(crate) async fn begin(&mut self) -> Result<(), sqlx::Error> {
        self.begin_with("").await.map(drop)
    }

    /// As [`Self::begin`]; gives the first row of a query without values. All of it is one way to the
    /// database and back.
    pub(crate) async fn begin_with(&mut self, query: &str) -> Result<Option<Row>, sqlx::Error> {
        let rows: Vec<Row> = match self {
            Self::Sqlite(inner) => {
                let text = AssertSqlSafe(format!("BEGIN IMMEDIATE; {query}"));
                let rows = sqlx::query(text).fetch_all(&mut **inner).await?;
                rows.into_iter().map(Into::into).collect()
            }
            Self::Postgres(inner) => {
                // Each statement must see what was committed while it waited for its turn.
                let text = AssertSqlSafe(format!(
                    "BEGIN ISOLATION LEVEL READ COMMITTED; \
                     SELECT pg_advisory_xact_lock({WRITERS_TURN}); {query}"
                ));
                let rows = sqlx::raw_sql(text).fetch_all(&mut **inner).await?;
                rows.into_iter().skip(1).map(Into::into).collect()
            }
        };
        Ok(rows.into_iter().next())
    }

    /// Begins a transaction that reads one state of the database.
    pub(crate) async fn begin_reading(&mut self) -> Result<(), sqlx::Error> {
        self.run(match self {
            Self::Sqlite(_) => "BEGIN DEFERRED",
            Self::Postgres(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        })
        .await
    }

    /// Makes the transaction durable.
    pub(crate) async fn commit(&mut self) -> Result<(), sqlx::Error> {
        self.run("COMMIT").await
    }

    /// Takes the transaction back.
    pub(crate) async fn roll_back(&mut self) -> Result<(), sqlx::Error> {
        self.run("ROLLBACK").await
    }

    /// Closes the connection.
    pub(crate) async fn close(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(inner) => inner.close().await,
            Self::Postgres(inner) => inner.close().await,
        }
    }

    /// Runs a text of one or more statements without values.
    pub(crate) async fn run(&mut self, sql: &'static str) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(inner) => sqlx::raw_sql(sql).execute(&mut **inner).await.map(drop),
            Self::Postgres(inner) => sqlx::raw_sql(sql).execute(&mut **inner).await.map(drop),
        }
    }

    /// Runs a statement; answers how many rows it changed.
    pub(crate) async fn execute(&mut self, statement: Statement) -> Result<u64, sqlx::Error> {
        on_engine!(self, as_connection, statement, |query, executor| {
            Ok(query.execute(executor).await?.rows_affected())
        })
    }

    /// The first row of a result.
    pub(crate) async fn first(&mut self, query: Statement) -> Result<Option<Row>, sqlx::Error> {
        Ok(self.all(query).await?.into_iter().next())
    }

    /// All rows of a result.
    pub(crate) async fn all(&mut self, query: Statement) -> Result<Vec<Row>, sqlx::Error> {
        on_engine!(self, as_connection, query, |query, executor| {
            Ok(query
                .fetch_all(executor)
                .await?
                .into_iter()
                .map(Into::into)
                .collect())
        })
    }
}

/// Whether the server still answers on a connection. One that was in use a moment ago is not asked:
/// that would be a second way there and back for each read.
async fn still_there(connection: &mut PgConnection, idle: Duration) -> Result<bool, sqlx::Error> {
    Ok(idle < ASSUMED_THERE || connection.ping().await.is_ok())
}

/// How long a connection is taken to be there after it was used.
const ASSUMED_THERE: Duration = Duration::from_secs(1);

impl Pool {
    /// Which engine it is.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Sqlite(_) => Kind::Sqlite,
            Self::Postgres(_) => Kind::Postgres,
        }
    }

    /// Opens a pool that connects when it is used.
    pub(crate) fn open(options: Options, connections: u32) -> Self {
        match options {
            Options::Sqlite(options) => Self::Sqlite(
                SqlitePoolOptions::new()
                    .max_connections(connections)
                    // A file does not go away.
                    .test_before_acquire(false)
                    .connect_lazy_with(*options),
            ),
            Options::Postgres(options) => Self::Postgres(
                PgPoolOptions::new()
                    .max_connections(connections)
                    .test_before_acquire(false)
                    .before_acquire(|connection, metadata| {
                        Box::pin(still_there(connection, metadata.idle_for))
                    })
                    .connect_lazy_with(*options),
            ),
        }
    }

    /// The first row of a result.
    pub(crate) async fn first(&self, query: Statement) -> Result<Option<Row>, sqlx::Error> {
        Ok(self.all(query).await?.into_iter().next())
    }

    /// All rows of a result.
    pub(crate) async fn all(&self, query: Statement) -> Result<Vec<Row>, sqlx::Error> {
        on_engine!(self, as_pool, query, |query, executor| {
            Ok(query
                .fetch_all(executor)
                .await?
                .into_iter()
                .map(Into::into)
                .collect())
        })
    }

    /// Closes all connections.
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl From<sqlx::sqlite::SqliteRow> for Row {
    fn from(row: sqlx::sqlite::SqliteRow) -> Self {
        Self::Sqlite(row)
    }
}

impl From<sqlx::postgres::PgRow> for Row {
    fn from(row: sqlx::postgres::PgRow) -> Self {
        Self::Postgres(row)
    }
}
