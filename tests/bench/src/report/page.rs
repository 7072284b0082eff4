//! The page of figures, generated from a run.

use std::{fs, path::Path, process::ExitCode};

use anyhow::Context as _;

use super::table;
use crate::figure::{Figure, Run};

/// Writes the page.
///
/// # Errors
/// The JSON cannot be read, or the page not be written.
pub(crate) fn page(figures: &Path, out: &Path) -> anyhow::Result<ExitCode> {
    let text = text(&read(figures)?);
    fs::write(out, text).with_context(|| out.display().to_string())?;
    Ok(ExitCode::SUCCESS)
}

/// Reads the JSON of a run.
///
/// # Errors
/// It cannot be read.
pub(super) fn read(figures: &Path) -> anyhow::Result<Run> {
    let place = || format!("{} (make bench writes it)", figures.display());
    let json = fs::read(figures).with_context(place)?;
    serde_json::from_slice(&json).with_context(place)
}

fn text(run: &Run) -> String {
    let figures: Vec<String> = run.figures.iter().map(explained).collect();
    TEMPLATE
        .replace("@MEASURED@", &measured(run))
        .replace("@TABLE@", &table(run))
        .replace("@FIGURES@", &figures.join("\n"))
}

fn measured(run: &Run) -> String {
    format!(
        "Measured on {} at revision `{}`: {} cores of {}, {:.0} GiB of memory, client and daemons on the \
         same cores.",
        run.begun.strftime("%F"),
        run.revision,
        run.machine.cores,
        run.machine.processor,
        crate::figure::real(run.machine.memory) / f64::from(1 << 30),
    )
}

fn explained(figure: &Figure) -> String {
    let floor = figure.floor.as_ref();
    let floor = floor.map(|floor| format!("; floor: {}", floor.what));
    format!(
        "- `{}`: {}{}.",
        figure.name,
        figure.what,
        floor.unwrap_or_default()
    )
}

const TEMPLATE: &str = include_str!("performance.md");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_in_docs_is_made_of_the_figures_in_docs() {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
        let page = fs::read_to_string(docs.join("performance.md")).unwrap();
        let run = read(&docs.join("performance.json")).unwrap();
        assert!(
            page == text(&run),
            "docs/performance.md is not what docs/performance.json says: make performance-page, or \
             bench page docs/performance.json --out docs/performance.md"
        );
    }
}
