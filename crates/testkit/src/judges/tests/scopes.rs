//! The judges before full lists, deltas and shards, and over HTTP.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;

use super::*;

impl Fixture {
    /// With deltas and shards.
    fn with_scopes() -> Self {
        let fixture = Self::new();
        let functions = include_str!("pki.sh");
        let functions = &functions[functions.find("key()").unwrap()..];
        let functions = &functions[..functions.find("key root\n").unwrap()];
        fixture.sh(&format!("{functions}\n{}", include_str!("scopes.sh")));
        fixture
    }
}

/// Root, issuing CA and lists, as files hold them.
struct Scoped {
    files: Fixture,
    root: Vec<u8>,
    issuing: Vec<u8>,
    root_crl: Vec<u8>,
}

impl Scoped {
    fn new() -> Self {
        let files = Fixture::with_scopes();
        Self {
            root: files.read("root.der"),
            issuing: files.read("issuing.der"),
            root_crl: files.read("root.crl"),
            files,
        }
    }

    fn openssl(&self, end: &str, lists: &[&str], deltas: bool) -> Verdict {
        let end = self.files.read(end);
        let lists: Vec<_> = lists.iter().map(|name| self.files.read(name)).collect();
        let mut crls: Vec<&[u8]> = lists.iter().map(Vec::as_slice).collect();
        crls.push(&self.root_crl);
        let chain = Chain {
            root: &self.root,
            intermediates: &[&self.issuing],
            end: &end,
            crls: &crls,
            at: None,
        };
        if deltas {
            OpenSsl::verify_chain_with_deltas(&chain)
        } else {
            OpenSsl::verify_chain(&chain)
        }
    }

    fn pyhanko(&self, end: &str, lists: &[&str], responses: &[&str]) -> Verdict<Standing> {
        let end = self.files.read(end);
        let lists: Vec<_> = lists.iter().map(|name| self.files.read(name)).collect();
        let responses: Vec<_> = responses.iter().map(|name| self.files.read(name)).collect();
        let mut crls: Vec<&[u8]> = lists.iter().map(Vec::as_slice).collect();
        crls.push(&self.root_crl);
        PyHanko::judge(&Evidence {
            root: &self.root,
            intermediates: &[&self.issuing],
            end: &end,
            crls: &crls,
            ocsps: &responses.iter().map(Vec::as_slice).collect::<Vec<_>>(),
            online: false,
        })
    }
}

#[test]
fn openssl_judges_deltas() {
    let scoped = Scoped::new();
    let both = &["full.crl", "delta.crl"];
    scoped.openssl("good.der", both, true).unwrap();
    // Released since the full list.
    scoped.openssl("held.der", both, true).unwrap();
    for (end, lists, deltas) in [
        ("fresh.der", &both[..], true),
        ("revoked.der", &both[..], true),
        ("held.der", &both[..1], false),
    ] {
        let refused = scoped.openssl(end, lists, deltas).unwrap_err();
        assert!(refused.mentions("certificate revoked"), "{end}: {refused}");
    }
    // Without the delta the full list knows nothing of it.
    scoped.openssl("fresh.der", &both[..1], false).unwrap();
}

#[test]
fn openssl_judges_shards() {
    let scoped = Scoped::new();
    scoped
        .openssl("sharded.der", &["shard1.crl"], false)
        .unwrap();
    let refused = scoped.openssl("shard_revoked.der", &["shard1.crl"], false);
    assert!(refused.unwrap_err().mentions("certificate revoked"));
    let refused = scoped.openssl("sharded.der", &["shard2.crl"], false);
    let refused = refused.unwrap_err();
    assert!(refused.mentions("ifferent CRL scope"), "{refused}");
}

#[test]
fn pyhanko_judges_full_lists_and_deltas() {
    let scoped = Scoped::new();
    let judge = |end: &str, lists: &[&str]| scoped.pyhanko(end, lists, &[]).unwrap();
    assert_eq!(judge("good.der", &["issuing.crl"]), Standing::Valid);
    assert_eq!(judge("revoked.der", &["issuing.crl"]), Standing::Revoked);
    let both = &["full.crl", "delta.crl"];
    assert_eq!(judge("good.der", both), Standing::Valid);
    assert_eq!(judge("revoked.der", both), Standing::Revoked);
    assert_eq!(judge("fresh.der", both), Standing::Revoked);
    assert_eq!(judge("held.der", both), Standing::Valid);
    // A list that names a delta is not enough without it.
    let alone = scoped.pyhanko("good.der", &["full.crl"], &[]).unwrap_err();
    assert!(alone.mentions("Delta CRL"), "{alone}");
}

#[test]
fn pyhanko_judges_shards() {
    let scoped = Scoped::new();
    let judge = |end: &str, list: &str| scoped.pyhanko(end, &[list], &[]);
    assert_eq!(judge("sharded.der", "shard1.crl").unwrap(), Standing::Valid);
    let revoked = judge("shard_revoked.der", "shard1.crl").unwrap();
    assert_eq!(revoked, Standing::Revoked);
    assert!(judge("sharded.der", "shard2.crl").is_err());
}

#[test]
fn pyhanko_judges_responses() {
    let scoped = Scoped::new();
    let judge = |end: &str, response: &str| scoped.pyhanko(end, &[], &[response]);
    assert_eq!(judge("good.der", "good.ocsp").unwrap(), Standing::Valid);
    assert_eq!(
        judge("revoked.der", "revoked.ocsp").unwrap(),
        Standing::Revoked
    );
    for (end, response) in [
        ("revoked.der", "good.ocsp"),
        ("good.der", "foreign.ocsp"),
        ("good.der", "stale.ocsp"),
    ] {
        assert!(judge(end, response).is_err(), "{end} {response}");
    }
}

#[test]
fn pyhanko_refuses_what_is_spoilt_or_not_proven() {
    let scoped = Scoped::new();
    assert!(scoped.pyhanko("good.der", &[], &[]).is_err());
    let (crl, end) = (
        scoped.files.spoilt("issuing.crl"),
        scoped.files.read("good.der"),
    );
    let evidence = Evidence {
        root: &scoped.root,
        intermediates: &[&scoped.issuing],
        end: &end,
        crls: &[&crl, &scoped.root_crl],
        ..Evidence::default()
    };
    assert!(PyHanko::judge(&evidence).is_err());
    let spoilt = scoped.files.spoilt("good.der");
    let crl = scoped.files.read("issuing.crl");
    let evidence = Evidence {
        end: &spoilt,
        crls: &[&crl, &scoped.root_crl],
        ..evidence
    };
    assert!(PyHanko::judge(&evidence).is_err());
    let nonsense = Evidence {
        end: b"no certificate",
        ..evidence
    };
    assert!(PyHanko::judge(&nonsense).is_err());
}

#[test]
fn gnutls_judges_lists_of_every_scope() {
    let scoped = Scoped::new();
    for name in ["full.crl", "delta.crl", "shard1.crl"] {
        GnuTls::verify_crl(&scoped.issuing, &scoped.files.read(name)).unwrap();
        let spoilt = scoped.files.spoilt(name);
        assert!(
            GnuTls::verify_crl(&scoped.issuing, &spoilt).is_err(),
            "{name}"
        );
    }
    let end = scoped.files.read("good.der");
    let url = format!("http://127.0.0.1:{}/", crate::free_port());
    assert!(GnuTls::ask_ocsp(&scoped.issuing, &end, &url).is_err());
}

/// A server that gives one answer to requests with the right tag or time, and one to all others.
fn server(known: &'static str, other: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/list.crl", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let head: Vec<String> = lines
                .map_while(Result::ok)
                .take_while(|line| !line.is_empty())
                .collect();
            let has_it = head.iter().any(|line| {
                let line = line.to_lowercase();
                line == "if-none-match: \"1\"" || line.starts_with("if-modified-since:")
            });
            let answer = if has_it { known } else { other };
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    url
}

#[test]
fn curl_judges_what_caches_keep() {
    const UNCHANGED: &str = "HTTP/1.1 304 Not Modified\r\nconnection: close\r\n\r\n";
    const WHOLE: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/pkix-crl\r\n\
        cache-control: public, max-age=60\r\netag: \"1\"\r\n\
        last-modified: Fri, 20 Nov 2026 08:00:00 GMT\r\ncontent-length: 2\r\n\
        connection: close\r\n\r\nok";
    const BARE: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/pkix-crl\r\n\
        content-length: 2\r\nconnection: close\r\n\r\nok";
    let judge = |url: &str| Curl::judge_cacheable(url, "application/pkix-crl");
    let url = server(UNCHANGED, WHOLE);
    assert_eq!(judge(&url).unwrap().body, b"ok");
    assert!(Curl::judge_cacheable(&url, "application/pkix-cert").is_err());
    // Without validators, or ignoring them, or claiming that another tag is the same.
    assert!(judge(&server(BARE, BARE)).is_err());
    assert!(judge(&server(WHOLE, WHOLE)).is_err());
    assert!(judge(&server(UNCHANGED, UNCHANGED)).is_err());
    let nobody = format!("http://127.0.0.1:{}/", crate::free_port());
    assert!(judge(&nobody).is_err());
}
