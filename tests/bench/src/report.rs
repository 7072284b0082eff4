//! Reports: a table for the terminal, JSON and CSV for programs, SVG and a page for readers.

mod page;
mod plot;
mod table;

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, ensure};

use crate::figure::{Figure, Run};

pub(crate) use self::{page::page, table::table};

/// Writes `figures.json`, `figures.csv` and the plots into a directory.
///
/// # Errors
/// A file cannot be written.
pub(crate) fn write(run: &Run, out: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(out).with_context(|| out.display().to_string())?;
    fs::write(out.join("figures.json"), serde_json::to_vec_pretty(run)?)?;
    fs::write(out.join("figures.csv"), csv(run))?;
    plot::ratios(run, &out.join("ratios.svg"))?;
    plot::latencies(run, &out.join("latencies.svg"))
}

/// Puts runs together and writes them as one.
///
/// # Errors
/// One cannot be read, or is of another revision or machine than the first.
pub(crate) fn join(runs: &[PathBuf], out: &Path) -> anyhow::Result<ExitCode> {
    let mut runs = runs.iter().map(|figures| page::read(figures));
    let mut whole = runs.next().context("no run")??;
    for run in runs {
        let part = run?;
        ensure!(
            (&part.revision, &part.machine) == (&whole.revision, &whole.machine),
            "runs of {} and {}, or of two machines, cannot be compared",
            whole.revision,
            part.revision
        );
        whole.figures.extend(part.figures);
    }
    write(&whole, out)?;
    say(&table(&whole));
    Ok(ExitCode::SUCCESS)
}

/// One line for each figure.
fn csv(run: &Run) -> String {
    let mut text =
        "name,value,unit,floor,ratio,p50_ms,p99_ms,p999_ms,cpu_us,peak_memory,reached\n".to_owned();
    for figure in &run.figures {
        text.push_str(&line(figure));
        text.push('\n');
    }
    text
}

fn line(figure: &Figure) -> String {
    let number = |value: Option<f64>| value.map(|value| format!("{value:.3}")).unwrap_or_default();
    let latency = figure.latency;
    [
        figure.name.clone(),
        number(Some(figure.value)),
        figure.unit.clone(),
        number(figure.floor.as_ref().map(|floor| floor.value)),
        number(figure.ratio()),
        number(latency.map(|latency| latency.p50)),
        number(latency.map(|latency| latency.p99)),
        number(latency.map(|latency| latency.p999)),
        number(figure.cost.map(|cost| cost.cpu_us)),
        figure
            .cost
            .map(|cost| cost.peak_memory.to_string())
            .unwrap_or_default(),
        figure
            .reached()
            .map(|reached| reached.to_string())
            .unwrap_or_default(),
    ]
    .join(",")
}

/// Prints a text for the caller.
#[expect(
    clippy::print_stdout,
    reason = "a command prints what it was asked for"
)]
pub(crate) fn say(text: &str) {
    println!("{text}");
}

/// Prints why nothing came of it.
#[expect(clippy::print_stderr, reason = "a command says why it failed")]
pub(crate) fn complain(error: &anyhow::Error) {
    eprintln!("bench: {error:#}");
}
