//! Making a token, as a ceremony does.

use hsm::{HsmError, Token, TokenConfig, TokenSelector, admin};
use testkit::TestToken;

use crate::common::{p256, signs};

#[tokio::test]
async fn an_initialised_token_can_be_opened_and_used() {
    let test_token = TestToken::in_process();
    let (module, pin) = (test_token.module(), test_token.pin_file());
    let made = admin::init_token(module, "root ca", &test_token.so_pin_file(), &pin).unwrap();
    assert_eq!(made.label, "root ca");
    assert!(admin::tokens(module).unwrap().contains(&made));
    let config = TokenConfig::new(module, TokenSelector::Serial(made.serial), pin);
    let token = Token::open(&config).await.unwrap();
    assert!(signs(&p256(&token, "01").await).await);
}

#[test]
fn a_label_is_given_once() {
    let test_token = TestToken::in_process();
    let taken = admin::init_token(
        test_token.module(),
        test_token.label(),
        &test_token.so_pin_file(),
        &test_token.pin_file(),
    );
    assert!(matches!(taken, Err(HsmError::TokenExists { .. })));
    assert_eq!(admin::tokens(test_token.module()).unwrap().len(), 1);
}

#[test]
fn slots_show_the_token_and_the_free_place() {
    let test_token = TestToken::in_process();
    let slots = admin::slots(test_token.module()).unwrap();
    let serials: Vec<_> = slots
        .iter()
        .map(|slot| slot.token.as_ref().map(|token| token.serial.as_str()))
        .collect();
    assert!(serials.contains(&Some(test_token.serial())));
    assert!(serials.contains(&None));
}

#[test]
fn a_label_has_its_limits() {
    let test_token = TestToken::in_process();
    for label in ["", "a label of more than thirty-two octets"] {
        let refused = admin::init_token(
            test_token.module(),
            label,
            &test_token.so_pin_file(),
            &test_token.pin_file(),
        );
        assert!(matches!(refused, Err(HsmError::LabelLength)));
    }
}
