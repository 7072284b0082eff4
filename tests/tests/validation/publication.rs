//! CRLs, CA certificates and documents as they are published (C-14, C-30 … C-38).

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use blackbox_tests::{Answer, Client, Daemon, KeyKind, World, run_well};
use reqwest::Method;
use testkit::judges::OpenSsl;
use testkit::{wait_for, wait_until};

use crate::der;
use crate::scene::{Ended, Issued, issue, issue_device, plain_http, quick_world, read_der};

const INTERNAL: &str = "/crl/internal-ca.crl";

/// A list as it was served: number, and serial numbers with the text of their reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
struct List {
    number: u64,
    entries: BTreeMap<String, String>,
}

impl List {
    /// Reads a list that must be whole and the issuer's.
    #[track_caller]
    fn read(crl: &[u8], issuer: &Path) -> Self {
        assert!(der::is_whole(crl), "half a list: {} octets", crl.len());
        let text = OpenSsl::verify_crl(&read_der(issuer), crl).unwrap();
        Self::parse(&text)
    }

    fn parse(text: &str) -> Self {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let after = |label: &str| {
            let at = lines.iter().position(|line| line.starts_with(label));
            at.map(|at| lines[at + 1])
        };
        let number = after("X509v3 CRL Number:").expect("a CRLNumber");
        let number = match number.strip_prefix("0x") {
            Some(hexadecimal) => u64::from_str_radix(hexadecimal, 16),
            None => number.parse(),
        };
        let mut entries = BTreeMap::new();
        let mut serial = String::new();
        for (at, line) in lines.iter().enumerate() {
            if let Some(found) = line.strip_prefix("Serial Number: ") {
                serial = found.to_lowercase();
                entries.insert(serial.clone(), String::new());
            } else if line.starts_with("X509v3 CRL Reason Code:") {
                entries.insert(serial.clone(), lines[at + 1].to_owned());
            }
        }
        Self {
            number: number.unwrap(),
            entries,
        }
    }

    fn reason(&self, issued: &Issued) -> Option<&str> {
        self.entries.get(&issued.serial).map(String::as_str)
    }
}

/// The list that is served now.
#[track_caller]
fn list(world: &World, public: &Client) -> List {
    List::read(&get(public, INTERNAL).body, &world.issuer("internal-ca"))
}

#[track_caller]
fn get(public: &Client, path: &str) -> Answer {
    let answer = public.get(path);
    assert_eq!(answer.status, 200, "{path}");
    answer
}

fn wait_for_list(
    world: &World,
    public: &Client,
    what: &str,
    right: impl Fn(&List) -> bool,
) -> List {
    wait_for(what, || Some(list(world, public)).filter(&right))
}

#[test]
fn a_revocation_is_soon_on_the_list_and_a_release_leaves_it() {
    let world = quick_world();
    let public = plain_http(&world, &world.crl_url());
    let first = list(&world, &public);
    assert!(first.entries.is_empty());
    let (leaked, asked, held) = (
        issue_device(&world),
        issue_device(&world),
        issue_device(&world),
    );
    leaked.revoke(&world, "sub.key_lost_or_leaked");
    asked.revoke(&world, "sub.request");
    held.hold(&world);
    let second = wait_for_list(&world, &public, "all three are listed", |list| {
        [&leaked, &asked, &held]
            .iter()
            .all(|issued| list.reason(issued).is_some())
    });
    assert!(second.number > first.number);
    assert_eq!(second.reason(&leaked), Some("Key Compromise"));
    // RFC 5280 section 5.3.1: unspecified is said by leaving the reason out.
    assert_eq!(second.reason(&asked), Some(""));
    assert_eq!(second.reason(&held), Some("Certificate Hold"));

    held.release(&world);
    let third = wait_for_list(&world, &public, "the release has left", |list| {
        list.reason(&held).is_none()
    });
    assert!(third.number > second.number);
    assert_eq!(third.entries.len(), 2);

    // From hold to revoked for good.
    held.hold(&world);
    held.revoke(&world, "ca.published_other");
    let last = wait_for_list(&world, &public, "the hold became a revocation", |list| {
        list.reason(&held) == Some("Cessation Of Operation")
    });
    assert!(last.number > third.number);
}

/// C-38: whoever fetches while lists replace each other gets a whole one, never an older one.
#[test]
fn a_list_is_replaced_at_once_and_never_by_an_older_one() {
    let world = quick_world();
    let public = plain_http(&world, &world.crl_url());
    let file = world.run().join("crl/public/crl/internal-ca.crl");
    let enough = AtomicBool::new(false);
    let begins = list(&world, &public).number;
    let (fetched, read) = std::thread::scope(|scope| {
        let over_http = scope.spawn(|| {
            let mut seen: Vec<Vec<u8>> = Vec::new();
            while !enough.load(Ordering::Relaxed) {
                keep_if_new(&mut seen, get(&public, INTERNAL).body);
            }
            seen
        });
        let in_the_directory = scope.spawn(|| {
            let mut seen: Vec<Vec<u8>> = Vec::new();
            while !enough.load(Ordering::Relaxed) {
                keep_if_new(&mut seen, std::fs::read(&file).unwrap());
            }
            seen
        });
        let ended = Ended(&enough);
        for _ in 0..3 {
            let issued = issue_device(&world);
            issued.revoke(&world, "sub.key_lost_or_leaked");
            wait_for_list(&world, &public, "it is listed", |list| {
                list.reason(&issued).is_some()
            });
        }
        drop(ended);
        (over_http.join().unwrap(), in_the_directory.join().unwrap())
    });
    for seen in [fetched, read] {
        let issuer = world.issuer("internal-ca");
        let numbers: Vec<u64> = seen
            .iter()
            .map(|crl| List::read(crl, &issuer).number)
            .collect();
        assert!(numbers.len() >= 4, "{numbers:?}");
        assert_eq!(numbers[0], begins);
        // No list comes twice: each is higher than all before.
        assert!(numbers.is_sorted_by(|one, next| one < next), "{numbers:?}");
    }
}

fn keep_if_new(seen: &mut Vec<Vec<u8>>, crl: Vec<u8>) {
    if seen.last() != Some(&crl) {
        seen.push(crl);
    }
}

/// C-30: killed at any moment, neither daemon gives out a number twice or goes back to an older.
#[test]
fn numbers_go_up_over_crashes_of_both_daemons() {
    let world = quick_world();
    let public = plain_http(&world, &world.crl_url());
    let mut seen = BTreeMap::new();
    let mut last = list(&world, &public);
    seen.insert(last.number, get(&public, INTERNAL).body);
    for round in 0..4 {
        let issued = issue_device(&world);
        issued.revoke(&world, "sub.key_lost_or_leaked");
        // The list is due a second later: it is before, in the middle of it or after.
        let victim = if round % 2 == 0 {
            Daemon::Ca
        } else {
            Daemon::Crl
        };
        let until = std::time::Instant::now() + std::time::Duration::from_millis(700 + 200 * round);
        while std::time::Instant::now() < until && list(&world, &public) == last {}
        world.kill(victim);
        world.start_again(victim);
        last = wait_for_list(&world, &public, "the revocation is listed", |list| {
            assert!(list.number >= last.number, "{list:?} after {last:?}");
            list.reason(&issued).is_some()
        });
        let body = get(&public, INTERNAL).body;
        let number = List::read(&body, &world.issuer("internal-ca")).number;
        let before = seen.insert(number, body.clone());
        assert!(
            before.is_none_or(|before| before == body),
            "two lists {number}"
        );
    }
    assert_eq!(last.entries.len(), 4);
}

/// The publisher serves on, and again after a restart, while nobody feeds it.
#[test]
fn the_publisher_holds_what_it_has_while_the_ca_is_down() {
    let world = quick_world();
    let public = plain_http(&world, &world.crl_url());
    let issued = issue_device(&world);
    issued.revoke(&world, "sub.key_lost_or_leaked");
    wait_for_list(&world, &public, "it is listed", |list| {
        list.reason(&issued).is_some()
    });
    world.kill(Daemon::Ca);
    let paths = [
        INTERNAL,
        "/crl/esign-ca.crl",
        "/crl/root.crl",
        "/ca/root.cer",
        "/ca/esign-ca.cer",
        "/ca/internal-ca.cer",
        "/cps/esign-ca.html",
        "/cps/internal-ca.md",
    ];
    let all = || paths.map(|path| get(&public, path).body);
    let before = all();
    world.kill(Daemon::Crl);
    world.start_again(Daemon::Crl);
    assert_eq!(all(), before);
    world.stop(Daemon::Crl);
    world.start_again(Daemon::Crl);
    assert_eq!(all(), before);
}

#[test]
fn what_is_published_has_its_media_type_its_tag_and_its_lifetime() {
    let world = quick_world();
    let public = plain_http(&world, &world.crl_url());
    for (path, media_type) in [
        (INTERNAL, "application/pkix-crl"),
        ("/crl/esign-ca.crl", "application/pkix-crl"),
        ("/crl/root.crl", "application/pkix-crl"),
        ("/ca/root.cer", "application/pkix-cert"),
        ("/ca/esign-ca.cer", "application/pkix-cert"),
        ("/ca/internal-ca.cer", "application/pkix-cert"),
        ("/cps/esign-ca.html", "text/html; charset=utf-8"),
        ("/cps/internal-ca.html", "text/html; charset=utf-8"),
        ("/cps/esign-ca.md", "text/markdown; charset=utf-8"),
        ("/cps/internal-ca.md", "text/markdown; charset=utf-8"),
    ] {
        let answer = get(&public, path);
        assert_eq!(answer.header("content-type"), Some(media_type), "{path}");
        assert!(!answer.body.is_empty());
        let directives = answer.header("cache-control").unwrap();
        assert!(directives.contains("public") && directives.contains("max-age="));
        assert!(answer.header("expires").is_some() && answer.header("last-modified").is_some());

        let etag = answer.header("etag").unwrap();
        let again = public.send(Method::GET, path, &[("if-none-match", etag)], Vec::new());
        assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
        let since = [("if-modified-since", answer.header("last-modified").unwrap())];
        let again = public.send(Method::GET, path, &since, Vec::new());
        assert_eq!(again.status, 304, "{path}");
        let head = public.send(Method::HEAD, path, &[], Vec::new());
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
        assert_eq!(head.header("etag"), Some(etag));
        let posted = public.send(Method::POST, path, &[], Vec::new());
        assert_eq!(posted.status, 405, "{path}");
        assert_eq!(posted.header("allow"), Some("GET, HEAD"));
    }
    for absent in [
        "/",
        "/crl/",
        "/crl/management.crl",
        "/ca/management.cer",
        "/../copy.db",
        "/crl/../../copy.db",
        "/%2e%2e/copy.db",
        "/crl/internal-ca.crl/",
    ] {
        assert_eq!(public.get(absent).status, 404, "{absent}");
    }
}

/// C-14: a relying party finds everything at the URLs that stand in the certificates.
#[test]
fn every_url_in_a_certificate_leads_to_what_it_promises() {
    let world = quick_world();
    let certificates = [
        (
            issue(&world, "esign-individual", KeyKind::P256).der,
            "esign-ca",
        ),
        (
            issue(&world, "esign-organization", KeyKind::P256).der,
            "esign-ca",
        ),
        (
            issue(&world, "tls-server", KeyKind::P256).der,
            "internal-ca",
        ),
        (
            issue(&world, "tls-client", KeyKind::P256).der,
            "internal-ca",
        ),
        (issue_device(&world).der, "internal-ca"),
        (read_der(&world.issuer("esign-ca")), "root"),
        (read_der(&world.issuer("internal-ca")), "root"),
    ];
    for (certificate, issuer) in certificates {
        let is_ca = issuer == "root";
        let path = if is_ca {
            world.root()
        } else {
            world.issuer(issuer)
        };
        let text = OpenSsl::certificate_text(&certificate).unwrap();
        let urls = |before: &str| -> Vec<String> {
            let urls = text
                .lines()
                .filter_map(|line| line.trim().strip_prefix(before));
            urls.map(str::to_owned).collect()
        };
        // The certificate of the issuer, byte for byte.
        let [above] = &urls("CA Issuers - URI:")[..] else {
            panic!("one caIssuers: {text}")
        };
        assert_eq!(world.fetch(above).unwrap(), read_der(&path));
        // The list of the issuer.
        let [list] = &urls("URI:")[..] else {
            panic!("one distribution point: {text}")
        };
        List::read(&world.fetch(list).unwrap(), &path);
        if is_ca {
            continue;
        }
        let [ocsp] = &urls("OCSP - URI:")[..] else {
            panic!("one responder: {text}")
        };
        let asked = OpenSsl::ask_ocsp(
            &read_der(&world.root()),
            &read_der(&path),
            &certificate,
            ocsp,
            "sha1",
        );
        assert_eq!(asked.unwrap(), testkit::judges::OcspAnswer::Good);
        // The CPS, with the OID that the certificate names.
        let [cps] = &urls("CPS: ")[..] else {
            panic!("one CPS: {text}")
        };
        let cps = String::from_utf8(world.fetch(cps).unwrap()).unwrap();
        let [policy] = &urls("Policy: ")[..] else {
            panic!("one policy: {text}")
        };
        assert!(
            cps.starts_with("<!") && cps.contains(policy.as_str()),
            "{policy}"
        );
    }
}

/// Makes a list of the root, imports it as the officer, and gives what the command said.
fn import_root_crl(world: &World, number: u32, next_update: &str) -> blackbox_tests::Said {
    let file = world.scratch().join(format!("root-{number}.crl"));
    let mut ceremony = world.program("chancery");
    ceremony
        .env("SOFTHSM2_CONF", world.run().join("root/softhsm2.conf"))
        .args(["ceremony", "root-crl", "--id", "01", "--token"])
        .arg(world.run().join("root/token.toml"))
        .arg("--certificate")
        .arg(world.root())
        .args([
            "--number",
            &number.to_string(),
            "--next-update",
            next_update,
        ])
        .arg("--out")
        .arg(&file);
    run_well(&mut ceremony);
    world.chancery_officer(&[
        "import-crl",
        "--issuer",
        "root",
        "--crl",
        &file.display().to_string(),
    ])
}

#[test]
fn a_root_list_is_imported_and_published_and_an_older_one_is_refused() {
    let world = quick_world();
    let public = plain_http(&world, &world.crl_url());
    let root_list = || List::read(&get(&public, "/crl/root.crl").body, &world.root());
    assert_eq!(root_list().number, 1);
    assert_eq!(import_root_crl(&world, 3, "90d").code, 0);
    wait_until("the new list is published", || root_list().number == 3);
    for older in [2, 3] {
        let refused = import_root_crl(&world, older, "180d");
        assert_eq!(refused.code, 1, "{}", refused.all());
        assert_eq!(root_list().number, 3);
    }
    // Somebody else's list is no list of the root.
    let foreign = world.scratch().join("foreign.crl");
    std::fs::write(&foreign, get(&public, INTERNAL).body).unwrap();
    let refused = world.chancery_officer(&[
        "import-crl",
        "--issuer",
        "root",
        "--crl",
        &foreign.display().to_string(),
    ]);
    assert_eq!(refused.code, 1, "{}", refused.all());
    assert!(
        refused.all().contains("crl-not-of-issuer"),
        "{}",
        refused.all()
    );
    assert_eq!(root_list().number, 3);

    // With everything published a relying party verifies a chain from URLs alone.
    let end = issue_device(&world);
    let intermediate = world.fetch(&format!("{}/ca/internal-ca.cer", world.crl_url()));
    let crls = [
        get(&public, INTERNAL).body,
        get(&public, "/crl/root.crl").body,
    ];
    OpenSsl::verify_chain(&testkit::judges::Chain {
        root: &read_der(&world.root()),
        intermediates: &[&intermediate.unwrap()],
        end: &end.der,
        crls: &[&crls[0], &crls[1]],
        at: None,
    })
    .unwrap();
}

/// What a web server of one's own would serve from the directory is what the publisher serves.
#[test]
fn the_directory_holds_what_is_served() {
    let world = quick_world();
    let public = plain_http(&world, &world.crl_url());
    let directory = world.run().join("crl/public");
    let mut find = Command::new("find");
    let files = run_well(find.arg(&directory).args(["-type", "f", "-printf", "%P\n"]));
    assert!(files.lines().count() >= 10, "{files}");
    for file in files.lines() {
        let served = get(&public, &format!("/{file}")).body;
        assert_eq!(
            served,
            std::fs::read(directory.join(file)).unwrap(),
            "{file}"
        );
    }
}
