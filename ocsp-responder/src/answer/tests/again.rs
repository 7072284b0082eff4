//! Who asks with the same octets is answered at once, and never from what has changed.

use super::*;

impl Fixture {
    /// Whether the question needs no parsing and no signature.
    fn is_ready(&self, request: &[u8]) -> bool {
        self.responder.answer_again(request).is_some()
    }
}

#[tokio::test]
async fn the_same_octets_are_answered_at_once_with_the_same_answer() {
    let fixture = Fixture::new();
    let about = fixture.about(1);
    assert!(!fixture.is_ready(&about));
    let first = fixture.responder.answer(&about).await;
    let (again, outcome) = fixture.responder.answer_again(&about).unwrap();
    assert_eq!((again, outcome), (first, Outcome::Good));
    assert!(!fixture.is_ready(&fixture.about(2)));
    fixture.status(2).await;
    let (_, outcome) = fixture.responder.answer_again(&fixture.about(2)).unwrap();
    assert_eq!(outcome, Outcome::Revoked);
}

#[tokio::test]
async fn what_an_answer_rests_on_ends_it() {
    type Change = fn(&Fixture);
    let changes: [(&str, Change); 6] = [
        ("the status", |fixture| {
            fixture.apply(&[fixture.ca.certificate_entry(9, 1, revoked(0))]);
        }),
        ("the terms", |fixture| {
            fixture.apply(&[fixture.ca.terms_entry(9)]);
        }),
        ("the keys", |fixture| {
            fixture.authorities.hold(fixture.keys.hashes());
        }),
        ("the end of the reuse", |fixture| {
            fixture.clock.advance(SignedDuration::from_secs(3_600));
            fixture.freshness.heard(at(3_600));
        }),
        ("silence", |fixture| {
            fixture.freshness.heard(at(-50_000));
        }),
        ("another feed", |fixture| fixture.freshness.forget()),
    ];
    for (what, change) in changes {
        let fixture = Fixture::new();
        let about = fixture.about(1);
        fixture.responder.answer(&about).await;
        assert!(fixture.is_ready(&about));
        change(&fixture);
        assert!(!fixture.is_ready(&about), "{what}");
    }
}

#[tokio::test]
async fn what_only_one_client_may_have_is_not_kept() {
    let fixture = Fixture::with(AnswerSettings {
        fresh_per_second: NonZeroU32::MIN,
        ..settings()
    });
    let own = fixture.ca.cert_id(TestHash::Sha1, 1);
    let with_nonce = request(std::slice::from_ref(&own), Some(b"0123456789abcdef"));
    let two = request(&[own.clone(), own], None);
    // The second time past the budget: with the answer that many share.
    for about in [&with_nonce, &with_nonce, &two, &fixture.about(7)] {
        fixture.responder.answer(about).await;
        assert!(!fixture.is_ready(about));
    }
}
