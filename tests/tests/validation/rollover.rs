//! A CA's key is replaced: another issuer of the same name takes over, and the old one is still
//! answered for.

use std::path::Path;
use std::process::Command;

use blackbox_tests::{Answer, Daemon, KeyKind, World, run_well, statement};
use serde_json::json;
use testkit::judges::OpenSsl;
use testkit::wait_for;

use crate::scene::{Issued, issue, new_name, read_der};

const OLD: &str = "esign-ca";
const NEW: &str = "esign-ca-2";

/// Runs a program of ours with the token of one of the processes.
fn with_token(world: &World, process: &str, program: &str, arguments: &str) {
    let run = world.run();
    let arguments = arguments.replace("RUN", run.to_str().unwrap());
    let arguments = arguments.split(' ').map(|word| word.replace('_', " "));
    run_well(
        world
            .program(program)
            .env("SOFTHSM2_CONF", run.join(process).join("softhsm2.conf"))
            .args(arguments),
    );
}

/// Makes a key beside the old one, certifies it under the same name, and configures the new issuer.
fn add_issuer(world: &World) {
    let subject = "C=CN,O=Example_Certification_Services,CN=Example_E-Sign_CA";
    for (process, arguments) in [
        (
            "ca",
            "generate-key --token RUN/ca/token.toml --id 11 --label esign-ca-2 --algorithm ec-p256",
        ),
        (
            "ca",
            &*format!(
                "csr --token RUN/ca/token.toml --id 11 --subject {subject} --out RUN/ca/esign-ca-2.csr"
            ),
        ),
        (
            "root",
            "sign-ca --token RUN/root/token.toml --id 01 --certificate RUN/root/root.pem \
             --policy RUN/ca/policy/esign.toml --csr RUN/ca/esign-ca-2.csr --out RUN/ca/esign-ca-2.pem",
        ),
    ] {
        with_token(world, process, "chancery", &format!("ceremony {arguments}"));
    }
    let config = world.run().join("ca/ca-daemon.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    let (_, old) = text.split_once("[issuer.esign-ca]").unwrap();
    let (old, _) = old.split_once("\n[").unwrap();
    let new = old.replace("esign-ca.pem", "esign-ca-2.pem");
    let new = new.replace("key_id = \"01\"", "key_id = \"11\"");
    std::fs::write(&config, format!("{text}\n[issuer.{NEW}]{new}\n")).unwrap();
    with_token(
        world,
        "ca",
        "ca-daemon",
        "--config RUN/ca/ca-daemon.toml register",
    );
}

fn list(world: &World, issuer: &str) -> Option<Vec<u8>> {
    world.fetch(&format!("{}/crl/{issuer}.crl", world.crl_url()))
}

fn subject(certificate: &Path) -> String {
    let mut command = Command::new("openssl");
    command.args(["x509", "-noout", "-subject", "-in"]);
    run_well(command.arg(certificate))
}

#[test]
fn another_key_takes_over_under_the_same_name_and_both_lists_go_on() {
    let world = World::start();
    let old = issue(&world, "esign-individual", KeyKind::P256);
    assert_eq!(old.issuer, OLD);
    let followed = new_name("subject");
    let predecessor = submit(&world, api::routes::CERTIFICATES, &followed);
    let predecessor = Issued::read(predecessor);
    let retired = world.chancery_officer(&["retire-issuer", "--issuer", OLD]);
    assert_eq!(retired.code, 0, "{}", retired.all());
    let refused = submit(&world, api::routes::CERTIFICATES, &new_name("subject"));
    assert_eq!(refused.code(), "issuer-retired");
    let management = world.chancery_officer(&["retire-issuer", "--issuer", "management"]);
    assert!(
        management.all().contains("issuer-needed"),
        "{}",
        management.all()
    );

    world.stop(Daemon::Ca);
    add_issuer(&world);
    world.start_again(Daemon::Ca);
    let new = issue(&world, "esign-individual", KeyKind::P256);
    assert_eq!(new.issuer, NEW);
    let names = [OLD, NEW].map(|name| subject(&world.issuer(name)));
    assert_eq!(names[0], names[1]);

    old.revoke(&world, "sub.request");
    let serial = old.serial.to_uppercase();
    let [old_ca, new_ca] = [OLD, NEW].map(|name| read_der(&world.issuer(name)));
    let of_old = wait_for("the revocation on the old CA's list", || {
        let text = OpenSsl::verify_crl(&old_ca, &list(&world, OLD)?).unwrap();
        text.contains(&serial).then_some(text)
    });
    assert!(of_old.contains("X509v3 Authority Key Identifier"));
    let of_new = wait_for("the new CA's list", || list(&world, NEW));
    let text = OpenSsl::verify_crl(&new_ca, &of_new).unwrap();
    assert!(!text.contains(&serial), "{text}");
    assert!(OpenSsl::verify_crl(&old_ca, &of_new).is_err());
    // The old CA's certificates are followed by the new one's.
    let path = api::routes::REPLACE.replace("{serial}", &predecessor.serial);
    assert_eq!(Issued::read(submit(&world, &path, &followed)).issuer, NEW);
}

/// Asks for a certificate of a person, with a new key.
fn submit(world: &World, path: &str, name: &str) -> Answer {
    let csr = world.key(KeyKind::P256).csr("/", &[]);
    let mut body = json!({ "csr": csr, "statement": statement::individual(name) });
    if path == api::routes::CERTIFICATES {
        body["profile"] = json!("esign-individual");
    }
    world.ra().submit(path, &new_name("order"), &body)
}
