//! The configuration file.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::Deserialize;
use service::{
    HumanDuration, http::HttpLimits, lifecycle::LifecycleLimits, logging::LogConfig,
    tls::ClientTlsFiles,
};

use crate::{output::BucketConfig, probe::ProbeConfig, publisher::CacheTerms};

/// The whole file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Addresses to listen on.
    pub listen: ListenConfig,
    /// What the public listener is like; optional.
    #[serde(default)]
    pub http: HttpConfig,
    /// Bounds of the public listener; optional.
    #[serde(default)]
    pub limits: HttpLimits,
    /// Where the status feed comes from.
    pub feed: FeedConfig,
    /// The copy of the feed that survives a restart.
    pub copy: CopyConfig,
    /// A directory for the published files; this, an object store, or both.
    #[serde(default)]
    pub directory: Option<DirectoryConfig>,
    /// An S3-compatible object store for the published files.
    #[serde(default)]
    pub object_store: Option<BucketConfig>,
    /// What the gate lets through; optional.
    #[serde(default)]
    pub gate: GateConfig,
    /// Looks at what is published as a relying party would, again and again; optional.
    pub probe: Option<ProbeConfig>,
    /// What is logged; optional.
    #[serde(default)]
    pub log: LogConfig,
    /// How long requests may finish after SIGTERM; optional.
    #[serde(default)]
    pub shutdown: LifecycleLimits,
    /// Lets the daemon run with uid 0. Only for demonstrations in containers; default false.
    #[serde(default)]
    pub allow_root: bool,
}

/// Addresses to listen on.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListenConfig {
    /// The files for everybody, plain HTTP as RFC 5280 section 8 wants it for CRLs.
    pub public: SocketAddr,
    /// Metrics and health, plain HTTP: keep it on loopback or a management network.
    pub operations: SocketAddr,
}

/// What the public listener is like.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpConfig {
    /// How long HTTP caches may keep a CRL, at most 1 day; default 15 minutes. A revocation is
    /// seen behind a cache after this time at the latest.
    pub crl_max_age: HumanDuration,
    /// How long HTTP caches may keep CA certificates and documents; default 1 hour.
    pub max_age: HumanDuration,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            crl_max_age: HumanDuration::from_secs(15 * 60),
            max_age: HumanDuration::from_secs(60 * 60),
        }
    }
}

/// The status feed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedConfig {
    /// The name that this follower is registered under.
    pub name: String,
    /// `https://host:port` of ca-daemon's listener for followers.
    pub url: String,
    /// This follower's certificate and key, and the CAs of ca-daemon's certificate.
    pub tls: ClientTlsFiles,
}

/// The durable copy.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CopyConfig {
    /// The SQLite file; made when it is not there. It may be deleted. Beside it stands
    /// `published.json`, which keeps the numbers of the published lists from ever going down: it
    /// must not be.
    pub path: PathBuf,
}

/// What the gate lets through, besides what is right.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GateConfig {
    /// Most octets of a list; default 268435456, which is some 6 million entries.
    pub max_bytes: u64,
}

impl Default for GateConfig {
    fn default() -> Self {
        Self {
            max_bytes: 256 * 1024 * 1024,
        }
    }
}

/// The published files.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirectoryConfig {
    /// Their root: `crl/`, `ca/` and `cps/` stand below it.
    pub path: PathBuf,
}

impl Config {
    /// All that is wrong with the values, each with its key path; nothing is clamped.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = self.limits.faults("limits");
        if self.http.crl_max_age.get() > DAY {
            faults.push("http.crl_max_age: must be at most 1d".to_owned());
        }
        if self.feed.name.is_empty() {
            faults.push("feed.name: must be the registered name".to_owned());
        }
        if !self.feed.url.starts_with("https://") {
            faults.push("feed.url: must begin with https://".to_owned());
        }
        let tls = &self.feed.tls;
        faults.extend(absolute("feed.tls.certificate", &tls.certificate));
        faults.extend(absolute("feed.tls.key", &tls.key));
        faults.extend(absolute("feed.tls.roots", &tls.roots));
        faults.extend(absolute("copy.path", &self.copy.path));
        if self.directory.is_none() && self.object_store.is_none() {
            faults.push("directory: there must be [directory] or [object_store]".to_owned());
        }
        if let Some(directory) = &self.directory {
            faults.extend(absolute("directory.path", &directory.path));
        }
        if let Some(bucket) = &self.object_store {
            faults.extend(bucket.faults("object_store"));
        }
        if self.gate.max_bytes < LEAST_MAX_BYTES {
            faults.push("gate.max_bytes: must be at least 1048576".to_owned());
        }
        faults.extend(self.probe.iter().flat_map(|probe| probe.faults("probe")));
        faults.extend(self.log.faults("log"));
        faults
    }

    /// Where it stands what was published.
    pub fn ledger(&self) -> PathBuf {
        self.copy.path.with_file_name("published.json")
    }

    /// How long HTTP caches may keep what is served.
    pub fn cache_terms(&self) -> CacheTerms {
        CacheTerms {
            crl_max_age: self.http.crl_max_age.get(),
            max_age: self.http.max_age.get(),
        }
    }
}

fn absolute(key: &str, path: &Path) -> Option<String> {
    (!path.is_absolute()).then(|| format!("{key}: must be an absolute path"))
}

const DAY: Duration = Duration::from_hours(24);
/// A signature and the names of an empty list must fit, whatever the algorithm.
const LEAST_MAX_BYTES: u64 = 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    const SMALLEST: &str = r#"
        [listen]
        public = "0.0.0.0:8081"
        operations = "127.0.0.1:9103"
        [feed]
        name = "crl-1"
        url = "https://ca.example.com:8444"
        [feed.tls]
        certificate = "/etc/chancery/crl-publisher.pem"
        key = "/run/credentials/crl-publisher.service/tls-key"
        roots = "/etc/chancery/management-ca.pem"
        [copy]
        path = "/var/lib/chancery/crl-publisher/copy.db"
        [directory]
        path = "/var/lib/chancery/crl-publisher/public"
    "#;

    fn parse(more: &str) -> Result<Config, toml::de::Error> {
        toml::from_str(&format!("{SMALLEST}\n{more}"))
    }

    #[test]
    fn the_smallest_file_has_no_faults() {
        assert_eq!(parse("").unwrap().faults(), Vec::<String>::new());
    }

    #[test]
    fn unknown_keys_are_errors() {
        assert!(parse("[directroy]").is_err());
        assert!(parse("[log]\nlevel = 'info'").is_err());
    }

    #[test]
    fn there_must_be_an_output() {
        let mut config = parse("").unwrap();
        config.directory = None;
        let faults = config.faults();
        assert!(faults[0].starts_with("directory: "), "{faults:?}");
        let bucket = r#"
            [object_store]
            endpoint = "https://s3.example.com"
            bucket = "pki"
            access_key_id_file = "/run/credentials/crl-publisher.service/s3-key-id"
            secret_access_key_file = "/run/credentials/crl-publisher.service/s3-secret"
        "#;
        let mut config = parse(bucket).unwrap();
        assert_eq!(config.faults(), Vec::<String>::new());
        config.directory = None;
        assert_eq!(config.faults(), Vec::<String>::new());
    }

    #[test]
    fn all_faults_are_reported_with_their_keys() {
        let mut config = parse("").unwrap();
        config.http.crl_max_age = HumanDuration::from_secs(2 * 86_400);
        config.feed.url = "ca.example.com".to_owned();
        config.feed.tls.roots = "ca.pem".into();
        config.copy.path = "copy.db".into();
        config.directory = Some(DirectoryConfig {
            path: "public".into(),
        });
        config.gate.max_bytes = 0;
        let faults = config.faults();
        let keys = [
            "http.crl_max_age: ",
            "feed.url: ",
            "feed.tls.roots: ",
            "copy.path: ",
            "directory.path: ",
            "gate.max_bytes: ",
        ];
        for (fault, key) in faults.iter().zip(keys) {
            assert!(fault.starts_with(key), "{key} {faults:?}");
        }
        assert_eq!(faults.len(), keys.len());
    }
}
