//! Plots, SVG: bars, written as the few shapes that they are.

use std::{fmt::Write as _, fs, path::Path};

use crate::figure::{Figure, Run};

/// The ratio of each figure to its floor.
///
/// # Errors
/// The file cannot be written.
pub(crate) fn ratios(run: &Run, path: &Path) -> anyhow::Result<()> {
    let bars = run
        .figures
        .iter()
        .filter_map(|figure| Some((figure, figure.ratio()?)));
    write(path, "Ratio to the floor of the same run", bars)
}

/// The 99th percentile of each figure.
///
/// # Errors
/// The file cannot be written.
pub(crate) fn latencies(run: &Run, path: &Path) -> anyhow::Result<()> {
    let bars = run
        .figures
        .iter()
        .filter_map(|figure| Some((figure, figure.latency?.p99)));
    write(
        path,
        "99th percentile of the time to the answer, milliseconds",
        bars,
    )
}

fn write<'a>(
    path: &Path,
    title: &str,
    bars: impl Iterator<Item = (&'a Figure, f64)>,
) -> anyhow::Result<()> {
    let bars: Vec<_> = bars.collect();
    let most = bars
        .iter()
        .map(|(_, value)| *value)
        .fold(f64::MIN_POSITIVE, f64::max);
    let height = TOP + STEP * bars.len();
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"960\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"8\" y=\"22\" font-size=\"15\">{title}</text>\n"
    );
    for (number, (figure, value)) in bars.iter().enumerate() {
        let y = TOP + STEP * number;
        let length = value / most * WIDTH;
        let baseline = y + 14;
        writeln!(
            svg,
            "<text x=\"8\" y=\"{baseline}\">{}</text>\
             <rect x=\"380\" y=\"{y}\" width=\"{length:.1}\" height=\"18\" fill=\"#4472a8\"/>\
             <text x=\"{:.1}\" y=\"{baseline}\">{value:.2}</text>",
            figure.name,
            386.0 + length,
        )?;
    }
    svg.push_str("</svg>\n");
    Ok(fs::write(path, svg)?)
}

const TOP: usize = 36;
const STEP: usize = 24;
const WIDTH: f64 = 500.0;
