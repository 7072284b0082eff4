//! The key and its certificate: what is answered when they are missing, new or not fit for it.

use super::*;

#[tokio::test]
async fn a_busy_token_means_later_and_a_broken_one_an_error() {
    let fixture = Fixture::new();
    fixture.signer.fail(Some(SigningFault::Busy));
    assert_eq!(fixture.exception(&fixture.about(1)).await, "trylater");
    fixture.signer.fail(Some(SigningFault::Broken));
    assert_eq!(fixture.exception(&fixture.about(1)).await, "internalerror");
    fixture.signer.fail(None);
    assert_eq!(fixture.status(1).await, "good");
    fixture.signer.fail(Some(SigningFault::Busy));
    assert_eq!(fixture.status(1).await, "good");
}

#[tokio::test]
async fn without_a_certificate_of_its_own_it_says_later() {
    let fixture = Fixture::new();
    fixture.clock.set(at(14 * 86_400 + 1));
    fixture.freshness.heard(at(14 * 86_400 + 1));
    assert_eq!(fixture.exception(&fixture.about(1)).await, "trylater");
    let renewed = fixture.delegation(13, 27);
    fixture.apply(&[fixture.ca.delegation_entry(5, renewed)]);
    assert_eq!(fixture.status(1).await, "good");
}

#[tokio::test]
async fn a_new_certificate_takes_over_when_it_begins() {
    let fixture = Fixture::new();
    let successor = fixture.delegation(1, 15);
    fixture.apply(&[fixture.ca.delegation_entry(5, successor.clone())]);
    let holds = |der: &[u8]| {
        der.windows(successor.len())
            .any(|window| window == successor)
    };
    assert!(!holds(
        &fixture.responder.answer(&fixture.about(1)).await.der
    ));
    fixture.clock.set(at(86_400));
    fixture.freshness.heard(at(86_400));
    assert!(holds(
        &fixture.responder.answer(&fixture.about(1)).await.der
    ));
}

#[tokio::test]
async fn an_answer_is_not_good_for_longer_than_its_signer() {
    let fixture = Fixture::new();
    fixture.clock.set(at(14 * 86_400 - 600));
    fixture.freshness.heard(at(14 * 86_400 - 600));
    let answer = fixture.responder.answer(&fixture.about(1)).await;
    assert_eq!(
        answer.shareable.unwrap().validity.next_update,
        at(14 * 86_400)
    );
}

#[tokio::test]
async fn certificates_that_do_not_delegate_are_passed_over() {
    let fixture = Fixture::new();
    let key = fixture.signer.public_key();
    let other_ca = TestCa::new(9);
    let useless = [
        fixture.ca.certify_client(key),
        other_ca.delegate(key, at(0), at(86_400)),
        fixture
            .ca
            .delegate(fixture.ca.issuer.public_key(), at(0), at(86_400)),
        b"junk".to_vec(),
    ];
    for (seq, certificate) in (10..).zip(useless) {
        fixture.apply(&[fixture.ca.delegation_entry(seq, certificate)]);
        assert_eq!(fixture.status(1).await, "good");
    }
}
