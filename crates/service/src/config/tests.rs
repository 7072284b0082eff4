use std::collections::BTreeMap;
use std::net::SocketAddr;

use serde::Deserialize;

use super::*;
use crate::http::HttpLimits;
use crate::logging::LogConfig;
use crate::tls::TlsFiles;
use crate::{ByteSize, HumanDuration};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    listen: SocketAddr,
    interval: HumanDuration,
    cache: Option<ByteSize>,
    tls: TlsFiles,
    #[serde(default)]
    log: LogConfig,
    #[serde(default)]
    limits: HttpLimits,
    #[serde(default)]
    issuers: BTreeMap<String, Issuer>,
    #[serde(default)]
    tokens: Vec<Token>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Issuer {
    certificate: PathBuf,
    kind: Kind,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Issuing,
    Root,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Token {
    module: PathBuf,
    sessions: u8,
}

const GOOD: &str = r#"
listen = "127.0.0.1:8443"
interval = "1h30m"
[tls]
certificate = "server.pem"
key = "server.key"
[issuers.esign]
certificate = "esign.pem"
kind = "root"
[[tokens]]
module = "m.so"
sessions = 4
"#;

fn faults(text: &str) -> Vec<String> {
    parse::<Example>(Path::new("daemon.toml"), text)
        .unwrap_err()
        .faults
}

#[test]
fn reads_a_good_file() {
    let example: Example = parse(Path::new("daemon.toml"), GOOD).unwrap();
    assert_eq!(example.interval, HumanDuration::from_secs(5_400));
    assert_eq!(example.listen.port(), 8443);
    assert_eq!(example.tls.client_ca, Vec::<PathBuf>::new());
    assert_eq!(example.limits, HttpLimits::default());
    assert_eq!(example.log, LogConfig::default());
    assert_eq!(example.cache, None);
    assert_eq!(example.issuers["esign"].kind, Kind::Root);
    assert_eq!(example.issuers["esign"].certificate, Path::new("esign.pem"));
    assert_eq!(
        (example.tokens[0].sessions, &*example.tokens[0].module),
        (4, Path::new("m.so"))
    );
}

#[test]
fn tells_all_faults_at_once_in_the_order_of_the_file() {
    let told = faults(
        r#"
listen = "nowhere"
interval = "90 days"
cache = "3MB"
colour = "red"
[tls]
certificate = "server.pem"
keys = "server.key"
[log]
format = "xml"
[issuers.esign]
kind = "leaf"
[[tokens]]
module = "m.so"
sessions = 400
[[tokens]]
sessions = true
"#,
    );
    let told: Vec<&str> = told.iter().map(String::as_str).collect();
    assert_eq!(
        told,
        [
            "listen: invalid socket address syntax (line 2)",
            "interval: `90 days` is not a number with a unit out of w, d, h, m, s, ms (line 3)",
            "cache: `3MB` is not a number with a unit out of GiB, MiB, KiB, B (line 4)",
            "colour: unknown key, expected one of `listen`, `interval`, `cache`, `tls`, `log`, \
             `limits`, `issuers`, `tokens` (line 5)",
            "tls.key: is missing (line 6)",
            "tls.keys: unknown key, expected one of `certificate`, `key`, `client_ca` (line 8)",
            "log.format: unknown variant `xml`, expected `text` or `json` (line 10)",
            "issuers.esign.certificate: is missing (line 11)",
            "issuers.esign.kind: unknown variant `leaf`, expected `issuing` or `root` (line 12)",
            "tokens[0].sessions: invalid value: integer `400`, expected u8 (line 15)",
            "tokens[1].module: is missing (line 16)",
            "tokens[1].sessions: invalid type: boolean `true`, expected u8 (line 17)",
        ]
    );
}

#[test]
fn an_empty_file_lacks_everything_that_has_no_default() {
    assert_eq!(
        faults(""),
        [
            "listen: is missing",
            "interval: is missing",
            "tls: is missing"
        ]
    );
}

#[test]
fn tells_all_faults_of_the_toml_itself() {
    let told = faults("listen = \n[tls\nkey = 'a'\nkey = 'b'\n");
    assert!(told.len() >= 2, "{told:?}");
    assert!(told[0].contains("(line 1)"), "{told:?}");
}

#[test]
fn names_the_file_in_front_of_its_faults() {
    let refused = load::<Example>(Path::new("/nonexistent/daemon.toml")).unwrap_err();
    let shown = refused.to_string();
    assert!(
        shown.starts_with(
            "/nonexistent/daemon.toml is not a usable configuration\n  cannot be read"
        ),
        "{shown}"
    );
}
