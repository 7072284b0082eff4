//! Two builds, measured in turns.

use std::{collections::BTreeMap, path::Path, process::ExitCode};

use crate::{
    cli::{CompareArguments, RunArguments},
    figure::{Figure, Run},
    report, scenario,
};

/// Measures both builds in turns, and prints the medians of the ratios side by side.
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
    report::say(&side_by_side(&medians(&base), &medians(&head)));
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

/// By name the median of what counts: the ratio, or the value where there is no floor.
fn medians(runs: &[Run]) -> BTreeMap<String, f64> {
    let mut values: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let figures = runs.iter().flat_map(|run| &run.figures);
    for figure in figures {
        values
            .entry(figure.name.clone())
            .or_default()
            .push(counted(figure));
    }
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or_default()
    };
    values
        .into_iter()
        .map(|(name, values)| (name, median(values)))
        .collect()
}

fn counted(figure: &Figure) -> f64 {
    figure.ratio().unwrap_or(figure.value)
}

fn side_by_side(base: &BTreeMap<String, f64>, head: &BTreeMap<String, f64>) -> String {
    let mut lines = vec![
        "| figure | base | head | change |".to_owned(),
        "|---|---|---|---|".to_owned(),
    ];
    for (name, head) in head {
        let Some(base) = base.get(name) else { continue };
        let change = (head / base - 1.0) * 100.0;
        lines.push(format!(
            "| {name} | {base:.3} | {head:.3} | {change:+.1} % |"
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
        let base = medians(&[run(1.0), run(9.0), run(2.0)]);
        let head = medians(&[run(3.0), run(3.0), run(3.0)]);
        assert!(side_by_side(&base, &head).contains("| a | 0.200 | 0.300 | +50.0 % |"));
    }
}
