//! How to connect.

use std::{
    path::{Path, PathBuf},
    str::FromStr as _,
    time::Duration,
};

use sqlx::{
    postgres::{PgConnectOptions, PgSslMode},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use crate::{DatabaseConfig, StoreError};

/// How to connect to a database.
#[derive(Debug, Clone)]
pub(crate) enum Options {
    /// SQLite.
    Sqlite(Box<SqliteConnectOptions>),
    /// PostgreSQL.
    Postgres(Box<PgConnectOptions>),
}

/// How long a statement waits for another process that holds the SQLite file, such as a backup.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Pages of an SQLite file that the writer keeps at most: 32 MiB, taken as they are used. Keys are
/// random, so that each insert meets other pages.
const CACHE: &str = "-32768";

/// After how many pages the write-ahead log goes into the file: 16 MiB. Everybody waits for that: the
/// longer the log, the fewer pages go there twice, and the longer it takes.
const CHECKPOINT: &str = "4096";

/// How many statements the writer keeps prepared: those that it needs, in each number of rows.
const STATEMENTS: usize = 512;

/// Who issues looks everything up by keys. A plan that was made while a table was small would walk it,
/// and hold on until the server takes its next sample.
///
/// Its statements are the same whatever their values are: each is planned once.
const BY_INDEX: [(&str, &str); 4] = [
    ("plan_cache_mode", "force_generic_plan"),
    ("enable_seqscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
];

/// A plan that the settings above speak against counts as very expensive, and what is expensive the
/// server compiles first (`jit_above_cost`): 8 ms for a look at one row, each time it is executed.
const NO_COMPILER: (&str, &str) = ("jit", "off");

impl Options {
    /// Reads the configuration, and the password file if there is one.
    pub(crate) fn from_config(config: &DatabaseConfig) -> Result<Self, StoreError> {
        match (config.url.strip_prefix("sqlite://"), &config.password_file) {
            (Some(""), _) => Err(unusable("the URL names no file")),
            (Some(_), Some(_)) => Err(unusable("SQLite takes no password_file")),
            (Some(path), None) => Ok(sqlite_options(Path::new(path))),
            (None, password) => postgres_options(&config.url, password.as_deref()),
        }
    }

    /// The SQLite file; `None` for a server.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        match self {
            Self::Sqlite(options) => Some(options.get_filename().to_owned()),
            Self::Postgres(_) => None,
        }
    }

    /// The same, creating the SQLite file if there is none.
    #[must_use]
    pub(crate) fn creating(self) -> Self {
        match self {
            Self::Sqlite(options) => Self::Sqlite(Box::new(options.create_if_missing(true))),
            server @ Self::Postgres(_) => server,
        }
    }

    /// The same, for the connection that writes: a commit is on disk when it returns, whatever the
    /// server's default is, and a daemon that was cut off in a transaction does not keep the others
    /// from their turn.
    #[must_use]
    pub(crate) fn syncing(self) -> Self {
        match self {
            Self::Sqlite(options) => Self::Sqlite(Box::new(
                options
                    .statement_cache_capacity(STATEMENTS)
                    .pragma("cache_size", CACHE),
            )),
            Self::Postgres(options) => Self::Postgres(Box::new(
                options
                    .statement_cache_capacity(STATEMENTS)
                    .options(BY_INDEX)
                    .options([
                        ("synchronous_commit", "on"),
                        ("idle_in_transaction_session_timeout", "30s"),
                    ]),
            )),
        }
    }

    /// The same, for the connection that holds the leader's lock: the server takes note within seconds
    /// of a machine that is gone without a word.
    #[must_use]
    pub(crate) fn leading(self) -> Self {
        match self {
            file @ Self::Sqlite(_) => file,
            Self::Postgres(options) => Self::Postgres(Box::new(options.options([
                ("tcp_keepalives_idle", "3"),
                ("tcp_keepalives_interval", "1"),
                ("tcp_keepalives_count", "3"),
                ("tcp_user_timeout", "6000"),
            ]))),
        }
    }

    /// The same, for the connection that writes a copy of the feed: a page of a snapshot touches more
    /// of the file than SQLite keeps in memory and in its log unless it is told to (32 MiB, 64 MiB).
    #[must_use]
    pub(crate) fn copying(self) -> Self {
        match self {
            Self::Sqlite(options) => Self::Sqlite(Box::new(
                options
                    .pragma("cache_size", "-32768")
                    .pragma("wal_autocheckpoint", "16384"),
            )),
            server @ Self::Postgres(_) => server,
        }
    }

    /// The same, for a connection that reads what the policy must know.
    #[must_use]
    pub(crate) fn inquiring(self) -> Self {
        match self.reading() {
            file @ Self::Sqlite(_) => file,
            Self::Postgres(options) => Self::Postgres(Box::new(options.options(BY_INDEX))),
        }
    }

    /// The same, for connections that must not change anything.
    #[must_use]
    pub(crate) fn reading(self) -> Self {
        match self {
            Self::Sqlite(options) => Self::Sqlite(Box::new(options.pragma("query_only", "ON"))),
            Self::Postgres(options) => Self::Postgres(Box::new(
                options.options([("default_transaction_read_only", "on")]),
            )),
        }
    }
}

/// Write-ahead log, each commit synced, foreign keys enforced.
pub(crate) fn sqlite_options(path: &Path) -> Options {
    Options::Sqlite(Box::new(
        SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .pragma("temp_store", "MEMORY")
            .pragma("wal_autocheckpoint", CHECKPOINT),
    ))
}

/// A server; over a network only with TLS and a checked certificate, unless the URL says otherwise.
fn postgres_options(url: &str, password: Option<&Path>) -> Result<Options, StoreError> {
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return Err(unusable("the URL must begin with sqlite:// or postgres://"));
    }
    let mut options =
        PgConnectOptions::from_str(url).map_err(|_| unusable("the URL is malformed"))?;
    if !url.contains("sslmode=") && !is_local(options.get_host()) {
        options = options.ssl_mode(PgSslMode::VerifyFull);
    }
    if let Some(path) = password {
        let text = std::fs::read_to_string(path)
            .map_err(|error| unusable(&format!("password_file: {error}")))?;
        options = options.password(text.trim_end_matches(['\r', '\n']));
    }
    Ok(Options::Postgres(Box::new(
        options.application_name("chancery").options([NO_COMPILER]),
    )))
}

fn is_local(host: &str) -> bool {
    host == "localhost" || host.starts_with('/') || host.starts_with("127.") || host == "::1"
}

fn unusable(reason: &str) -> StoreError {
    StoreError::Configuration {
        reason: reason.to_owned(),
    }
}
