//! The schema and its versions. Migrations are only ever added, never edited.

use pki::time::SharedClock;

use crate::{
    StoreError,
    engine::{Connection, Statement},
};

/// A step of the schema, in the words of each engine.
struct Migration {
    sqlite: &'static str,
    postgres: &'static str,
}

const MIGRATIONS: &[Migration] = &[Migration {
    sqlite: include_str!("../migrations/sqlite/0001_first.sql"),
    postgres: include_str!("../migrations/postgres/0001_first.sql"),
}];

const VERSIONS: &str = "CREATE TABLE IF NOT EXISTS schema_version \
    (version BIGINT PRIMARY KEY, applied_at BIGINT NOT NULL)";

/// The schema version that this program needs.
pub(crate) fn needed() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// What is said of a database that is not there at all.
pub(crate) fn none() -> StoreError {
    let (found, needed) = (0, needed());
    StoreError::NotMigrated { found, needed }
}

/// Applies what is missing, in one transaction; answers the version.
pub(crate) async fn apply(
    connection: &mut Connection,
    clock: &SharedClock,
) -> Result<i64, StoreError> {
    connection.begin().await?;
    connection.run(VERSIONS).await?;
    let found = found(connection).await?;
    if found > needed() {
        connection.roll_back().await?;
        return Err(StoreError::SchemaTooNew {
            found,
            known: needed(),
        });
    }
    for (version, migration) in (1_i64..)
        .zip(MIGRATIONS)
        .filter(|(version, _)| *version > found)
    {
        connection
            .run(match connection {
                Connection::Sqlite(_) => migration.sqlite,
                Connection::Postgres(_) => migration.postgres,
            })
            .await?;
        let insert =
            Statement::new("INSERT INTO schema_version (version, applied_at) VALUES ($1, $2)");
        connection
            .execute(insert.bind(version).bind(clock.now()))
            .await?;
    }
    connection.commit().await?;
    Ok(needed())
}

/// Refuses a schema that is not this program's.
pub(crate) async fn check(connection: &mut Connection) -> Result<(), StoreError> {
    let found = match found(connection).await {
        Err(StoreError::Database { source }) if lacks_table(&source) => 0,
        other => other?,
    };
    match found {
        found if found < needed() => Err(StoreError::NotMigrated {
            found,
            needed: needed(),
        }),
        found if found > needed() => Err(StoreError::SchemaTooNew {
            found,
            known: needed(),
        }),
        _ => Ok(()),
    }
}

async fn found(connection: &mut Connection) -> Result<i64, StoreError> {
    let newest = Statement::new("SELECT COALESCE(MAX(version), 0) AS version FROM schema_version");
    let row = connection.first(newest).await?;
    row.map_or(Ok(0), |row| row.get("version"))
}

/// Whether the table that was asked for does not exist.
fn lacks_table(error: &sqlx::Error) -> bool {
    const UNDEFINED_TABLE: &str = "42P01";
    error.as_database_error().is_some_and(|error| {
        error.code().as_deref() == Some(UNDEFINED_TABLE)
            || error.message().contains("no such table")
    })
}
