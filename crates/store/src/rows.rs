//! Rows of values: many at a time in one statement.

use std::array;

use crate::engine::{Kind, Statement, Value};

/// How many rows go into one statement of SQLite at most.
const MOST: usize = 128;
/// Up to how many rows SQLite has a statement for each number.
const STEP: usize = 16;

/// Puts rows into statements: few to run, and few different ones to prepare. `write` gives the text
/// around the rows, which stand there as a query that gives them.
///
/// PostgreSQL takes each column as one array: one text serves any number of rows.
pub(crate) fn statements<const COLUMNS: usize>(
    kind: Kind,
    rows: Vec<[Value; COLUMNS]>,
    write: impl Fn(&str) -> String,
) -> Vec<Statement> {
    if kind == Kind::Postgres {
        return in_columns(rows, write).into_iter().collect();
    }
    let mut rows = rows.into_iter();
    std::iter::from_fn(|| {
        let count = largest_chunk(rows.len())?;
        let sql = write(&format!("VALUES {}", placeholders(count, COLUMNS)));
        let values = rows.by_ref().take(count).flatten();
        Some(Statement::assembled(sql).bind_all(values))
    })
    .collect()
}

/// One statement for all rows, if there are any.
fn in_columns<const COLUMNS: usize>(
    rows: Vec<[Value; COLUMNS]>,
    write: impl Fn(&str) -> String,
) -> Option<Statement> {
    if rows.is_empty() {
        return None;
    }
    let mut columns: [_; COLUMNS] = array::from_fn(|_| Vec::with_capacity(rows.len()));
    for row in rows {
        for (column, value) in columns.iter_mut().zip(row) {
            column.push(value);
        }
    }
    let arrays: Vec<_> = (1..=COLUMNS).map(|number| format!("${number}")).collect();
    let sql = write(&format!("SELECT * FROM unnest({})", arrays.join(", ")));
    Some(Statement::assembled(sql).bind_all(columns.map(Value::Column)))
}

/// Cuts what is to be written into parts of few different sizes: those that a statement takes.
pub(crate) fn parts<T>(kind: Kind, mut all: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let count = match kind {
            Kind::Sqlite => largest_chunk(all.len())?,
            Kind::Postgres => Some(all.len()).filter(|count| *count > 0)?,
        };
        let (part, rest) = all.split_at_checked(count)?;
        all = rest;
        Some(part)
    })
}

/// Statements that change rows, each found by its key. Values come in the order in which both texts
/// want them: `one` changes one row, `many` as many as it is given.
///
/// SQLite is quicker with one after another, which come as one text: it puts the rows of a change of
/// many aside, for the case that one of them fails.
pub(crate) fn changes<const COLUMNS: usize>(
    kind: Kind,
    rows: Vec<[Value; COLUMNS]>,
    one: &'static str,
    many: impl Fn(&str) -> String,
) -> Vec<Statement> {
    if kind == Kind::Postgres {
        return statements(kind, rows, many);
    }
    let mut changes = rows
        .into_iter()
        .map(|row| Statement::new(one).bind_all(row));
    std::iter::from_fn(|| {
        let count = largest_chunk(changes.len())?;
        Some(Statement::joined(changes.by_ref().take(count).collect()))
    })
    .collect()
}

/// How many rows go into one statement: all if they are few, else a multiple of [`STEP`], at most
/// [`MOST`].
fn largest_chunk(rows: usize) -> Option<usize> {
    match rows {
        0 => None,
        1..=STEP => Some(rows),
        _ => Some(MOST.min(rows - rows % STEP)),
    }
}

/// `(?, ?), (?, ?)` for two rows of two columns. They have no numbers: SQLite looks a number up in a
/// list, for each value anew.
pub(crate) fn placeholders(rows: usize, columns: usize) -> String {
    let row = format!("({})", vec!["?"; columns].join(", "));
    vec![row; rows].join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_go_into_few_statements_of_few_kinds() {
        assert_eq!(largest_chunk(0), None);
        assert_eq!(
            [1, 7, 16, 17, 31, 63, 64, 500].map(largest_chunk),
            [1, 7, 16, 16, 16, 48, 64, 128].map(Some)
        );
        let rows = (0..215).map(|row| [Value::Integer(Some(row))]).collect();
        let sizes: Vec<_> = statements(Kind::Sqlite, rows, ToOwned::to_owned)
            .iter()
            .map(Statement::places)
            .collect();
        assert_eq!(sizes, [128, 80, 7]);
    }

    #[test]
    fn postgres_takes_columns() {
        let row = |number: i64| [number.into(), "text".into()];
        let rows = (0..215).map(row).collect();
        let statements = statements(Kind::Postgres, rows, ToOwned::to_owned);
        let texts: Vec<_> = statements.iter().map(Statement::text).collect();
        assert_eq!(texts, ["SELECT * FROM unnest($1, $2)"]);
        let none: [[Value; 1]; 0] = [];
        assert!(super::statements(Kind::Postgres, none.into(), ToOwned::to_owned).is_empty());
    }

    #[test]
    fn parts_are_as_large_as_statements() {
        let all: Vec<_> = (0..215).collect();
        let parts = |kind| parts(kind, &all);
        let sizes: Vec<_> = parts(Kind::Sqlite).map(<[_]>::len).collect();
        assert_eq!(sizes, [128, 80, 7]);
        for kind in [Kind::Sqlite, Kind::Postgres] {
            assert_eq!(parts(kind).flatten().copied().collect::<Vec<_>>(), all);
        }
        let rows = all.iter().map(|row| [Value::Integer(Some(*row))]).collect();
        let sizes: Vec<_> = changes(Kind::Sqlite, rows, "?", ToOwned::to_owned)
            .iter()
            .map(Statement::places)
            .collect();
        assert_eq!(sizes, [128, 80, 7]);
    }

    #[test]
    fn placeholders_stand_in_rows() {
        assert_eq!(placeholders(2, 3), "(?, ?, ?), (?, ?, ?)");
    }
}
