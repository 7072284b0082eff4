//! `key new`, judged by OpenSSL.

use std::os::unix::fs::PermissionsExt as _;

use crate::program::Desk;

#[test]
fn openssl_accepts_every_kind_of_key_and_its_csr() {
    let desk = Desk::new();
    for algorithm in ["ec-p256", "ec-p384", "ed25519", "rsa-3072"] {
        let (key, csr) = (format!("{algorithm}.key"), format!("{algorithm}.csr"));
        let made = desk
            .chancery([
                "--json",
                "key",
                "new",
                "--algorithm",
                algorithm,
                "--key-out",
                &key,
                "--csr-out",
                &csr,
                "--cn",
                "ca.example.com",
                "--dns",
                "ca.example.com",
                "--ip",
                "127.0.0.1",
            ])
            .well()
            .json();
        assert_eq!(made["algorithm"], algorithm);
        let permissions = std::fs::metadata(desk.path(&key))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(permissions & 0o777, 0o600, "{algorithm}");
        desk.openssl(["pkey", "-in", &key, "-noout", "-check"])
            .well();
        // The exit code is 0 whatever the signature is worth.
        let judged = desk
            .openssl(["req", "-in", &csr, "-verify", "-noout", "-text"])
            .well();
        assert!(
            judged.err.contains("verify OK"),
            "{algorithm}: {}",
            judged.err
        );
        assert!(
            judged
                .out
                .contains("DNS:ca.example.com, IP Address:127.0.0.1"),
            "{}",
            judged.out
        );
    }
}

#[test]
fn openssl_does_not_accept_a_csr_that_was_changed() {
    let desk = Desk::new();
    let names = ["--key-out", "a.key", "--csr-out", "a.csr", "--cn", "aaaa"];
    desk.chancery(["key", "new"].into_iter().chain(names))
        .well();
    desk.openssl(["req", "-in", "a.csr", "-outform", "DER", "-out", "a.der"])
        .well();
    let mut der = std::fs::read(desk.path("a.der")).unwrap();
    let at = der.windows(4).position(|window| window == b"aaaa").unwrap();
    der[at] = b'b';
    std::fs::write(desk.path("a.der"), der).unwrap();
    let judged = desk.openssl(["req", "-in", "a.der", "-inform", "DER", "-verify", "-noout"]);
    assert!(!judged.err.contains("verify OK"), "{}", judged.err);
    let refused = desk.chancery([
        "policy",
        "explain",
        &crate::program::shipped_policy("internal.toml"),
        "--profile",
        "device",
        "--csr",
        "a.der",
    ]);
    assert!(refused.with_code(1).err.contains("csr-bad-signature"));
}

#[test]
fn a_private_key_is_never_overwritten() {
    let desk = Desk::new();
    desk.write("a.key", "precious");
    desk.chancery(["key", "new", "--key-out", "a.key", "--csr-out", "a.csr"])
        .with_code(73);
    assert_eq!(desk.read("a.key"), "precious");
}

#[test]
fn a_csr_can_be_made_again_for_a_key_that_openssl_made() {
    let desk = Desk::new();
    desk.openssl(["genpkey", "-algorithm", "ed25519", "-out", "a.key"])
        .well();
    desk.chancery([
        "key",
        "csr",
        "--key",
        "a.key",
        "--csr-out",
        "a.csr",
        "--cn",
        "a",
    ])
    .well();
    let judged = desk
        .openssl(["req", "-in", "a.csr", "-verify", "-noout"])
        .well();
    assert!(judged.err.contains("verify OK"), "{}", judged.err);
}
