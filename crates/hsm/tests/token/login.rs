//! Finding the token and logging in.

use hsm::{HsmError, Token, TokenConfig, TokenSelector};
use testkit::TestToken;

use crate::common::{config, module, open, p256, signs};

fn labelled(token: &TestToken, label: &str) -> TokenConfig {
    TokenConfig::new(
        token.module(),
        TokenSelector::Label(label.to_owned()),
        token.pin_file(),
    )
}

/// Whether the token remembers a wrong PIN.
fn pin_count_is_low(token: &TestToken) -> bool {
    let module = module(token);
    let slots = module.get_slots_with_initialized_token().unwrap();
    let mut tokens = slots
        .into_iter()
        .map(|slot| module.get_token_info(slot).unwrap());
    let found = tokens.find(|found| found.serial_number() == token.serial());
    found.unwrap().user_pin_count_low()
}

#[tokio::test]
async fn a_token_is_found_by_serial_number_and_by_label() {
    let test_token = TestToken::in_process();
    let other = test_token.add("another");
    let by_serial = open(&test_token).await;
    assert_eq!(by_serial.description().label, test_token.label());
    let by_label = Token::open(&labelled(&test_token, "another"))
        .await
        .unwrap();
    assert_eq!(by_label.description().serial, other);
    assert!(signs(&p256(&by_serial, "01").await).await);
    assert!(signs(&p256(&by_label, "01").await).await);
}

#[tokio::test]
async fn a_token_that_is_not_there_is_named() {
    let test_token = TestToken::in_process();
    let error = Token::open(&labelled(&test_token, "no such"))
        .await
        .unwrap_err();
    assert!(matches!(&error, HsmError::TokenMissing { .. }));
    assert!(error.to_string().contains("\"no such\""));
}

#[tokio::test]
async fn two_tokens_with_one_label_are_refused() {
    let test_token = TestToken::in_process();
    let other = test_token.add("other");
    let directory = test_token.directory().join("tokens");
    relabel(&test_token, &other);
    assert!(directory.is_dir());
    let twins = Token::open(&labelled(&test_token, test_token.label())).await;
    assert!(matches!(twins, Err(HsmError::TokenAmbiguous { .. })));
    assert!(Token::open(&config(&test_token)).await.is_ok());
}

/// Initialises the token anew under the first token's label, which `token.sh` would refuse.
fn relabel(token: &TestToken, serial: &str) {
    let (variable, configuration) = token.environment();
    let pin = std::fs::read_to_string(token.pin_file()).unwrap();
    let so_pin = std::fs::read_to_string(token.so_pin_file()).unwrap();
    let status = std::process::Command::new("softhsm2-util")
        .args(["--init-token", "--serial", serial, "--label", token.label()])
        .args(["--pin", pin.trim_end(), "--so-pin", so_pin.trim_end()])
        .env(variable, configuration)
        .status()
        .unwrap();
    assert!(status.success());
}

#[tokio::test]
async fn a_wrong_pin_is_refused_once_and_never_sent_again() {
    let test_token = TestToken::in_process();
    let mut config = config(&test_token);
    config.pin_file = test_token.directory().join("wrong-pin");
    std::fs::copy(test_token.pin_file(), &config.pin_file).unwrap();
    std::fs::write(&config.pin_file, "not the PIN").unwrap();

    let first = Token::open(&config).await;
    assert!(matches!(first, Err(HsmError::PinRefused)));
    assert!(pin_count_is_low(&test_token));

    // A good login elsewhere clears the flag; a second try with the wrong PIN would set it again.
    test_token.pkcs11_tool(["--list-objects"]);
    assert!(!pin_count_is_low(&test_token));
    let second = Token::open(&config).await;
    assert!(matches!(second, Err(HsmError::PinRefused)));
    assert!(!pin_count_is_low(&test_token));
}

#[tokio::test]
async fn a_pin_file_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let test_token = TestToken::in_process();
    let open_to_all = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(test_token.pin_file(), open_to_all).unwrap();
    let refused = Token::open(&config(&test_token)).await.unwrap_err();
    assert_eq!(refused.code(), "hsm-pin-file");
    assert!(refused.to_string().contains("0644"));
}

#[tokio::test]
async fn a_module_that_is_none_is_named() {
    let test_token = TestToken::in_process();
    let mut config = config(&test_token);
    config.module = "/no/such/module.so".into();
    assert!(matches!(
        Token::open(&config).await,
        Err(HsmError::Module { .. })
    ));
}

#[tokio::test]
async fn a_healthy_token_says_so() {
    let test_token = TestToken::in_process();
    let token = open(&test_token).await;
    let health = token.health().await;
    assert!(health.reachable && health.fault.is_none());
    assert!(!health.pin_count_low && !health.pin_locked && !health.pin_refused);
    assert_eq!((health.late_results, health.recoveries), (0, 0));
}
