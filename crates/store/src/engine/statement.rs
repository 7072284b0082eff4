//! A statement with its values.

use std::fmt::Write as _;

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

    /// Several statements that write as one, for PostgreSQL: one way to the server and back. They are
    /// carried out in no particular order, and none sees what another one wrote.
    pub(crate) fn in_one(mut statements: Vec<Self>) -> Self {
        if statements.len() == 1
            && let Some(only) = statements.pop()
        {
            return only;
        }
        let (mut sql, mut values) = (String::new(), Vec::new());
        for (number, statement) in statements.into_iter().enumerate() {
            sql.push_str(if number == 0 { "WITH " } else { ", " });
            // Writing to a string does not fail.
            let _ = write!(sql, "w{number} AS (");
            renumber(statement.sql.as_str(), values.len(), &mut sql);
            sql.push(')');
            values.extend(statement.values);
        }
        sql.push_str(" SELECT");
        Self::assembled(sql).bind_all(values)
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

    /// Its text.
    #[cfg(test)]
    pub(crate) fn text(&self) -> &str {
        self.sql.as_str()
    }

    /// How SQLite would carry this statement out, instead of doing so.
    #[cfg(test)]
    pub(crate) fn explained(self) -> Self {
        self.within(|sql| format!("EXPLAIN QUERY PLAN {sql}"))
    }
}

/// Writes a statement's text with the numbers of its placeholders raised: those of others come first.
fn renumber(sql: &str, by: usize, into: &mut String) {
    let mut pieces = sql.split('$');
    into.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let digits = piece.find(|it: char| !it.is_ascii_digit());
        let (number, rest) = piece.split_at(digits.unwrap_or(piece.len()));
        let _ = match number.parse::<usize>() {
            Ok(number) => write!(into, "${}{rest}", number + by),
            Err(_) => write!(into, "${piece}"),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_in_one_keep_their_values() {
        let one = Statement::new("INSERT INTO a VALUES ($1, $2)")
            .bind(1_u64)
            .bind(2_u64);
        let other = Statement::new("UPDATE b SET x = $2 WHERE y = $1")
            .bind(3_u64)
            .bind(4_u64);
        let both = Statement::in_one(vec![one.clone(), other]);
        assert_eq!(
            both.text(),
            "WITH w0 AS (INSERT INTO a VALUES ($1, $2)), \
             w1 AS (UPDATE b SET x = $4 WHERE y = $3) SELECT"
        );
        assert_eq!(both.places(), 4);
        assert_eq!(Statement::in_one(vec![one.clone()]).text(), one.text());
    }
}
