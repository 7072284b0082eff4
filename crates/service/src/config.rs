//! Configuration files: TOML, strict, and with all faults told at once.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

/// Everything that is wrong with a configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFaults {
    /// The file.
    pub path: PathBuf,
    /// Each fault, in the order of the file; never empty.
    pub faults: Vec<String>,
}

impl ConfigFaults {
    /// Faults that a daemon found in values that were well-formed; `None` when there are none.
    pub fn of(path: &Path, faults: Vec<String>) -> Result<(), Self> {
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Self {
                path: path.to_owned(),
                faults,
            })
        }
    }
}

impl std::error::Error for ConfigFaults {}

impl std::fmt::Display for ConfigFaults {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} is not a usable configuration", self.path.display())?;
        for fault in &self.faults {
            write!(f, "\n  {fault}")?;
        }
        Ok(())
    }
}

/// Reads a configuration file.
///
/// # Errors
/// [`ConfigFaults`]: everything that is wrong with it, each with its key path.
pub fn load<T: DeserializeOwned>(path: &Path) -> Result<T, ConfigFaults> {
    let text = std::fs::read_to_string(path).map_err(|error| ConfigFaults {
        path: path.to_owned(),
        faults: vec![format!("cannot be read: {error}")],
    })?;
    parse(path, &text)
}

/// Reads a configuration from text; `path` is for messages only.
///
/// # Errors
/// [`ConfigFaults`].
pub fn parse<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, ConfigFaults> {
    toml::from_str(text).map_err(|error| ConfigFaults {
        path: path.to_owned(),
        faults: vec![error.to_string()],
    })
}
