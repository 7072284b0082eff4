//! The table of the terminal, which is Markdown too.

use crate::figure::{Figure, Run, Target, real};

/// All figures of a run.
pub(crate) fn table(run: &Run) -> String {
    let mut rows = vec![HEAD.map(str::to_owned)];
    rows.extend(run.figures.iter().map(row));
    let widths: [usize; COLUMNS] = std::array::from_fn(|column| {
        let lengths = rows.iter().filter_map(|row| row.get(column));
        lengths.map(|cell| cell.chars().count()).max().unwrap_or(0)
    });
    let mut lines: Vec<String> = rows.iter().map(|row| line(row, &widths)).collect();
    let rule = widths.map(|width| "-".repeat(width));
    lines.insert(1, line(&rule, &widths));
    lines.join("\n")
}

fn line(row: &[String; COLUMNS], widths: &[usize; COLUMNS]) -> String {
    let cells = row.iter().zip(widths);
    let cells: Vec<String> = cells
        .map(|(cell, width)| format!("{cell:width$}"))
        .collect();
    format!("| {} |", cells.join(" | "))
}

fn row(figure: &Figure) -> [String; COLUMNS] {
    let latency = figure.latency.map(|latency| {
        format!(
            "{:.2} / {:.2} / {:.2}",
            latency.p50, latency.p99, latency.p999
        )
    });
    let cost = figure.cost.map(|cost| format!("{:.0}", cost.cpu_us));
    let memory = figure
        .cost
        .map(|cost| format!("{:.0}", real(cost.peak_memory) / f64::from(1 << 20)));
    [
        figure.name.clone(),
        format!("{} {}", number(figure.value), figure.unit),
        figure
            .floor
            .as_ref()
            .map(|floor| number(floor.value))
            .unwrap_or_default(),
        figure
            .ratio()
            .map(|ratio| format!("{ratio:.2}"))
            .unwrap_or_default(),
        latency.unwrap_or_default(),
        cost.unwrap_or_default(),
        memory.unwrap_or_default(),
        verdicts(figure),
    ]
}

/// Three digits that say something.
fn number(value: f64) -> String {
    match value {
        100.0.. => format!("{value:.0}"),
        10.0..100.0 => format!("{value:.1}"),
        _ => format!("{value:.3}"),
    }
}

/// Each target and whether it was reached.
fn verdicts(figure: &Figure) -> String {
    let verdict = |target: &Target| {
        let reached = if figure.reaches(*target) { "yes" } else { "no" };
        format!("{}: {reached}", target.words())
    };
    let verdicts: Vec<String> = figure.targets.iter().map(verdict).collect();
    verdicts.join(", ")
}

const COLUMNS: usize = 8;
const HEAD: [&str; COLUMNS] = [
    "figure",
    "value",
    "floor",
    "ratio",
    "p50 / p99 / p99.9 ms",
    "CPU µs",
    "peak MiB",
    "target",
];
