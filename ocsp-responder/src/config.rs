//! The configuration file.

use std::{
    net::SocketAddr,
    num::NonZeroU32,
    path::{Path, PathBuf},
    time::Duration,
};

use hsm::{CkaId, TokenConfig};
use pki::SignatureAlgorithm;
use serde::Deserialize;
use service::{
    ByteSize, HumanDuration, http::HttpLimits, lifecycle::LifecycleLimits, logging::LogConfig,
    tls::ClientTlsFiles,
};

use crate::{answer::AnswerTerms, http::HttpTerms};

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
    /// The token with the OCSP key.
    pub token: TokenConfig,
    /// The OCSP key.
    pub key: KeyConfig,
    /// What answers are like; optional.
    #[serde(default)]
    pub answers: AnswersConfig,
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
    /// OCSP for everybody, plain HTTP as RFC 6960 appendix A wants it.
    pub public: SocketAddr,
    /// Metrics and health, plain HTTP: keep it on loopback or a management network.
    pub operations: SocketAddr,
}

/// What the public listener is like.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpConfig {
    /// The path of the OCSP URL in certificates; default `/`.
    pub base_path: String,
    /// How long HTTP caches may keep an answer, at most 1 day; default 5 minutes. A revocation is
    /// seen behind a cache after this time at the latest.
    pub max_age: HumanDuration,
    /// How long the body of a POST may take to arrive; default 10 seconds.
    pub body_timeout: HumanDuration,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            base_path: "/".to_owned(),
            max_age: HumanDuration::from_secs(300),
            body_timeout: HumanDuration::from_secs(10),
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
    /// The SQLite file; made when it is not there.
    pub path: PathBuf,
}

/// The key on the token.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyConfig {
    /// Its `CKA_ID`, hexadecimal.
    pub id: CkaId,
    /// How to sign; by default what is usual for the kind of key.
    pub algorithm: Option<SignatureAlgorithm>,
}

/// What answers are like.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AnswersConfig {
    /// From thisUpdate to nextUpdate, 8 hours to 10 days (BR 4.9.10); default 24 hours.
    pub validity: HumanDuration,
    /// How long a signed answer is given again; default 1 hour.
    pub reuse: HumanDuration,
    /// How long the feed may be silent before every answer is tryLater; default 12 hours.
    pub max_staleness: HumanDuration,
    /// How long after its expiry a certificate is answered for; default 30 days.
    pub archive: HumanDuration,
    /// Memory for signed answers; default 64 MiB.
    pub cache: ByteSize,
    /// Signatures per second for answers with a nonce or about several certificates; default 200.
    pub fresh_per_second: NonZeroU32,
    /// Signatures per second for serial numbers that were never given out; default 20.
    pub unknown_per_second: NonZeroU32,
}

impl Default for AnswersConfig {
    fn default() -> Self {
        Self {
            validity: HumanDuration::from_secs(24 * HOUR),
            reuse: HumanDuration::from_secs(HOUR),
            max_staleness: HumanDuration::from_secs(12 * HOUR),
            archive: HumanDuration::from_secs(30 * DAY),
            cache: ByteSize::new(64 << 20),
            fresh_per_second: NonZeroU32::MIN.saturating_add(199),
            unknown_per_second: NonZeroU32::MIN.saturating_add(19),
        }
    }
}

impl Config {
    /// All that is wrong with the values, each with its key path; nothing is clamped.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = self.token.faults("token");
        faults.extend(self.limits.faults("limits"));
        faults.extend(self.http.faults());
        faults.extend(self.feed.faults());
        faults.extend(absolute("copy.path", &self.copy.path));
        faults.extend(self.answers.faults());
        faults.extend(self.log.faults("log"));
        faults
    }

    /// The terms of the HTTP side.
    pub fn http_terms(&self) -> HttpTerms {
        HttpTerms {
            base_path: self.http.base_path.clone(),
            max_age: self.http.max_age.get(),
            body_timeout: self.http.body_timeout.get(),
        }
    }
}

impl HttpConfig {
    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if !self.base_path.starts_with('/') {
            faults.push("http.base_path: must begin with /".to_owned());
        }
        if self.max_age.get() > Duration::from_secs(DAY) {
            faults.push("http.max_age: must be at most 1d".to_owned());
        }
        if self.body_timeout.get().is_zero() {
            faults.push("http.body_timeout: must be more than 0".to_owned());
        }
        faults
    }
}

impl FeedConfig {
    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.name.is_empty() {
            faults.push("feed.name: must be the registered name".to_owned());
        }
        if !self.url.starts_with("https://") {
            faults.push("feed.url: must begin with https://".to_owned());
        }
        faults.extend(absolute("feed.tls.certificate", &self.tls.certificate));
        faults.extend(absolute("feed.tls.key", &self.tls.key));
        faults.extend(absolute("feed.tls.roots", &self.tls.roots));
        faults
    }
}

impl AnswersConfig {
    /// The terms of answers.
    pub fn terms(&self) -> AnswerTerms {
        AnswerTerms {
            validity: self.validity.get(),
            reuse: self.reuse.get(),
            archive: self.archive.get(),
            cache_bytes: self.cache.get(),
            fresh_per_second: self.fresh_per_second,
            unknown_per_second: self.unknown_per_second,
        }
    }

    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if !(8 * HOUR..=10 * DAY).contains(&self.validity.get().as_secs()) {
            faults.push("answers.validity: must be 8h to 10d (BR 4.9.10)".to_owned());
        }
        if self.reuse.get() < Duration::from_secs(1) {
            faults.push("answers.reuse: must be at least 1s".to_owned());
        }
        if self.max_staleness.get() < Duration::from_mins(1) {
            faults.push("answers.max_staleness: must be at least 1m".to_owned());
        }
        // The oldest answer that is ever given: made at the end of the feed's silence and given
        // until the end of its reuse.
        let oldest = self.max_staleness.get().saturating_add(self.reuse.get());
        if oldest >= self.validity.get() {
            let fault = "answers.validity: must be more than max_staleness and reuse together";
            faults.push(fault.to_owned());
        }
        faults
    }
}

fn absolute(key: &str, path: &Path) -> Option<String> {
    (!path.is_absolute()).then(|| format!("{key}: must be an absolute path"))
}

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

#[cfg(test)]
mod tests {
    use super::*;

    const SMALLEST: &str = r#"
        [listen]
        public = "0.0.0.0:8080"
        operations = "127.0.0.1:9102"
        [feed]
        name = "ocsp-1"
        url = "https://ca.example.com:8444"
        [feed.tls]
        certificate = "/etc/chancery/ocsp-responder.pem"
        key = "/run/credentials/ocsp-responder.service/tls-key"
        roots = "/etc/chancery/management-ca.pem"
        [copy]
        path = "/var/lib/chancery/ocsp-responder/copy.db"
        [token]
        module = "/usr/lib/softhsm/libsofthsm2.so"
        token_label = "ocsp"
        pin_file = "/run/credentials/ocsp-responder.service/pin"
        [key]
        id = "01"
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
        assert!(parse("[answers]\nvalidty = '24h'").is_err());
        assert!(parse("[anwsers]").is_err());
    }

    #[test]
    fn all_faults_are_reported_with_their_keys() {
        let mut config = parse("").unwrap();
        config.http.base_path = "ocsp".to_owned();
        config.http.max_age = HumanDuration::from_secs(2 * DAY);
        config.feed.url = "http://ca.example.com".to_owned();
        config.copy.path = "copy.db".into();
        config.answers.validity = HumanDuration::from_secs(7 * HOUR);
        let faults = config.faults();
        let keys = [
            "http.base_path: ",
            "http.max_age: ",
            "feed.url: ",
            "copy.path: ",
            "answers.validity: must be 8h",
            "answers.validity: must be more than",
        ];
        for key in keys {
            assert!(
                faults.iter().any(|fault| fault.starts_with(key)),
                "{key} {faults:?}"
            );
        }
        assert_eq!(faults.len(), keys.len());
    }

    #[test]
    fn no_answer_is_given_after_its_next_update() {
        let config = parse("[answers]\nvalidity = '13h'").unwrap();
        assert_eq!(config.faults().len(), 1);
        let config = parse("[answers]\nvalidity = '13h1s'").unwrap();
        assert_eq!(config.faults().len(), 0);
    }
}
