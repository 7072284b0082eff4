//! Which keys are refused, and what the token is told when it makes one.

use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use hsm::HsmError;
use pki::{KeyAlgorithm, SignatureAlgorithm};
use testkit::TestToken;

use crate::common::{id, open, p256, session, spec};

/// DER of the object identifier of P-256.
const P256: &[u8] = b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";

/// Makes a pair as somebody careless would.
fn make_pair(token: &TestToken, key_id: &str, extractable: bool, sensitive: bool) {
    let key_id = id(key_id).as_bytes().to_vec();
    let public = [
        Attribute::Token(true),
        Attribute::Id(key_id.clone()),
        Attribute::EcParams(P256.to_vec()),
        Attribute::Verify(true),
    ];
    let private = [
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Id(key_id),
        Attribute::Sign(true),
        Attribute::Extractable(extractable),
        Attribute::Sensitive(sensitive),
    ];
    session(token)
        .generate_key_pair(&Mechanism::EccKeyPairGen, &public, &private)
        .unwrap();
}

/// The first public key with that identifier.
fn public_key(session: &Session, key_id: &str) -> ObjectHandle {
    let template = [
        Attribute::Class(ObjectClass::PUBLIC_KEY),
        Attribute::Id(id(key_id).as_bytes().to_vec()),
    ];
    session.find_objects(&template).unwrap()[0]
}

#[tokio::test]
async fn a_generated_key_cannot_leave_the_token_and_only_signs() {
    let test_token = TestToken::in_process();
    let token = open(&test_token).await;
    let key_id = id("aa");
    let spec = spec(KeyAlgorithm::Rsa { bits: 2048 }, &key_id);
    token.generate_key_pair(&spec).await.unwrap();
    let keys = token.keys().await.unwrap();
    assert_eq!(keys.len(), 1);
    let key = &keys[0];
    assert_eq!((&key.id[..], &key.label), (key_id.as_bytes(), &spec.label));
    assert_eq!(key.algorithm, Some(spec.algorithm));
    assert!(key.sensitive && key.always_sensitive && key.never_extractable && key.local);
    assert!(!key.extractable);
    let seen = test_token.pkcs11_tool(["--list-objects", "--type", "privkey"]);
    assert!(seen.contains("Usage:      sign\n"), "{seen}");
    assert!(
        seen.contains("sensitive, always sensitive, never extractable, local"),
        "{seen}"
    );
}

#[tokio::test]
async fn an_extractable_or_readable_key_is_refused() {
    let test_token = TestToken::in_process();
    let token = open(&test_token).await;
    make_pair(&test_token, "01", true, true);
    make_pair(&test_token, "02", false, false);
    make_pair(&test_token, "03", false, true);
    for key_id in ["01", "02"] {
        let refused = token
            .signing_key(&id(key_id), SignatureAlgorithm::EcdsaSha256)
            .await;
        assert!(
            matches!(refused, Err(HsmError::KeyExposed { id: refused }) if refused == id(key_id))
        );
    }
    let confined = id("03");
    let accepted = token.signing_key(&confined, SignatureAlgorithm::EcdsaSha256);
    assert!(accepted.await.is_ok());
}

#[tokio::test]
async fn a_missing_key_is_named() {
    let test_token = TestToken::in_process();
    let token = open(&test_token).await;
    let missing = id("0404");
    let public = token.public_key(&missing).await;
    assert!(matches!(public, Err(HsmError::KeyMissing { id }) if id == missing));
    let signing = token
        .signing_key(&missing, SignatureAlgorithm::Ed25519)
        .await;
    assert!(matches!(signing, Err(HsmError::KeyMissing { id }) if id == missing));
}

#[tokio::test]
async fn an_identifier_is_given_once() {
    let test_token = TestToken::in_process();
    let token = open(&test_token).await;
    let first = p256(&token, "07").await;
    let again = token
        .generate_key_pair(&spec(KeyAlgorithm::EcP384, &id("07")))
        .await;
    assert!(matches!(again, Err(HsmError::KeyExists { id: given }) if given == id("07")));
    assert_eq!(
        &token.public_key(&id("07")).await.unwrap(),
        first.public_key()
    );
}

#[tokio::test]
async fn two_keys_under_one_identifier_are_refused() {
    let test_token = TestToken::in_process();
    let token = open(&test_token).await;
    make_pair(&test_token, "08", false, true);
    make_pair(&test_token, "08", false, true);
    // The public half is clear; it is the private one that is not.
    let session = session(&test_token);
    session.destroy_object(public_key(&session, "08")).unwrap();
    let refused = token
        .signing_key(&id("08"), SignatureAlgorithm::EcdsaSha256)
        .await;
    assert!(matches!(refused, Err(HsmError::KeyAmbiguous { id: twice }) if twice == id("08")));
}

#[tokio::test]
async fn a_public_key_of_another_pair_is_found_out() {
    let test_token = TestToken::in_process();
    let token = open(&test_token).await;
    make_pair(&test_token, "0a", false, true);
    make_pair(&test_token, "0b", false, true);
    let session = session(&test_token);
    session.destroy_object(public_key(&session, "0a")).unwrap();
    let renamed = [Attribute::Id(id("0a").as_bytes().to_vec())];
    session
        .update_attributes(public_key(&session, "0b"), &renamed)
        .unwrap();
    let refused = token
        .signing_key(&id("0a"), SignatureAlgorithm::EcdsaSha256)
        .await;
    assert!(matches!(refused, Err(HsmError::KeyMismatch { id: swapped }) if swapped == id("0a")));
}

#[tokio::test]
async fn an_algorithm_that_does_not_fit_is_refused() {
    let test_token = TestToken::in_process();
    let token = open(&test_token).await;
    let key = p256(&token, "0c").await;
    let refused = token
        .signing_key(key.id(), SignatureAlgorithm::RsaPkcs1Sha256)
        .await;
    assert!(matches!(refused, Err(HsmError::AlgorithmMismatch { .. })));
}
