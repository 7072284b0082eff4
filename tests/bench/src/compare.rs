//! Two builds, measured in turns.

use std::{collections::BTreeMap, fmt, path::Path, process::ExitCode};

use crate::{
    cli::{CompareArguments, RunArguments},
    figure::{Figure, Run},
    report, scenario,
};

/// Measures both builds in turns, and prints the medians of the ratios side by side, with the least
/// and the most.
///
/// # Errors
/// Something failed.
pub(crate) fn run(arguments: &CompareArguments) -> anyhow::Result<ExitCode> {
    let (mut base, mut head) = (Vec::new(), Vec::new());
    for round in 0..arguments.rounds {
        // The one that comes first changes: what warms up or slows down meets both.
        let mut turns = [("base", &arguments.base), ("head", &arguments.head)];
        if round % 2 == 1 {
            turns.reverse();
        }
        for (name, binaries) in turns {
            let measured = measure(arguments, name, binaries, round)?;
            if name == "base" {
                base.push(measured);
            } else {
                head.push(measured);
            }
        }
    }
    report::say(&side_by_side(&spreads(&base), &spreads(&head)));
    Ok(ExitCode::SUCCESS)
}

fn measure(
    arguments: &CompareArguments,
    name: &str,
    binaries: &Path,
    round: u32,
) -> anyhow::Result<Run> {
    let out = arguments.out.join(format!("{name}-{round}"));
    let measured = scenario::measure(&RunArguments {
        binaries: binaries.to_owned(),
        out: out.clone(),
        revision: name.to_owned(),
        long: false,
        load: arguments.load,
        only: arguments.only.clone(),
        connections: Vec::new(),
        setting: Vec::new(),
    })?;
    report::write(&measured, &out)?;
    Ok(measured)
}

/// What the rounds gave.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Spread {
    least: f64,
    median: f64,
    most: f64,
}

impl Spread {
    fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        let upper = *values.get(middle)?;
        let lower = *values.get(values.len().saturating_sub(1) / 2)?;
        Some(Self {
            least: *values.first()?,
            median: f64::midpoint(lower, upper),
            most: *values.last()?,
        })
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.least <= other.most && other.least <= self.most
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            least,
            median,
            most,
        } = self;
        write!(f, "{median:.3} ({least:.3} to {most:.3})")
    }
}

/// By name what counts: the ratio, or the value where there is no floor.
fn spreads(runs: &[Run]) -> BTreeMap<String, Spread> {
    let mut values: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let figures = runs.iter().flat_map(|run| &run.figures);
    for figure in figures {
        values
            .entry(figure.name.clone())
            .or_default()
            .push(counted(figure));
    }
    let spread = |(name, values)| Some((name, Spread::of(values)?));
    values.into_iter().filter_map(spread).collect()
}

fn counted(figure: &Figure) -> f64 {
    figure.ratio().unwrap_or(figure.value)
}

fn side_by_side(base: &BTreeMap<String, Spread>, head: &BTreeMap<String, Spread>) -> String {
    let mut lines = vec![
        "| figure | base | head | change |".to_owned(),
        "|---|---|---|---|".to_owned(),
    ];
    for (name, head) in head {
        let Some(base) = base.get(name) else { continue };
        let change = (head.median / base.median - 1.0) * 100.0;
        let doubt = if base.overlaps(head) {
            ", within the spread"
        } else {
            ""
        };
        lines.push(format!(
            "| {name} | {base} | {head} | {change:+.1} %{doubt} |"
        ));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_ratios_counts() {
        let run = |value: f64| Run {
            begun: jiff::Timestamp::UNIX_EPOCH,
            revision: String::new(),
            machine: crate::machine::this(),
            figures: vec![Figure::new("a", "a", value, "1/s").against("floor", 10.0)],
        };
        let base = spreads(&[run(1.0), run(9.0), run(2.0)]);
        let head = spreads(&[run(3.0), run(3.0), run(3.0)]);
        let line =
            "| a | 0.200 (0.100 to 0.900) | 0.300 (0.300 to 0.300) | +50.0 %, within the spread |";
        assert!(side_by_side(&base, &head).contains(line));
        let head = spreads(&[run(10.0), run(20.0)]);
        let line = "| 1.500 (1.000 to 2.000) | +650.0 % |";
        assert!(side_by_side(&base, &head).contains(line));
    }
}
