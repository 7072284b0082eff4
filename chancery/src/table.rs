//! Tables and lists of members, for people.

/// Lays out `rows` under `headings` in columns as wide as their widest cell.
pub(crate) fn columns<const N: usize>(headings: [&str; N], rows: &[[String; N]]) -> String {
    let mut widths = headings.map(width);
    for row in rows {
        for (widest, cell) in widths.iter_mut().zip(row) {
            *widest = (*widest).max(width(cell));
        }
    }
    let mut lines = vec![line(&headings, &widths)];
    lines.extend(rows.iter().map(|row| line(row, &widths)));
    lines.join("\n")
}

/// Lays out named members, one a line; members without a value are left out.
pub(crate) fn members(members: &[(&str, Option<String>)]) -> String {
    let present = || {
        members
            .iter()
            .filter_map(|(name, value)| value.as_deref().map(|value| (*name, value)))
    };
    let widest = present()
        .map(|(name, _)| width(name))
        .max()
        .unwrap_or_default();
    let lines: Vec<_> = present()
        .map(|(name, value)| format!("{}  {value}", padded(name, widest)))
        .collect();
    lines.join("\n")
}

fn line(cells: &[impl AsRef<str>], widths: &[usize]) -> String {
    let cells: Vec<_> = cells
        .iter()
        .zip(widths)
        .map(|(cell, width)| padded(cell.as_ref(), *width))
        .collect();
    cells.join("  ").trim_end().to_owned()
}

fn padded(cell: &str, wanted: usize) -> String {
    let blanks = wanted.saturating_sub(width(cell));
    format!("{cell}{}", " ".repeat(blanks))
}

fn width(cell: &str) -> usize {
    cell.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [
            ["ra-a".to_owned(), "active".to_owned()],
            ["x".to_owned(), "retired".to_owned()],
        ];
        assert_eq!(
            columns(["NAME", "STATUS"], &rows),
            "NAME  STATUS\nra-a  active\nx     retired"
        );
    }

    #[test]
    fn members_without_a_value_are_left_out() {
        let text = members(&[("serial", Some("01".to_owned())), ("order id", None)]);
        assert_eq!(text, "serial  01");
    }
}
