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

use crate::{
    answer::{AnswerSettings, NeverIssued},
    http::HttpTerms,
};

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
    /// The token with the OCSP keys.
    pub token: TokenConfig,
    /// The OCSP keys: of those that have a certificate, the first that the client prefers signs,
    /// and if it says nothing the first.
    pub keys: Vec<KeyConfig>,
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
    /// How long the body of a POST may take to arrive; default 10 seconds.
    pub body_timeout: HumanDuration,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            base_path: "/".to_owned(),
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

/// A key on the token.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyConfig {
    /// Its `CKA_ID`, hexadecimal.
    pub id: CkaId,
    /// How to sign; by default what is usual for the kind of key.
    pub algorithm: Option<SignatureAlgorithm>,
}

/// How answers are made and kept. What they promise comes with each issuer's policy.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AnswersConfig {
    /// How long a signed answer is given again; default 1 hour. Never longer than half of what the
    /// policy's `max_staleness` leaves of its `validity`.
    pub reuse: HumanDuration,
    /// How often an answer must have been asked for within `reuse` to be signed anew ahead of its
    /// end; default 4.
    pub hot: NonZeroU32,
    /// Memory for signed answers; default 64 MiB.
    pub cache: ByteSize,
    /// Signatures per second for answers that are given again, made while a client waits; past it,
    /// what is not in the cache is tryLater. Default 2000.
    pub known_per_second: NonZeroU32,
    /// Signatures per second for answers with a nonce or about several certificates; past it, the
    /// nonce is left out. Default 200.
    pub fresh_per_second: NonZeroU32,
    /// Signatures per second for serial numbers that were never given out; past it, they are
    /// unauthorized, unsigned. Default 20.
    pub unknown_per_second: NonZeroU32,
    /// What is said of such serial numbers: `unknown`, the default, or `revoked` (RFC 6960 section
    /// 2.2).
    pub never_issued: NeverIssuedConfig,
}

/// What is said of serial numbers that were never given out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NeverIssuedConfig {
    /// The status unknown.
    #[default]
    Unknown,
    /// Revoked: certificateHold since 1970-01-01, with the extended-revoke extension.
    Revoked,
}

impl Default for AnswersConfig {
    fn default() -> Self {
        Self {
            reuse: HumanDuration::from_secs(3_600),
            hot: NonZeroU32::MIN.saturating_add(3),
            cache: ByteSize::new(64 << 20),
            known_per_second: NonZeroU32::MIN.saturating_add(1_999),
            fresh_per_second: NonZeroU32::MIN.saturating_add(199),
            unknown_per_second: NonZeroU32::MIN.saturating_add(19),
            never_issued: NeverIssuedConfig::Unknown,
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
        faults.extend(self.key_faults());
        faults.extend(self.answers.faults());
        faults.extend(self.log.faults("log"));
        faults
    }

    fn key_faults(&self) -> Vec<String> {
        if self.keys.is_empty() {
            return vec!["keys: at least one must be given".to_owned()];
        }
        let repeated = self.keys.iter().enumerate().filter(|(index, key)| {
            let mut before = self.keys.iter().take(*index);
            before.any(|other| other.id == key.id && other.algorithm == key.algorithm)
        });
        repeated
            .map(|(index, key)| format!("keys[{index}]: {} stands twice", key.id))
            .collect()
    }

    /// The terms of the HTTP side.
    pub fn http_terms(&self) -> HttpTerms {
        HttpTerms {
            base_path: self.http.base_path.clone(),
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
    /// The settings of answers.
    pub fn settings(&self) -> AnswerSettings {
        AnswerSettings {
            reuse: self.reuse.get(),
            hot: self.hot,
            cache_bytes: self.cache.get(),
            known_per_second: self.known_per_second,
            fresh_per_second: self.fresh_per_second,
            unknown_per_second: self.unknown_per_second,
            never_issued: match self.never_issued {
                NeverIssuedConfig::Unknown => NeverIssued::Unknown,
                NeverIssuedConfig::Revoked => NeverIssued::Revoked,
            },
        }
    }

    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.reuse.get() < Duration::from_secs(1) {
            faults.push("answers.reuse: must be at least 1s".to_owned());
        }
        faults
    }
}

fn absolute(key: &str, path: &Path) -> Option<String> {
    (!path.is_absolute()).then(|| format!("{key}: must be an absolute path"))
}

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
        [[keys]]
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
        assert!(parse("[answers]\nvalidity = '24h'").is_err());
        assert!(parse("[anwsers]").is_err());
    }

    #[test]
    fn all_faults_are_reported_with_their_keys() {
        let mut config = parse("").unwrap();
        config.http.base_path = "ocsp".to_owned();
        config.feed.url = "http://ca.example.com".to_owned();
        config.copy.path = "copy.db".into();
        config.answers.reuse = HumanDuration::from_secs(0);
        config.keys.extend(config.keys.clone());
        let faults = config.faults();
        let keys = [
            "http.base_path: ",
            "feed.url: ",
            "copy.path: ",
            "keys[1]: 01 stands twice",
            "answers.reuse: must be at least 1s",
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
    fn a_responder_has_a_key() {
        let mut config = parse("").unwrap();
        config.keys.clear();
        assert_eq!(config.faults(), ["keys: at least one must be given"]);
        let config = parse("[[keys]]\nid = '01'\nalgorithm = 'ecdsa-sha384'").unwrap();
        assert_eq!(config.faults(), Vec::<String>::new());
    }

    #[test]
    fn never_issued_serials_may_be_told_as_revoked() {
        let never_issued = |text: &str| parse(text).unwrap().answers.settings().never_issued;
        assert_eq!(never_issued(""), NeverIssued::Unknown);
        let revoked = "[answers]\nnever_issued = 'revoked'";
        assert_eq!(never_issued(revoked), NeverIssued::Revoked);
    }
}
