//! A statement with its values.

use sqlx::{AssertSqlSafe, SqlSafeStr as _, SqlStr};

use super::Value;

/// One SQL statement, good for both engines, and the values for its placeholders.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub(super) sql: SqlStr,
    pub(super) values: Vec<Value>,
}

impl Statement {
    /// A statement of fixed text.
    pub(crate) fn new(sql: &'static str) -> Self {
        Self {
            sql: SqlStr::from_static(sql),
            values: Vec::new(),
        }
    }

    /// A statement put together from fixed pieces; values never go into the text.
    pub(crate) fn assembled(sql: String) -> Self {
        Self {
            sql: AssertSqlSafe(sql).into_sql_str(),
            values: Vec::new(),
        }
    }

    /// Gives the next placeholder its value.
    #[must_use]
    pub(crate) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Gives the next placeholders their values.
    #[must_use]
    pub(crate) fn bind_all(mut self, values: impl IntoIterator<Item = Value>) -> Self {
        self.values.extend(values);
        self
    }

    /// Several statements as one text, for SQLite: their placeholders have no numbers.
    pub(crate) fn joined(statements: Vec<Self>) -> Self {
        let texts: Vec<_> = statements.iter().map(|it| it.sql.as_str()).collect();
        Self {
            sql: AssertSqlSafe(texts.join("; ")).into_sql_str(),
            values: statements.into_iter().flat_map(|it| it.values).collect(),
        }
    }

    /// The same values for a statement that has this one within.
    #[must_use]
    pub(crate) fn within(self, around: impl FnOnce(&str) -> String) -> Self {
        let sql = around(self.sql.as_str());
        Self {
            sql: AssertSqlSafe(sql).into_sql_str(),
            ..self
        }
    }

    /// How many placeholders have a value.
    #[cfg(test)]
    pub(crate) fn places(&self) -> usize {
        self.values.len()
    }

    /// How SQLite would carry this statement out, instead of doing so.
    #[cfg(test)]
    pub(crate) fn explained(self) -> Self {
        let sql = format!("EXPLAIN QUERY PLAN {}", self.sql.as_str());
        Self::assembled(sql).bind_all(self.values)
    }
}
