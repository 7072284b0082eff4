//! What can go wrong with a database.

use std::sync::Arc;

/// The database did not do what was asked. Never a refusal: those are values of the calls.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The configuration names no usable database.
    #[error("the database configuration is not usable: {reason}")]
    Configuration {
        /// Why.
        reason: String,
    },
    /// The schema is older than this program; `migrate` has not been run.
    #[error("the database has schema version {found}, this program needs {needed}: run migrate")]
    NotMigrated {
        /// The version found; 0 when there is no schema.
        found: i64,
        /// The version needed.
        needed: i64,
    },
    /// The schema is newer than this program.
    #[error("the database has schema version {found}, this program knows {known}")]
    SchemaTooNew {
        /// The version found.
        found: i64,
        /// The newest version known.
        known: i64,
    },
    /// The database refused or cannot be reached.
    #[error("the database failed")]
    Database {
        /// The driver's error.
        #[source]
        source: Arc<sqlx::Error>,
    },
    /// A row does not hold what this program wrote.
    #[error("the database holds an unusable {what}")]
    Corrupt {
        /// What.
        what: &'static str,
    },
    /// A certificate that was issued does not fit its intent: nothing was recorded.
    #[error("certificate {serial} does not fit its intent")]
    IntentMismatch {
        /// Its serial number, hexadecimal.
        serial: String,
    },
    /// A cursor that is none of the list's it was used for.
    #[error("the cursor does not belong to this list")]
    UnusableCursor,
    /// Newer lists took the place of one whose octets were being read.
    #[error("the list was superseded while it was read")]
    ListGone,
    /// The writer has stopped; nothing was recorded.
    #[error("the writer has stopped")]
    WriterStopped,
    /// The commit's answer was lost: the change may or may not be recorded.
    #[error("the outcome of the commit is unknown")]
    OutcomeUnknown {
        /// The driver's error.
        #[source]
        source: Arc<sqlx::Error>,
    },
    /// This engine cannot do that.
    #[error("{engine} cannot {what}")]
    Unsupported {
        /// The engine.
        engine: &'static str,
        /// What was asked.
        what: &'static str,
    },
}

impl StoreError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Configuration { .. } => "database-configuration",
            Self::NotMigrated { .. } => "database-not-migrated",
            Self::SchemaTooNew { .. } => "database-schema-too-new",
            Self::Database { .. } => "database-failed",
            Self::Corrupt { .. } => "database-corrupt",
            Self::IntentMismatch { .. } => "intent-mismatch",
            Self::UnusableCursor => "cursor-unusable",
            Self::ListGone => "list-gone",
            Self::WriterStopped => "writer-stopped",
            Self::OutcomeUnknown { .. } => "commit-outcome-unknown",
            Self::Unsupported { .. } => "database-unsupported",
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(source: sqlx::Error) -> Self {
        Self::Database {
            source: Arc::new(source),
        }
    }
}
