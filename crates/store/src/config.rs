//! Where the database is.

use std::path::PathBuf;

use serde::Deserialize;

/// The `[database]` table of a daemon's configuration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    /// `sqlite:///var/lib/chancery/ca.db`, or `postgres://user@host:port/database`
    /// (`postgres:///database?host=/run/postgresql&user=chancery` for a socket). No password: see
    /// `password_file`.
    pub url: String,
    /// File with the password of the PostgreSQL user. Optional; refused for SQLite.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// How many connections serve reads. Optional; default 4.
    #[serde(default = "default_read_connections")]
    pub read_connections: u32,
}

const fn default_read_connections() -> u32 {
    4
}

impl DatabaseConfig {
    /// A configuration with this URL and the defaults.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            password_file: None,
            read_connections: default_read_connections(),
        }
    }
}
