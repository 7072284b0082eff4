//! Shards and deltas beside full lists and OCSP: everybody's judges come to the same verdict by
//! each of them.

use std::collections::BTreeMap;

use blackbox_tests::{KeyKind, World};
use testkit::judges::{Chain, Curl, Evidence, GnuTls, OcspAnswer, OpenSsl, PyHanko, Standing};
use testkit::wait_for;

use crate::der;
use crate::prober::probe;
use crate::query::{self, request};
use crate::scene::{Issued, issue, plain_http, read_der};

const SHARDS: u16 = 2;

/// Every policy with these shards and deltas, in place of those that it has.
const EDIT: &str = "/^shards = /d; /^\\[\"7.2\".delta\\]/,/^after_revocation/d; \
    s|^overlap = .*|&\\nshards = 2\\n\\n[\"7.2\".delta]\\nnext_update = \"24h\"\\n\
    interval = \"1h\"\\nafter_revocation = \"1s\"|";

/// A world whose lists have shards and deltas.
pub fn world() -> World {
    World::builder()
        .variable("INTERNAL_CA_ALGORITHM", "ec-p256")
        .variable("POLICY_EDIT", EDIT)
        .start()
}

fn full() -> String {
    "crl/internal-ca.crl".to_owned()
}

fn delta() -> String {
    "crl/internal-ca/delta.crl".to_owned()
}

fn shard(issued: &Issued) -> String {
    let last = u16::from_str_radix(&issued.serial[issued.serial.len() - 4..], 16).unwrap();
    format!("crl/internal-ca/shard-{}.crl", last % SHARDS)
}

/// What a relying party has fetched.
struct Party<'a> {
    world: &'a World,
    root: Vec<u8>,
    issuer: Vec<u8>,
    root_crl: Vec<u8>,
}

impl<'a> Party<'a> {
    fn new(world: &'a World) -> Self {
        let list = world.fetch(&format!("{}/crl/root.crl", world.crl_url()));
        Self {
            world,
            root: read_der(&world.root()),
            issuer: read_der(&world.issuer("internal-ca")),
            root_crl: list.unwrap(),
        }
    }

    fn list(&self, path: &str) -> Vec<u8> {
        let url = format!("{}/{path}", self.world.crl_url());
        wait_for(path, || self.world.fetch(&url))
    }

    /// The serial numbers on a list, with the text of their reasons.
    fn entries(&self, path: &str) -> BTreeMap<String, String> {
        let text = OpenSsl::verify_crl(&self.issuer, &self.list(path)).unwrap();
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
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
        entries
    }

    fn wait_for_entry(&self, path: &str, issued: &Issued, reason: &str) {
        wait_for(&format!("{reason} on {path}"), || {
            let entries = self.entries(path);
            (entries.get(&issued.serial).map(String::as_str) == Some(reason)).then_some(())
        });
    }

    /// What openssl and pyHanko say by these lists alone.
    #[track_caller]
    fn by_lists(&self, issued: &Issued, paths: &[String]) -> [Standing; 2] {
        let lists: Vec<Vec<u8>> = paths.iter().map(|path| self.list(path)).collect();
        let mut crls: Vec<&[u8]> = lists.iter().map(Vec::as_slice).collect();
        crls.push(&self.root_crl);
        let chain = Chain {
            root: &self.root,
            intermediates: &[&self.issuer],
            end: &issued.der,
            crls: &crls,
            at: None,
        };
        let openssl = match OpenSsl::verify_chain_with_deltas(&chain) {
            Ok(_) => Standing::Valid,
            Err(refusal) if refusal.mentions("certificate revoked") => Standing::Revoked,
            Err(refusal) => panic!("{paths:?}: {refusal}"),
        };
        let pyhanko = PyHanko::judge(&Evidence {
            root: &self.root,
            intermediates: &[&self.issuer],
            end: &issued.der,
            crls: &crls,
            ..Evidence::default()
        });
        [openssl, pyhanko.unwrap()]
    }

    /// What OCSP says to openssl, GnuTLS and pyHanko, and what pyHanko finds by itself.
    #[track_caller]
    fn by_asking(&self, issued: &Issued) -> [Standing; 4] {
        let url = self.world.ocsp_url();
        let asked = OpenSsl::ask_ocsp(&self.root, &self.issuer, &issued.der, &url, "sha256");
        let openssl = match asked.unwrap() {
            OcspAnswer::Good => Standing::Valid,
            OcspAnswer::Revoked => Standing::Revoked,
            OcspAnswer::Unknown => panic!("unknown"),
        };
        let said = GnuTls::ask_ocsp(&self.issuer, &issued.der, &url).unwrap();
        let gnutls = if said.contains("Certificate Status: good") {
            Standing::Valid
        } else {
            assert!(said.contains("Certificate Status: revoked"), "{said}");
            Standing::Revoked
        };
        let request = request(&self.world.issuer("internal-ca"), "sha1", &[&issued.serial]);
        let answer = query::post(&plain_http(self.world, &url), &request).body;
        let evidence = Evidence {
            root: &self.root,
            intermediates: &[&self.issuer],
            end: &issued.der,
            crls: &[&self.root_crl],
            ocsps: &[&answer],
            online: false,
        };
        let online = Evidence {
            crls: &[],
            ocsps: &[],
            online: true,
            ..evidence
        };
        [
            openssl,
            gnutls,
            PyHanko::judge(&evidence).unwrap(),
            PyHanko::judge(&online).unwrap(),
        ]
    }
}

#[test]
fn every_judge_says_the_same_by_shard_full_list_delta_and_ocsp() {
    let world = world();
    let party = Party::new(&world);
    let [good, revoked, held] = [(); 3].map(|()| issue(&world, "device", KeyKind::P256));
    held.hold(&world);
    revoked.revoke(&world, "sub.key_lost_or_leaked");
    let both = [full(), delta()];
    party.wait_for_entry(&delta(), &revoked, "Key Compromise");
    party.wait_for_entry(&shard(&revoked), &revoked, "Key Compromise");
    party.wait_for_entry(&shard(&held), &held, "Certificate Hold");
    for (issued, standing) in [
        (&good, Standing::Valid),
        (&revoked, Standing::Revoked),
        (&held, Standing::Revoked),
    ] {
        assert_eq!(party.by_lists(issued, &[shard(issued)]), [standing; 2]);
        assert_eq!(party.by_lists(issued, &both), [standing; 2]);
        assert_eq!(party.by_asking(issued), [standing; 4]);
    }

    held.release(&world);
    wait_for("the release is out", || {
        let on_shard = party.entries(&shard(&held)).contains_key(&held.serial);
        let reason = party.entries(&delta()).remove(&held.serial);
        let on_delta = reason.is_some_and(|reason| reason != "Remove From CRL");
        (!on_shard && !on_delta).then_some(())
    });
    assert_eq!(party.by_lists(&held, &[shard(&held)]), [Standing::Valid; 2]);
    assert_eq!(party.by_lists(&held, &both), [Standing::Valid; 2]);

    let (said, _) = probe(&world, "");
    assert_eq!(said.code, 0, "{}", said.all());
}

#[test]
fn lists_of_every_scope_are_sound_and_kept_by_caches() {
    let world = world();
    let party = Party::new(&world);
    let issued = issue(&world, "device", KeyKind::P256);
    issued.revoke(&world, "sub.key_lost_or_leaked");
    let paths = [full(), delta(), shard(&issued)];
    // A list that is replaced between two requests has another tag.
    for path in &paths {
        party.wait_for_entry(path, &issued, "Key Compromise");
    }
    for path in paths {
        let url = format!("{}/{path}", world.crl_url());
        let fetched = Curl::judge_cacheable(&url, "application/pkix-crl").unwrap();
        assert!(der::is_whole(&fetched.body));
        GnuTls::verify_crl(&party.issuer, &fetched.body).unwrap();
        OpenSsl::verify_crl(&party.issuer, &fetched.body).unwrap();
    }
}
