//! Where the token is, how to log in, and how much of it may be used at once.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

/// One token as a daemon's configuration describes it.
///
/// Exactly one of `token_label` and `token_serial` names the token.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "TokenConfigFile")]
pub struct TokenConfig {
    /// Absolute path of the vendor's PKCS#11 module.
    pub module: PathBuf,
    /// Which of the module's tokens.
    pub token: TokenSelector,
    /// Absolute path of the file with the user PIN: one line, readable by its owner only (or by
    /// the group root, as systemd's credentials are).
    pub pin_file: PathBuf,
    /// Sessions, and so signatures at the same time: 1 to 64, default 4.
    pub sessions: usize,
    /// Calls that may wait for a session: 1 to 65536, default 256.
    pub queue: usize,
    /// The longest a call may take, waiting included: 10 ms to 5 min, default 5 s.
    pub deadline: Duration,
}

/// How a token is found; slot numbers are no identity, they move when tokens come and go.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TokenSelector {
    /// By its label, at most 32 octets.
    Label(String),
    /// By the manufacturer's serial number, at most 16 octets.
    Serial(String),
}

impl fmt::Display for TokenSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Label(label) => write!(f, "token with label {label:?}"),
            Self::Serial(serial) => write!(f, "token with serial number {serial:?}"),
        }
    }
}

impl TokenConfig {
    /// A configuration with the default limits.
    pub fn new(
        module: impl Into<PathBuf>,
        token: TokenSelector,
        pin_file: impl Into<PathBuf>,
    ) -> Self {
        Self {
            module: module.into(),
            token,
            pin_file: pin_file.into(),
            sessions: default_sessions(),
            queue: default_queue(),
            deadline: DEFAULT_DEADLINE,
        }
    }

    /// All that is wrong with these values, each with its key path under `prefix`; nothing is
    /// clamped and no file is opened.
    pub fn faults(&self, prefix: &str) -> Vec<String> {
        let mut faults = Vec::new();
        absolute(&mut faults, prefix, "module", &self.module);
        absolute(&mut faults, prefix, "pin_file", &self.pin_file);
        let (key, text, limit) = match &self.token {
            TokenSelector::Label(label) => ("token_label", label, LABEL_OCTETS),
            TokenSelector::Serial(serial) => ("token_serial", serial, SERIAL_OCTETS),
        };
        if text.is_empty() || text.len() > limit {
            faults.push(format!("{prefix}.{key}: must have 1 to {limit} octets"));
        }
        if !(1..=64).contains(&self.sessions) {
            faults.push(format!("{prefix}.sessions: must be 1 to 64"));
        }
        if !(1..=65_536).contains(&self.queue) {
            faults.push(format!("{prefix}.queue: must be 1 to 65536"));
        }
        if !(SHORTEST_DEADLINE..=LONGEST_DEADLINE).contains(&self.deadline) {
            faults.push(format!("{prefix}.deadline: must be 10ms to 5m"));
        }
        faults
    }
}

fn absolute(faults: &mut Vec<String>, prefix: &str, key: &str, path: &Path) {
    if !path.is_absolute() {
        faults.push(format!("{prefix}.{key}: must be an absolute path"));
    }
}

/// The table as written in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenConfigFile {
    module: PathBuf,
    token_label: Option<String>,
    token_serial: Option<String>,
    pin_file: PathBuf,
    #[serde(default = "default_sessions")]
    sessions: usize,
    #[serde(default = "default_queue")]
    queue: usize,
    deadline: Option<jiff::SignedDuration>,
}

impl TryFrom<TokenConfigFile> for TokenConfig {
    type Error = &'static str;

    fn try_from(file: TokenConfigFile) -> Result<Self, Self::Error> {
        let token = match (file.token_label, file.token_serial) {
            (Some(label), None) => TokenSelector::Label(label),
            (None, Some(serial)) => TokenSelector::Serial(serial),
            _ => return Err("exactly one of token_label and token_serial must be given"),
        };
        let deadline = match file.deadline {
            Some(deadline) => {
                Duration::try_from(deadline).map_err(|_| "deadline must not be negative")?
            }
            None => DEFAULT_DEADLINE,
        };
        Ok(Self {
            module: file.module,
            token,
            pin_file: file.pin_file,
            sessions: file.sessions,
            queue: file.queue,
            deadline,
        })
    }
}

fn default_sessions() -> usize {
    4
}

fn default_queue() -> usize {
    256
}

const DEFAULT_DEADLINE: Duration = Duration::from_secs(5);
const SHORTEST_DEADLINE: Duration = Duration::from_millis(10);
const LONGEST_DEADLINE: Duration = Duration::from_mins(5);
/// PKCS#11 3.0 section 3.4, `CK_TOKEN_INFO`: fixed-size fields.
pub(crate) const LABEL_OCTETS: usize = 32;
const SERIAL_OCTETS: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<TokenConfig, toml::de::Error> {
        toml::from_str(text)
    }

    #[test]
    fn reads_a_table_with_defaults() {
        let config =
            parse("module = '/m.so'\ntoken_label = 'ca'\npin_file = '/pin'\ndeadline = '250ms'")
                .unwrap();
        assert_eq!(config.token, TokenSelector::Label("ca".into()));
        assert_eq!((config.sessions, config.queue), (4, 256));
        assert_eq!(config.deadline, Duration::from_millis(250));
        assert!(config.faults("hsm").is_empty());
    }

    #[test]
    fn refuses_unknown_keys_and_unclear_tokens() {
        for text in [
            "module = '/m'\ntoken_label = 'a'\npin_file = '/p'\npin = '1234'",
            "module = '/m'\npin_file = '/p'",
            "module = '/m'\ntoken_label = 'a'\ntoken_serial = 'b'\npin_file = '/p'",
            "module = '/m'\ntoken_label = 'a'\npin_file = '/p'\ndeadline = '-5s'",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn reports_all_faults_with_their_keys() {
        let config = TokenConfig {
            sessions: 0,
            queue: 0,
            deadline: Duration::ZERO,
            ..TokenConfig::new("m.so", TokenSelector::Serial(String::new()), "pin")
        };
        let faults = config.faults("hsm");
        for key in [
            "module",
            "pin_file",
            "token_serial",
            "sessions",
            "queue",
            "deadline",
        ] {
            let path = format!("hsm.{key}: ");
            assert!(faults.iter().any(|fault| fault.starts_with(&path)), "{key}");
        }
        assert_eq!(faults.len(), 6);
    }
}
