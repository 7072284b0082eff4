//! Rows of values: many at a time in one statement.

use std::fmt::Write as _;

use crate::engine::{Kind, Statement, Value};

/// How many rows go into one statement at most.
const MOST: usize = 128;
/// Up to how many rows there is a statement for each number.
const STEP: usize = 16;

/// Puts rows into statements: few to run, and few different ones to prepare. `write` gives the text
/// around the rows.
pub(crate) fn statements<const COLUMNS: usize>(
    kind: Kind,
    rows: Vec<[Value; COLUMNS]>,
    write: impl Fn(&str) -> String,
) -> impl Iterator<Item = Statement> {
    let mut rows = rows.into_iter();
    std::iter::from_fn(move || {
        let count = largest_chunk(rows.len())?;
        let sql = write(&placeholders(kind, count, COLUMNS));
        let values = rows.by_ref().take(count).flatten();
        Some(Statement::assembled(sql).bind_all(values))
    })
}

/// Cuts what is to be written into parts of few different sizes: those that a statement takes.
pub(crate) fn parts<T>(mut all: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let (part, rest) = all.split_at_checked(largest_chunk(all.len())?)?;
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
    match kind {
        Kind::Postgres => statements(kind, rows, many).collect(),
        Kind::Sqlite => {
            let mut changes = rows
                .into_iter()
                .map(|row| Statement::new(one).bind_all(row));
            std::iter::from_fn(|| {
                let count = largest_chunk(changes.len())?;
                Some(Statement::joined(changes.by_ref().take(count).collect()))
            })
            .collect()
        }
    }
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

/// `($1, $2), ($3, $4)` for two rows of two columns. SQLite gets them without numbers: it looks a
/// number up in a list, for each value anew.
pub(crate) fn placeholders(kind: Kind, rows: usize, columns: usize) -> String {
    let mut text = String::new();
    for cell in 0..rows * columns {
        text.push_str(match (cell % columns, cell) {
            (0, 0) => "(",
            (0, _) => "), (",
            _ => ", ",
        });
        // Writing to a string does not fail.
        let _ = match kind {
            Kind::Sqlite => text.write_char('?'),
            Kind::Postgres => write!(text, "${}", cell + 1),
        };
    }
    text.push(')');
    text
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
            .map(|statement| statement.places())
            .collect();
        assert_eq!(sizes, [128, 80, 7]);
    }

    #[test]
    fn parts_are_as_large_as_statements() {
        let all: Vec<_> = (0..215).collect();
        let sizes: Vec<_> = parts(&all).map(<[_]>::len).collect();
        assert_eq!(sizes, [128, 80, 7]);
        assert_eq!(parts(&all).flatten().copied().collect::<Vec<_>>(), all);
        let rows = all.iter().map(|row| [Value::Integer(Some(*row))]).collect();
        let sizes: Vec<_> = changes(Kind::Sqlite, rows, "?", ToOwned::to_owned)
            .iter()
            .map(Statement::places)
            .collect();
        assert_eq!(sizes, [128, 80, 7]);
    }

    #[test]
    fn placeholders_count_through_all_rows() {
        let text = |kind| placeholders(kind, 2, 3);
        assert_eq!(text(Kind::Postgres), "($1, $2, $3), ($4, $5, $6)");
        assert_eq!(text(Kind::Sqlite), "(?, ?, ?), (?, ?, ?)");
    }
}
