//! The examples of docs/relying-parties.md, run as they stand there.
#![expect(clippy::unwrap_used, reason = "what a test stands on works or ends it")]

use std::path::Path;
use std::process::Command;

use api::{IssuedBody, routes};
use blackbox_tests::{KeyKind, Said, World, run, statement};
use serde_json::json;

/// The blocks of the page in one language, in order.
fn blocks(language: &str) -> Vec<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/relying-parties.md");
    let page = std::fs::read_to_string(page).unwrap();
    let fence = format!("```{language}\n");
    page.split(&fence)
        .skip(1)
        .filter_map(|rest| rest.split_once("```"))
        .map(|(block, _)| block.to_owned())
        .collect()
}

/// A relying party with the root, a certificate, and the page.
struct Reader {
    world: World,
    /// Path of the certificate for the RA's changes of status.
    serial: String,
}

impl Reader {
    fn new() -> Self {
        let world = World::builder()
            .variable("INTERNAL_CA_ALGORITHM", "ec-p256")
            .start();
        let csr = world.key(KeyKind::P256).csr("/CN=reader", &[]);
        let body = json!({ "profile": "device", "csr": csr, "statement": statement::device() });
        let answer = world.ra().submit(routes::CERTIFICATES, "reader", &body);
        let issued: IssuedBody = answer.expect(201).read();
        let scratch = world.scratch();
        let certificate = issued.certificate.certificate.unwrap();
        std::fs::write(scratch.join("certificate.pem"), certificate).unwrap();
        std::fs::copy(world.root(), scratch.join("root.pem")).unwrap();
        Self {
            serial: issued.certificate.summary.serial.to_string(),
            world,
        }
    }

    /// Runs lines of shell with what the page says is set.
    fn shell(&self, lines: &str) -> Said {
        run(Command::new("bash")
            .args(["-c", &format!("set -euo pipefail\n{lines}")])
            .env("REPOSITORY", self.world.crl_url())
            .env("OCSP", self.world.ocsp_url())
            .env("CA", "internal-ca")
            .current_dir(self.world.scratch()))
    }

    fn python(&self) -> Said {
        let scripts = blocks("python");
        assert_eq!(scripts.len(), 1, "blocks of Python on the page");
        let script = scripts.first().unwrap();
        let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.venv/bin/python");
        run(Command::new(python)
            .args(["-c", script])
            .current_dir(self.world.scratch()))
    }

    fn revoke(&self) {
        let path = routes::REVOKE.replace("{serial}", &self.serial);
        let body = json!({ "ground": "sub.key_lost_or_leaked" });
        let answer = self.world.ra().submit(&path, "revoke", &body);
        answer.expect(200);
    }
}

#[test]
fn the_examples_work_for_a_good_certificate() {
    let reader = Reader::new();
    let blocks = blocks("sh");
    assert!(blocks.len() >= 5, "{} blocks of commands", blocks.len());
    let said = reader.shell(&blocks.concat());
    assert_eq!(said.code, 0, "{}", said.all());
    for expected in [
        "certificate.pem: OK",
        "certificate.pem: good",
        "Certificate Status: good",
        "\n304\n",
    ] {
        assert!(
            said.stdout.contains(expected),
            "{expected:?}: {}",
            said.all()
        );
    }
    let said = reader.python();
    assert_eq!(said.stdout, "valid\n", "{}", said.all());
}

#[test]
fn the_examples_refuse_a_revoked_certificate() {
    let reader = Reader::new();
    reader.revoke();
    let fetch = &blocks("sh")[0];
    testkit::wait_until("the list has it", || {
        let listed = format!(
            "openssl crl -inform DER -in internal-ca.crl -noout -text | grep -qi {}",
            reader.serial
        );
        reader.shell(&format!("{fetch}\n{listed}")).code == 0
    });
    for block in &blocks("sh")[1..] {
        for line in block.lines() {
            let said = reader.shell(line);
            if line.starts_with("openssl verify -crl_check_all") {
                assert!(said.all().contains("certificate revoked"), "{}", said.all());
            } else if line.starts_with("openssl ocsp") && line.contains("-url") {
                assert!(
                    said.all().contains("certificate.pem: revoked"),
                    "{}",
                    said.all()
                );
            } else if line.starts_with("ocsptool") {
                assert!(
                    said.all().contains("Certificate Status: revoked"),
                    "{}",
                    said.all()
                );
            }
        }
    }
    let said = reader.python();
    assert!(said.stderr.contains("RevokedError"), "{}", said.all());
}
