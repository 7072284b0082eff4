//! `ceremony` on a real token: root, issuing CA, CRL; judged by OpenSSL.

use std::os::unix::fs::PermissionsExt as _;

use testkit::TestToken;

use crate::program::{Desk, Done, shipped_policy};

struct Ceremony {
    token: TestToken,
    desk: Desk,
}

impl Ceremony {
    fn new() -> Self {
        let token = TestToken::new();
        token.add("issuing");
        let desk = Desk::new().with_variable(token.environment());
        for (name, label) in [("root.toml", token.label()), ("issuing.toml", "issuing")] {
            let file = format!(
                "module = \"{}\"\ntoken_label = \"{label}\"\npin_file = \"{}\"\n",
                token.module().display(),
                token.pin_file().display()
            );
            desk.write(name, &file);
        }
        Self { token, desk }
    }

    fn run(&self, arguments: &str) -> Done {
        let policy = shipped_policy("esign.toml");
        let words = arguments.split(' ').map(|word| match word {
            "POLICY" => policy.clone(),
            word => word.replace('_', " "),
        });
        self.desk.chancery(
            ["--json".to_owned(), "ceremony".to_owned()]
                .into_iter()
                .chain(words),
        )
    }

    /// Root and issuing CA.
    fn hierarchy(&self) {
        for arguments in [
            "generate-key --token root.toml --id 01 --label root --algorithm ec-p384",
            "root --token root.toml --id 01 --policy POLICY --out root.pem \
             --subject C=CN,O=Example,CN=Example_Root",
            "generate-key --token issuing.toml --id 01 --label issuing",
            "csr --token issuing.toml --id 01 --out issuing.csr \
             --subject C=CN,O=Example,CN=Example_Issuing_CA",
            "sign-ca --token root.toml --id 01 --certificate root.pem --policy POLICY \
             --csr issuing.csr --out issuing.pem --validity 3650d",
        ] {
            self.run(arguments).well();
        }
    }
}

#[test]
fn a_root_and_an_issuing_ca_are_made_and_openssl_accepts_them() {
    let ceremony = Ceremony::new();
    ceremony.hierarchy();
    let desk = &ceremony.desk;
    let csr = desk
        .openssl(["req", "-in", "issuing.csr", "-verify", "-noout"])
        .well();
    assert!(csr.err.contains("verify OK"), "{}", csr.err);
    desk.openssl([
        "verify",
        "-x509_strict",
        "-check_ss_sig",
        "-CAfile",
        "root.pem",
        "issuing.pem",
    ])
    .well();
    let text = desk
        .openssl(["x509", "-in", "issuing.pem", "-noout", "-text"])
        .well()
        .out;
    for expected in [
        "CA:TRUE, pathlen:0",
        "/crl/root.crl",
        "/ca/root.cer",
        "CRL Sign",
    ] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
    ceremony
        .run("check --token issuing.toml --id 01 --certificate issuing.pem --chain root.pem")
        .well();
}

#[test]
fn a_certificate_of_another_key_is_refused() {
    let ceremony = Ceremony::new();
    ceremony.hierarchy();
    let refused = ceremony.run("check --token root.toml --id 01 --certificate issuing.pem");
    assert!(refused.with_code(1).err.contains("issuer-other-key"));
}

#[test]
fn the_root_crl_revokes_an_issuing_ca() {
    let ceremony = Ceremony::new();
    ceremony.hierarchy();
    let desk = &ceremony.desk;
    // The root itself is checked too.
    let verify = [
        "verify",
        "-crl_check_all",
        "-CAfile",
        "root.pem",
        "-CRLfile",
    ];
    ceremony
        .run("root-crl --token root.toml --id 01 --certificate root.pem --number 1 --out 1.crl")
        .well();
    let show = "crl -in 1.crl -CAfile root.pem -noout -crlnumber -text";
    let judged = desk.openssl(show.split(' '));
    assert!(judged.err.contains("verify OK"), "{}", judged.err);
    for expected in [
        "crlNumber=0x01",
        "X509v3 Issuing Distribution Point: critical",
        "Only CA Certificates",
    ] {
        assert!(judged.out.contains(expected), "{expected}: {}", judged.out);
    }
    desk.openssl(verify.into_iter().chain(["1.crl", "issuing.pem"]))
        .well();

    let serial = desk
        .openssl(["x509", "-in", "issuing.pem", "-noout", "-serial"])
        .well()
        .out;
    let serial = serial.trim().trim_start_matches("serial=").to_lowercase();
    desk.write(
        "revoked.json",
        &format!(
            r#"[{{"serial":"{serial}","revoked_at":"2026-01-01T00:00:00Z","reason":"superseded"}}]"#
        ),
    );
    ceremony
        .run(
            "root-crl --token root.toml --id 01 --certificate root.pem --number 2 \
             --revoked revoked.json --next-update 90d --out 2.crl",
        )
        .well();
    let revoked = desk.openssl(verify.into_iter().chain(["2.crl", "issuing.pem"]));
    assert_eq!(revoked.code, 2);
    assert!(
        revoked.err.contains("certificate revoked"),
        "{}",
        revoked.err
    );
}

#[test]
fn a_ca_may_not_outlive_the_root() {
    let ceremony = Ceremony::new();
    ceremony.hierarchy();
    let refused = ceremony.run(
        "sign-ca --token root.toml --id 01 --certificate root.pem --policy POLICY \
         --csr issuing.csr --out long.pem --validity 9000d",
    );
    refused.with_code(1);
    assert!(!ceremony.desk.path("long.pem").exists());
}

#[test]
fn a_token_is_initialised_once_and_its_keys_cannot_leave_it() {
    let ceremony = Ceremony::new();
    let token = &ceremony.token;
    let arguments = [
        "ceremony",
        "init-token",
        "--label",
        "new",
        "--module",
        token.module().to_str().unwrap(),
        "--pin-file",
        token.pin_file().to_str().unwrap(),
        "--so-pin-file",
        token.so_pin_file().to_str().unwrap(),
    ]
    .map(str::to_owned);
    ceremony.desk.chancery(&arguments).well();
    let again = ceremony.desk.chancery(&arguments).with_code(69);
    assert!(again.err.contains("new"), "{}", again.err);

    ceremony
        .run("generate-key --token root.toml --id 0a --label k --algorithm ed25519")
        .well();
    ceremony
        .run("generate-key --token root.toml --id 0a --label k")
        .with_code(69);
    let keys = ceremony.run("keys --token root.toml").well().json();
    assert_eq!(keys[0]["id"], "0a");
    assert_eq!(keys[0]["extractable"], false);
    assert_eq!(keys[0]["sensitive"], true);
}

#[test]
fn a_wrong_pin_is_told_and_not_repeated() {
    let ceremony = Ceremony::new();
    let pin = ceremony.desk.path("wrong.pin");
    ceremony.desk.write("wrong.pin", "00000000");
    std::fs::set_permissions(&pin, std::fs::Permissions::from_mode(0o600)).unwrap();
    let file = ceremony.desk.read("root.toml");
    let file = file.replace(
        ceremony.token.pin_file().to_str().unwrap(),
        pin.to_str().unwrap(),
    );
    ceremony.desk.write("root.toml", &file);
    let refused = ceremony.run("keys --token root.toml").with_code(69);
    assert!(refused.err.contains("hsm-pin"), "{}", refused.err);
    assert!(!refused.err.contains("00000000"));
}
