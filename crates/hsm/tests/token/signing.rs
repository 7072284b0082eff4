//! Every kind of key with every algorithm that fits it, verified in software and by OpenSSL.

use std::path::Path;
use std::process::Command;

use pki::SignatureAlgorithm::{
    EcdsaSha256, EcdsaSha384, EcdsaSha512, Ed25519, RsaPkcs1Sha256, RsaPkcs1Sha384, RsaPkcs1Sha512,
    RsaPssSha256, RsaPssSha384, RsaPssSha512,
};
use pki::{KeyAlgorithm, PublicKey, SignatureAlgorithm};
use testkit::TestToken;

use crate::common::{id, message, open, spec};

const RSA: &[SignatureAlgorithm] = &[
    RsaPkcs1Sha256,
    RsaPkcs1Sha384,
    RsaPkcs1Sha512,
    RsaPssSha256,
    RsaPssSha384,
    RsaPssSha512,
];
const ECDSA: &[SignatureAlgorithm] = &[EcdsaSha256, EcdsaSha384, EcdsaSha512];

async fn sign_with_all(key: KeyAlgorithm, algorithms: &[SignatureAlgorithm]) {
    let test_token = TestToken::in_process();
    let token = open(&test_token).await;
    let key_id = id("c0ffee");
    let generated = token.generate_key_pair(&spec(key, &key_id)).await.unwrap();
    assert_eq!(generated.algorithm(), key);
    assert_eq!(token.public_key(&key_id).await.unwrap(), generated);
    for algorithm in algorithms {
        let signing_key = token.signing_key(&key_id, *algorithm).await.unwrap();
        assert_eq!(signing_key.public_key(), &generated);
        let mut signature = signing_key.sign(message()).await.unwrap();
        generated
            .verify(*algorithm, &message(), &signature)
            .unwrap_or_else(|_| panic!("{algorithm} does not verify"));
        openssl_verifies(test_token.directory(), &generated, *algorithm, &signature);
        let last = signature.len() - 1;
        signature[last] ^= 1;
        assert!(
            generated
                .verify(*algorithm, &message(), &signature)
                .is_err()
        );
    }
}

/// Our own verification is not enough of a judge: OpenSSL reads the same key and signature.
fn openssl_verifies(
    directory: &Path,
    key: &PublicKey,
    algorithm: SignatureAlgorithm,
    signature: &[u8],
) {
    let path = |name: &str| directory.join(name);
    std::fs::write(path("key.der"), key.spki_der()).unwrap();
    std::fs::write(path("message"), message()).unwrap();
    std::fs::write(path("signature"), signature).unwrap();
    let mut command = Command::new("openssl");
    command
        .args(["pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER"])
        .arg("-inkey")
        .arg(path("key.der"))
        .arg("-in")
        .arg(path("message"))
        .arg("-sigfile")
        .arg(path("signature"));
    let name = algorithm.to_string();
    if let Some((_, digest)) = name.rsplit_once('-') {
        command.args(["-digest", digest]);
    }
    if name.starts_with("rsa-pss") {
        command.args(["-pkeyopt", "rsa_padding_mode:pss"]);
        command.args(["-pkeyopt", "rsa_pss_saltlen:digest"]);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{algorithm}: {output:?}");
}

#[tokio::test]
async fn rsa_2048_signs_with_pkcs1_and_pss() {
    sign_with_all(KeyAlgorithm::Rsa { bits: 2048 }, RSA).await;
}

#[tokio::test]
async fn rsa_3072_signs_with_pkcs1_and_pss() {
    sign_with_all(KeyAlgorithm::Rsa { bits: 3072 }, RSA).await;
}

#[tokio::test]
async fn p256_signs_with_all_hashes() {
    sign_with_all(KeyAlgorithm::EcP256, ECDSA).await;
}

#[tokio::test]
async fn p384_signs_with_all_hashes() {
    sign_with_all(KeyAlgorithm::EcP384, ECDSA).await;
}

#[tokio::test]
async fn p521_signs_with_all_hashes() {
    sign_with_all(KeyAlgorithm::EcP521, ECDSA).await;
}

#[tokio::test]
async fn ed25519_signs() {
    sign_with_all(KeyAlgorithm::Ed25519, &[Ed25519]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_signatures_at_once_all_verify() {
    let test_token = TestToken::in_process();
    let token = open(&test_token).await;
    let key = crate::common::p256(&token, "01").await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let key = key.clone();
        tasks.spawn(async move { crate::common::signs(&key).await });
    }
    assert!(tasks.join_all().await.into_iter().all(|signed| signed));
}
