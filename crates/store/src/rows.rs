//! Rows of values: many at a time in one statement.

use crate::engine::{Statement, Value};

/// How many rows go into one statement at most.
const MOST: usize = 64;
/// Up to how many rows there is a statement for each number.
const STEP: usize = 16;

/// Puts rows into statements: few to run, and few different ones to prepare. `write` gives the text
/// around the rows.
pub(crate) fn statements<const COLUMNS: usize>(
    rows: Vec<[Value; COLUMNS]>,
    write: impl Fn(&str) -> String,
) -> impl Iterator<Item = Statement> {
    let mut rows = rows.into_iter();
    std::iter::from_fn(move || {
        let count = largest_chunk(rows.len())?;
        let sql = write(&placeholders(count, COLUMNS));
        let values = rows.by_ref().take(count).flatten();
        Some(Statement::assembled(sql).bind_all(values))
    })
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

/// `($1, $2), ($3, $4)` for two rows of two columns.
fn placeholders(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let cells: Vec<_> = (1..=columns)
            .map(|column| format!("${}", row * columns + column))
            .collect();
        format!("({})", cells.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_go_into_few_statements_of_few_kinds() {
        assert_eq!(largest_chunk(0), None);
        assert_eq!(
            [1, 7, 16, 17, 31, 63, 64, 500].map(largest_chunk),
            [1, 7, 16, 16, 16, 48, 64, 64].map(Some)
        );
        let rows = (0..151).map(|row| [Value::Integer(Some(row))]).collect();
        let sizes: Vec<_> = statements(rows, ToOwned::to_owned)
            .map(|statement| statement.places())
            .collect();
        assert_eq!(sizes, [64, 64, 16, 7]);
    }

    #[test]
    fn placeholders_count_through_all_rows() {
        assert_eq!(placeholders(2, 3), "($1, $2, $3), ($4, $5, $6)");
    }
}
