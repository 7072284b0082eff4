//! A row of either engine.

use serde::de::DeserializeOwned;
use sqlx::{Row as _, postgres::PgRow, sqlite::SqliteRow};

use super::{FromCell, from_word, value::Raw};
use crate::StoreError;

/// A row of a result.
#[derive(Debug)]
pub(crate) enum Row {
    /// Of SQLite.
    Sqlite(SqliteRow),
    /// Of PostgreSQL.
    Postgres(PgRow),
}

/// A column type that both engines give.
pub(crate) trait Cell: Raw {
    /// Reads the cell of a column.
    fn read(row: &Row, column: &'static str) -> Result<Option<Self>, sqlx::Error>;
}

macro_rules! cells {
    ($($type:ty),+) => {$(
        impl Cell for $type {
            fn read(row: &Row, column: &'static str) -> Result<Option<Self>, sqlx::Error> {
                match row {
                    Row::Sqlite(row) => row.try_get(column),
                    Row::Postgres(row) => row.try_get(column),
                }
            }
        }
    )+};
}

cells!(i64, String, Vec<u8>, bool);

impl Row {
    /// The cell of a column that is never NULL.
    pub(crate) fn get<T>(&self, column: &'static str) -> Result<T, StoreError>
    where
        T: FromCell,
        T::Raw: Cell,
    {
        self.optional(column)?
            .ok_or(StoreError::Corrupt { what: column })
    }

    /// The cell of a column, unless it is NULL.
    pub(crate) fn optional<T>(&self, column: &'static str) -> Result<Option<T>, StoreError>
    where
        T: FromCell,
        T::Raw: Cell,
    {
        match T::Raw::read(self, column)? {
            None => Ok(None),
            Some(raw) => T::from_cell(raw)
                .map(Some)
                .ok_or(StoreError::Corrupt { what: column }),
        }
    }

    /// The value that the word in a column stands for.
    pub(crate) fn word<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        from_word(self.get(column)?, column)
    }

    /// What the JSON in a column holds.
    pub(crate) fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        let text: String = self.get(column)?;
        serde_json::from_str(&text).map_err(|_| StoreError::Corrupt { what: column })
    }
}
