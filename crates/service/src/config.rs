//! Configuration files: TOML, strict, and with all faults told at once.
//!
//! A daemon's configuration is a serde type with `deny_unknown_fields`; what serde cannot say about
//! its values, it says itself through [`ConfigFaults::check`].

mod lines;
mod repair;

use std::fmt;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use toml::de::DeTable;

/// Everything that is wrong with a configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFaults {
    /// The file.
    pub path: PathBuf,
    /// Each fault as `key.path: what is wrong (line n)`; never empty.
    pub faults: Vec<String>,
}

impl ConfigFaults {
    /// Passes what a daemon has found in well-formed values.
    ///
    /// # Errors
    /// The faults, if there are any.
    pub fn check(path: &Path, faults: Vec<String>) -> Result<(), Self> {
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Self {
                path: path.to_owned(),
                faults,
            })
        }
    }

    /// Stable, for messages and tests.
    pub fn code(&self) -> &'static str {
        "config-faults"
    }
}

impl std::error::Error for ConfigFaults {}

impl fmt::Display for ConfigFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
    let refused = |faults| ConfigFaults {
        path: path.to_owned(),
        faults,
    };
    let (document, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return Err(refused(lines::syntax_faults(text, &errors)));
    }
    let table: toml::Table =
        toml::from_str(text).map_err(|error| refused(lines::syntax_faults(text, &[error])))?;
    repair::deserialize(toml::Value::Table(table))
        .map_err(|faults| refused(lines::in_order(text, document.get_ref(), faults)))
}

#[cfg(test)]
mod tests;
