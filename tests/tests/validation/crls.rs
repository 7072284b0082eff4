//! Complete list, delta and shards of a real CA, read as a publisher reads them and judged by OpenSSL.

use std::path::PathBuf;
use std::process::Command;

use blackbox_tests::{Client, Daemon, KeyKind, World, run};
use serde_json::json;
use testkit::judges::{Document, OpenSsl, Pkilint};
use testkit::{wait_for, wait_until};

use crate::scene::{Issued, issue, read_der};

const ISSUER: &str = "esign-ca";

/// A CA with shards and deltas, and this test in the place of its publisher.
struct Scene {
    world: World,
    publisher: Client,
}

/// A list as the CA announces it.
#[derive(Debug, Clone)]
struct List {
    number: u64,
    der: Vec<u8>,
    text: String,
}

impl List {
    fn has(&self, issued: &Issued) -> bool {
        self.entry(issued).is_some()
    }

    /// The text of a certificate's entry.
    fn entry(&self, issued: &Issued) -> Option<&str> {
        let serial = format!("Serial Number: {}", issued.serial.to_uppercase());
        let (_, entry) = self.text.split_once(&serial)?;
        entry.split("Serial Number: ").next()
    }
}

impl Scene {
    fn new() -> Self {
        let world = World::start();
        world.stop(Daemon::Crl);
        divide(&world.run().join("ca/policy/esign.toml"));
        reload(&world);
        let feed = format!("https://{}:{}", "127.0.0.1", world.ports().feed);
        let publisher = Client::new(
            &feed,
            &world.run().join("crl/crl-1.pem"),
            &world.run().join("crl/crl-1.key"),
            &world.management(),
        );
        Self { world, publisher }
    }

    /// The last list of a scope, by the officer's overview.
    fn list(&self, scope: &str) -> Option<List> {
        let current = self
            .world
            .officer()
            .get(api::routes::CRLS)
            .expect(200)
            .json();
        let mut current = current.as_array().unwrap().iter();
        let announced = current.rfind(|list| list["issuer"] == ISSUER && list["scope"] == scope)?;
        let number = announced["number"].as_u64().unwrap();
        let path = format!("/feed/v1/crl/{ISSUER}/{scope}/{number}");
        let answer = self.publisher.get(&path);
        let der = (answer.status == 200).then(|| answer.body.clone())?;
        let text = OpenSsl::verify_crl(&self.ca(), &der).unwrap();
        Some(List { number, der, text })
    }

    fn wait(&self, scope: &str, what: &str, condition: impl Fn(&List) -> bool) -> List {
        wait_for(what, || self.list(scope).filter(&condition))
    }

    /// Says, as the publisher, that it shows the last complete list.
    fn show_complete(&self) -> List {
        let list = self.wait("full", "a complete list", |_| true);
        let follow = self.publisher.get("/feed/v1/follow?after=0&limit=1");
        let epoch = follow.header("feed-epoch").expect("an epoch").to_owned();
        let crls = json!([{ "issuer": ISSUER, "scope": "full", "number": list.number }]);
        let body = json!({ "epoch": epoch, "sequence": 1, "crls": crls });
        let answer = self.publisher.post("/feed/v1/acknowledge", &body);
        assert_eq!(answer.status, 204, "{}", answer.text());
        list
    }

    fn ca(&self) -> Vec<u8> {
        read_der(&self.world.issuer(ISSUER))
    }

    /// Lets OpenSSL check a certificate against lists, deltas among them.
    fn verify(&self, issued: &Issued, lists: &[&List]) -> String {
        let directory = self.world.scratch();
        let pem = |name: &str, label: &str, der: &[u8]| -> PathBuf {
            let path = directory.join(name);
            std::fs::write(&path, pki::pem::encode(label, der)).unwrap();
            path
        };
        let mut command = Command::new("openssl");
        command.args([
            "verify",
            "-crl_check",
            "-extended_crl",
            "-use_deltas",
            "-CAfile",
        ]);
        command.arg(self.world.root());
        command.arg("-untrusted").arg(self.world.issuer(ISSUER));
        for (at, list) in lists.iter().enumerate() {
            let path = pem(&format!("{at}.crl"), "X509 CRL", &list.der);
            command.arg("-CRLfile").arg(path);
        }
        command.arg(pem("end.pem", "CERTIFICATE", &issued.der));
        run(&mut command).all()
    }
}

/// Puts the policy file in force.
fn reload(world: &World) {
    let path = api::routes::RELOAD_POLICY.replace("{issuer}", ISSUER);
    world.officer().post(&path, &json!({})).expect(200);
}

/// Gives the shipped policy shards and deltas, and complete lists that take their time.
fn divide(path: &std::path::Path) {
    let text = std::fs::read_to_string(path).unwrap();
    let (head, crl) = text.split_once("[\"7.2\"]").unwrap();
    let (_, tail) = crl.split_once("[\"7.3\"]").unwrap();
    let crl = "[\"7.2\"]\nnext_update = \"7d\"\ninterval = \"24h\"\nafter_revocation = \"6s\"\n\
               overlap = \"24h\"\nshards = 3\n\n[\"7.2\".delta]\nnext_update = \"48h\"\n\
               interval = \"6h\"\nafter_revocation = \"1s\"\n\n";
    std::fs::write(path, format!("{head}{crl}[\"7.3\"]{tail}")).unwrap();
}

/// The shard that a certificate names, by its text.
fn shard(issued: &Issued) -> String {
    let text = OpenSsl::certificate_text(&issued.der).unwrap();
    let (_, rest) = text.split_once("/crl/esign-ca/").expect("a shard");
    let (name, _) = rest.split_once(".crl").unwrap();
    name.to_owned()
}

#[test]
fn complete_list_shard_and_delta_agree_as_openssl_reads_them() {
    let scene = Scene::new();
    let one = issue(&scene.world, "esign-individual", KeyKind::P256);
    let other = issue(&scene.world, "esign-individual", KeyKind::P256);
    let last = u64::from_str_radix(&one.serial[one.serial.len() - 4..], 16).unwrap();
    let own = shard(&one);
    assert_eq!(own, format!("shard-{}", last % 3));

    // The complete list of the policy before says nothing of deltas.
    let third = issue(&scene.world, "esign-individual", KeyKind::P256);
    third.revoke(&scene.world, "sub.request");
    scene.wait("full", "a revocation on the complete list", |list| {
        list.has(&third)
    });
    let base = scene.show_complete();
    assert!(base.text.contains("X509v3 Freshest CRL"), "{}", base.text);
    assert!(
        base.text.contains("/crl/esign-ca/delta.crl"),
        "{}",
        base.text
    );
    assert!(
        !base.text.contains("Issuing Distribution Point"),
        "{}",
        base.text
    );
    let list = scene.wait(&own, "the shard", |_| true);
    for expected in [
        "X509v3 Issuing Distribution Point: critical",
        "Only User Certificates",
        &format!("/crl/esign-ca/{own}.crl"),
    ] {
        assert!(list.text.contains(expected), "{expected}: {}", list.text);
    }
    let first = scene.wait("delta", "a delta on the list that is shown", |_| true);
    let delta_marks = "X509v3 Delta CRL Indicator: critical";
    assert!(first.text.contains(delta_marks), "{}", first.text);
    assert!(
        scene.verify(&one, &[&list]).contains(": OK"),
        "good on its shard"
    );

    one.hold(&scene.world);
    let held = scene.wait("delta", "the hold on a delta", |list| list.has(&one));
    assert!(held.entry(&one).unwrap().contains("Certificate Hold"));
    let on_shard = scene.wait(&own, "the hold on its shard", |list| list.has(&one));
    let verdict = scene.verify(&one, &[&on_shard]);
    assert!(verdict.contains("certificate revoked"), "{verdict}");
    scene.wait("full", "the hold on the complete list", |list| {
        list.has(&one)
    });

    let base = scene.show_complete();
    assert!(base.has(&one));
    one.release(&scene.world);
    other.revoke(&scene.world, "sub.key_lost_or_leaked");
    let delta = scene.wait("delta", "release and revocation on a delta", |list| {
        list.has(&one) && list.has(&other) && list.number > base.number
    });
    assert!(delta.entry(&one).unwrap().contains("Remove From CRL"));
    assert!(delta.entry(&other).unwrap().contains("Key Compromise"));
    let together = |issued| scene.verify(issued, &[&base, &delta]);
    assert!(together(&other).contains("certificate revoked"));
    assert!(together(&one).contains(": OK"), "{}", together(&one));
    scene.wait(&own, "the release on its shard", |list| !list.has(&one));
    let whole = scene.wait("full", "both on the complete list", |list| {
        !list.has(&one) && list.has(&other)
    });
    assert!(whole.number > delta.number);

    for document in [&whole, &delta, &list] {
        Pkilint::judge(Document::Crl(&document.der), &[]).unwrap();
    }
}

#[test]
fn fewer_shards_concern_new_certificates_only() {
    let scene = Scene::new();
    let old = issue(&scene.world, "esign-individual", KeyKind::P256);
    let own = shard(&old);
    let path = scene.world.run().join("ca/policy/esign.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("shards = 3", "shards = 0")).unwrap();
    reload(&scene.world);
    let new = issue(&scene.world, "esign-individual", KeyKind::P256);
    let text = OpenSsl::certificate_text(&new.der).unwrap();
    assert!(text.contains("/crl/esign-ca.crl"), "{text}");
    let before = scene.wait(&own, "the shard", |_| true);
    old.revoke(&scene.world, "sub.key_lost_or_leaked");
    let after = scene.wait(&own, "the revocation on the old shard", |list| {
        list.has(&old)
    });
    assert!(after.number > before.number);
    wait_until("the complete list has it too", || {
        scene.list("full").is_some_and(|list| list.has(&old))
    });
}
