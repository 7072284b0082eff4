//! Losing sessions, logins, the module and the token itself, and getting them back.

use cryptoki::context::CInitializeArgs;
use cryptoki::context::CInitializeFlags;
use hsm::{HsmError, SignErrorKind, Token};
use testkit::TestToken;

use crate::common::{config, message, module, open, p256, session, signs};

#[tokio::test]
async fn a_logout_by_somebody_else_is_mended() {
    let test_token = TestToken::in_process();
    let mut config = config(&test_token);
    config.sessions = 1;
    let token = Token::open(&config).await.unwrap();
    let key = p256(&token, "01").await;
    session(&test_token).logout().unwrap();
    key.sign(message()).await.unwrap();
    assert!(token.health().await.recoveries > 0);
}

#[tokio::test]
async fn a_finalized_module_is_initialised_again() {
    let test_token = TestToken::in_process();
    let token = open(&test_token).await;
    let key = p256(&token, "01").await;
    module(&test_token).finalize().unwrap();
    key.sign(message()).await.unwrap();
}

#[tokio::test]
async fn a_module_that_lost_all_sessions_is_mended() {
    let test_token = TestToken::in_process();
    let token = open(&test_token).await;
    let key = p256(&token, "01").await;
    let module = module(&test_token);
    module.clone().finalize().unwrap();
    module
        .initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))
        .unwrap();
    key.sign(message()).await.unwrap();
}

#[tokio::test]
async fn a_token_that_was_away_signs_again_when_it_is_back() {
    let test_token = TestToken::in_process();
    let token = open(&test_token).await;
    let key = p256(&token, "01").await;
    let (tokens, away) = (
        test_token.directory().join("tokens"),
        test_token.directory().join("away"),
    );
    std::fs::rename(&tokens, &away).unwrap();
    std::fs::create_dir(&tokens).unwrap();
    let error = key.sign(message()).await.unwrap_err();
    assert_eq!(error.kind(), SignErrorKind::Unavailable);
    assert!(!token.health().await.reachable);

    std::fs::remove_dir(&tokens).unwrap();
    std::fs::rename(&away, &tokens).unwrap();
    testkit::eventually("the key signs again", async || signs(&key).await).await;
    assert!(token.health().await.reachable);
}

#[tokio::test]
async fn a_refused_call_does_not_spoil_the_next() {
    let test_token = TestToken::in_process();
    let token = open(&test_token).await;
    let key = p256(&token, "01").await;
    let unknown = crate::common::id("99");
    for _ in 0..10 {
        assert!(token.public_key(&unknown).await.is_err());
    }
    key.sign(message()).await.unwrap();
}

#[tokio::test]
async fn a_closed_token_answers_no_more() {
    let test_token = TestToken::in_process();
    let token = open(&test_token).await;
    let key = p256(&token, "01").await;
    token.close().await;
    let error = key.sign(message()).await.unwrap_err();
    assert!(matches!(error.cause(), HsmError::Stopped));
    assert!(!error.reached_token());
    // All sessions are closed, the keeper's too once the last owner is gone, and so is the login.
    drop((token, key));
    assert!(signs(&p256(&open(&test_token).await, "02").await).await);
}
