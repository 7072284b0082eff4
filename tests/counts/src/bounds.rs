//! The bounds, as they stand in the repository.

use std::{collections::BTreeMap, fmt::Write as _, fs};

use anyhow::Context as _;
use serde::Deserialize;

/// Most allocations of one operation, by its name.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// Heap allocations.
    pub allocations: BTreeMap<String, u64>,
}

impl Bounds {
    /// Reads them.
    ///
    /// # Errors
    /// The file is not there, or is something else.
    pub fn read() -> anyhow::Result<Self> {
        let text = fs::read_to_string(PATH).context(PATH)?;
        Ok(toml::from_str(&text)?)
    }

    /// What a count may become before somebody has to look: a twentieth more, and one.
    pub fn slightly_over(counted: u64) -> u64 {
        counted + counted / 20 + 1
    }

    /// Writes them.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self) -> anyhow::Result<()> {
        let mut text = HEAD.to_owned();
        for (name, bound) in &self.allocations {
            writeln!(text, "{name} = {bound}")?;
        }
        fs::write(PATH, text).context(PATH)
    }
}

/// The file.
pub const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/bounds.toml");

const HEAD: &str = "\
# Most heap allocations of one operation, slightly over what was counted last.
# `make counts` shows the counts and the instructions; `make counts UPDATE=1` writes this file.
# A higher bound is a decision: say in the commit message what it buys.
[allocations]
";
