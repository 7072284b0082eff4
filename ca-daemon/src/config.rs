//! The daemon's configuration: places, limits and keys. Rules stand in the policy files.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use hsm::{CkaId, TokenConfig};
use pki::{IssuerName, SignatureAlgorithm};
use serde::Deserialize;
use service::HumanDuration;
use service::http::HttpLimits;
use service::lifecycle::LifecycleLimits;
use service::logging::LogConfig;
use service::tls::TlsFiles;

/// `ca-daemon.toml` as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaConfig {
    /// Addresses to listen on.
    pub listen: ListenConfig,
    /// TLS files of both listeners; `client_ca` names the management CA first.
    pub tls: TlsFiles,
    /// Where the records are kept.
    pub database: store::DatabaseConfig,
    /// PKCS#11 tokens, `[token.NAME]`, by a name of our own.
    #[serde(rename = "token")]
    pub tokens: BTreeMap<String, TokenConfig>,
    /// Issuing CAs and the management CA, `[issuer.NAME]`. The name stands in URLs, file names and
    /// records and never changes.
    #[serde(rename = "issuer")]
    pub issuers: BTreeMap<IssuerName, IssuerConfig>,
    /// CAs above them whose CRLs are imported, such as the root: `[offline_ca.NAME]`.
    #[serde(default, rename = "offline_ca")]
    pub offline_cas: BTreeMap<IssuerName, OfflineCaConfig>,
    /// The key that signs receipts of revocations. Optional: without it there are none.
    pub receipts: Option<ReceiptsConfig>,
    /// Limits of each listener; none of them is a rule of the CPS. Optional.
    #[serde(default)]
    pub limits: HttpLimits,
    /// How long requests may finish after SIGTERM. Optional.
    #[serde(default)]
    pub shutdown: LifecycleLimits,
    /// Octets of a request body, at least 4096. Optional; default 65536.
    #[serde(default = "default_max_body_bytes")]
    pub max_body_bytes: usize,
    /// Requests that one peer may have under way at once, at least 4; more are answered 429. Optional;
    /// default 128.
    #[serde(default = "default_max_requests_per_peer")]
    pub max_requests_per_peer: usize,
    /// Lets the daemon run with uid 0. Only for demonstrations in containers; default false.
    #[serde(default)]
    pub allow_root: bool,
    /// How early an alarm tells of an expiry.
    #[serde(default)]
    pub alarms: AlarmsConfig,
    /// Where copies of an SQLite database are written when an officer asks for one. Optional.
    pub backup_directory: Option<PathBuf>,
    /// Lists of weak keys in the format of openssl-blacklist, one file a key size. Optional.
    #[serde(default)]
    pub weak_key_lists: Vec<PathBuf>,
    /// Log format and level. Optional.
    #[serde(default)]
    pub log: LogConfig,
}

/// Addresses to listen on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListenConfig {
    /// RA and officer API, TLS 1.3 with client certificates.
    pub api: SocketAddr,
    /// Status feed for registered followers, TLS 1.3 with client certificates.
    pub feed: SocketAddr,
    /// Metrics and health, plain HTTP: keep it on loopback or a management network.
    pub operations: SocketAddr,
}

/// One CA whose key this daemon uses.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerConfig {
    /// Its certificate, PEM.
    pub certificate: PathBuf,
    /// Certificates above it, issuer first, root last, PEM in one file. Optional for a self-signed CA.
    pub chain: Option<PathBuf>,
    /// Name of the token that holds its key: one of `[token.NAME]`.
    pub token: String,
    /// `CKA_ID` of its key, hexadecimal.
    pub key_id: CkaId,
    /// Its policy file.
    pub policy: PathBuf,
}

/// A CA whose key is offline and whose CRLs are imported.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfflineCaConfig {
    /// Its certificate, PEM.
    pub certificate: PathBuf,
}

/// The key that signs receipts. Its certificate is made and renewed by the management CA.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptsConfig {
    /// Name of the token that holds the key: one of `[token.NAME]`.
    pub token: String,
    /// `CKA_ID` of the key, hexadecimal. Never the key of a CA.
    pub key_id: CkaId,
    /// How it signs, such as `rsa-pss-sha256`. Optional; default: what is usual for its type.
    pub algorithm: Option<SignatureAlgorithm>,
}

/// How early an alarm tells of an expiry.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AlarmsConfig {
    /// CA certificates. Default 180 days.
    pub ca_certificate: HumanDuration,
    /// The TLS server certificate and the certificates of registered peers. Default 14 days.
    pub tls_certificate: HumanDuration,
    /// Imported CRLs. Default 14 days.
    pub imported_crl: HumanDuration,
}

impl Default for AlarmsConfig {
    fn default() -> Self {
        const DAY: u64 = 86_400;
        Self {
            ca_certificate: HumanDuration::from_secs(180 * DAY),
            tls_certificate: HumanDuration::from_secs(14 * DAY),
            imported_crl: HumanDuration::from_secs(14 * DAY),
        }
    }
}

impl CaConfig {
    /// Faults that the types cannot see, each with its key path.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (name, token) in &self.tokens {
            faults.extend(token.faults(&format!("token.{name}")));
        }
        for (name, issuer) in &self.issuers {
            if !self.tokens.contains_key(&issuer.token) {
                let token = &issuer.token;
                faults.push(format!("issuer.{name}.token: there is no [token.{token}]"));
            }
            if self.offline_cas.contains_key(name) {
                faults.push(format!("offline_ca.{name}: an issuer has this name too"));
            }
        }
        if let Some(ReceiptsConfig { token, .. }) = &self.receipts
            && !self.tokens.contains_key(token)
        {
            faults.push(format!("receipts.token: there is no [token.{token}]"));
        }
        if self.tls.client_ca.is_empty() {
            faults.push("tls.client_ca: name at least the management CA".to_owned());
        }
        if self.max_body_bytes < 4096 {
            faults.push("max_body_bytes: at least 4096, or no CSR fits".to_owned());
        }
        if self.max_requests_per_peer < 4 {
            faults.push("max_requests_per_peer: at least 4, or a follower cannot work".to_owned());
        }
        faults.extend(self.limits.faults("limits"));
        faults.extend(self.log.faults("log"));
        faults
    }
}

const fn default_max_requests_per_peer() -> usize {
    128
}

const fn default_max_body_bytes() -> usize {
    64 * 1024
}
