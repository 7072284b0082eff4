//! The configuration of `ra`, `officer` and `audit`: where the CA is, and who asks.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use reqwest::Url;
use serde::Deserialize;
use service::tls::ClientTlsFiles;

use crate::{failure::Failure, files, values};

/// The file as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigFile {
    /// Base URL of the RA and officer API, such as `https://ca.example.com:8443`.
    url: String,
    tls: TlsSection,
    #[serde(default)]
    timeouts: TimeoutsSection,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TlsSection {
    /// Client certificate, with any intermediate ones after it, PEM.
    certificate: PathBuf,
    /// Its private key, PKCS#8 PEM, mode 0600.
    key: PathBuf,
    /// CA certificates that the server's certificate must lead to, PEM. No other root is trusted.
    ca: PathBuf,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct TimeoutsSection {
    /// To connect; 5s when absent.
    connect: Option<String>,
    /// One request and its answer; 60s when absent.
    request: Option<String>,
    /// All tries of one command together; 2m when absent.
    wait: Option<String>,
}

/// The configuration, checked. Relative paths start at the file's own directory.
#[derive(Clone, Debug)]
pub(crate) struct ClientConfig {
    pub(crate) url: Url,
    pub(crate) tls: ClientTlsFiles,
    pub(crate) connect_timeout: Duration,
    pub(crate) request_timeout: Duration,
    pub(crate) wait: Duration,
}

impl ClientConfig {
    /// Reads the file that `--config` names, and reports all that is wrong with it at once.
    pub(crate) fn load(path: Option<&Path>) -> Result<Self, Failure> {
        let path = path.ok_or_else(|| {
            Failure::usage("this command speaks to the CA and needs --config FILE").remedy(SAMPLE)
        })?;
        let text = files::read_text(path, "the configuration")
            .map_err(|failure| failure.into_config().remedy(SAMPLE))?;
        let file: ConfigFile = toml::from_str(&text).map_err(|error| {
            Failure::config("the configuration is malformed")
                .in_file(path)
                .because(&error)
                .remedy(SAMPLE)
        })?;
        file.check(path.parent().unwrap_or(Path::new("")))
            .map_err(|faults| {
                Failure::config("the configuration is wrong")
                    .in_file(path)
                    .faults(faults)
            })
    }
}

impl ConfigFile {
    fn check(self, directory: &Path) -> Result<ClientConfig, Vec<String>> {
        let mut faults = Vec::new();
        let mut timeout = |name: &str, text: Option<String>, default: u64| {
            text.map_or(Ok(Duration::from_secs(default)), |text| unsigned(&text))
                .unwrap_or_else(|fault| {
                    faults.push(format!("timeouts.{name}: {fault}"));
                    Duration::ZERO
                })
        };
        let connect_timeout = timeout("connect", self.timeouts.connect, 5);
        let request_timeout = timeout("request", self.timeouts.request, 60);
        let wait = timeout("wait", self.timeouts.wait, 120);
        let url = match base_url(&self.url) {
            Ok(url) if faults.is_empty() => url,
            Ok(_) => return Err(faults),
            Err(fault) => {
                faults.insert(0, format!("url: {fault}"));
                return Err(faults);
            }
        };
        Ok(ClientConfig {
            url,
            tls: ClientTlsFiles {
                certificate: directory.join(self.tls.certificate),
                key: directory.join(self.tls.key),
                roots: directory.join(self.tls.ca),
            },
            connect_timeout,
            request_timeout,
            wait,
        })
    }
}

fn unsigned(text: &str) -> Result<Duration, String> {
    let duration = values::duration(text)?;
    Ok(duration.unsigned_abs())
}

fn base_url(text: &str) -> Result<Url, String> {
    let url: Url = text
        .parse()
        .map_err(|error| format!("{text} is no URL: {error}"))?;
    if url.scheme() != "https" {
        return Err(format!("{text} must begin with https://"));
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(format!("{text} must end after the host and port"));
    }
    Ok(url)
}

const SAMPLE: &str = "write a file such as:
      url = \"https://ca.example.com:8443\"
      [tls]
      certificate = \"ra.pem\"
      key = \"ra.key\"
      ca = \"management-ca.pem\"
      [timeouts]          # optional, with these defaults
      connect = \"5s\"
      request = \"60s\"
      wait = \"2m\"";

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<ClientConfig, Vec<String>> {
        toml::from_str::<ConfigFile>(text)
            .unwrap()
            .check(Path::new("/etc/chancery"))
    }

    const TLS: &str =
        "[tls]\ncertificate = \"ra.pem\"\nkey = \"/secret/ra.key\"\nca = \"ca.pem\"\n";

    #[test]
    fn relative_paths_start_at_the_directory_of_the_file() {
        let config = check(&format!("url = \"https://ca.example.com\"\n{TLS}")).unwrap();
        assert_eq!(config.tls.certificate, Path::new("/etc/chancery/ra.pem"));
        assert_eq!(config.tls.key, Path::new("/secret/ra.key"));
        assert_eq!(config.wait, Duration::from_mins(2));
    }

    #[test]
    fn every_fault_is_reported_with_its_key() {
        let text = format!(
            "url = \"http://ca.example.com\"\n{TLS}[timeouts]\nconnect = \"soon\"\nwait = \"0s\"\n"
        );
        let faults = check(&text).unwrap_err();
        let keys: Vec<_> = faults
            .iter()
            .filter_map(|fault| fault.split(':').next())
            .collect();
        assert_eq!(keys, ["url", "timeouts.connect", "timeouts.wait"]);
    }

    #[test]
    fn an_unknown_key_is_an_error() {
        let text = format!("url = \"https://ca.example.com\"\nretries = 5\n{TLS}");
        assert!(toml::from_str::<ConfigFile>(&text).is_err());
    }
}
