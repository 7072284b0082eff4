//! Logs: one line per event, to standard error, as text or as JSON.

use serde::Deserialize;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};

/// The PKCS#11 binding logs an error for every mechanism that it does not know.
const QUIET: &str = "cryptoki=off";

/// How a daemon logs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// `text` (default) or `json`.
    pub format: LogFormat,
    /// What is logged, such as `info,store=debug`; default `info`.
    pub filter: String,
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object per line.
    Json,
}

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The filter does not parse.
    #[error("log filter `{filter}` is wrong")]
    Filter {
        /// As written.
        filter: String,
        /// What is wrong with it.
        #[source]
        source: tracing_subscriber::filter::ParseError,
    },
    /// Called a second time.
    #[error("logging is set up already")]
    Twice(#[from] TryInitError),
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            format: LogFormat::Text,
            filter: "info".to_owned(),
        }
    }
}

impl LogConfig {
    /// What is wrong with it, each with its key path below `prefix`.
    pub fn faults(&self, prefix: &str) -> Vec<String> {
        match filter(&self.filter) {
            Ok(_) => Vec::new(),
            Err(error) => vec![format!("{prefix}.filter: {error}")],
        }
    }
}

/// Sends the process's logs to standard error; call once, first of all.
///
/// # Errors
/// [`LogError`]: a filter that does not parse, or a second call.
pub fn init(config: &LogConfig) -> Result<(), LogError> {
    let filter = filter(&config.filter)?;
    let registry = tracing_subscriber::registry().with(filter);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    match config.format {
        LogFormat::Text => registry.with(lines.with_ansi(false)).try_init()?,
        LogFormat::Json => registry.with(lines.json().flatten_event(true)).try_init()?,
    }
    Ok(())
}

fn filter(text: &str) -> Result<EnvFilter, LogError> {
    let with_quiet = if text.is_empty() {
        QUIET.to_owned()
    } else {
        format!("{text},{QUIET}")
    };
    EnvFilter::builder()
        .parse(with_quiet)
        .map_err(|source| LogError::Filter {
            filter: text.to_owned(),
            source,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silences_the_pkcs11_binding_whatever_the_filter_says() {
        for text in ["info", "trace,cryptoki=debug", ""] {
            let shown = filter(text).unwrap().to_string();
            assert!(shown.contains("cryptoki=off"), "{shown}");
            assert!(!shown.contains("cryptoki=debug"), "{shown}");
        }
    }

    #[test]
    fn names_the_key_of_a_wrong_filter() {
        let config = LogConfig {
            filter: "info,=[".to_owned(),
            ..LogConfig::default()
        };
        let faults = config.faults("log");
        assert_eq!(faults.len(), 1);
        assert!(faults[0].starts_with("log.filter: "), "{faults:?}");
    }
}
