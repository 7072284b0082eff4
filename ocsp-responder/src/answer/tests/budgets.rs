//! Answers that only one client may have, up to a budget.

use super::*;

#[tokio::test]
async fn unknown_serials_cost_no_more_than_their_budget() {
    let budget = NonZeroU32::new(2).unwrap();
    let fixture = Fixture::with(AnswerSettings {
        unknown_per_second: budget,
        ..settings()
    });
    for last in [10, 11] {
        assert_eq!(fixture.status(last).await, "unknown");
    }
    assert_eq!(fixture.exception(&fixture.about(12)).await, "unauthorized");
    assert_eq!(fixture.status(1).await, "good");
    assert_eq!(fixture.signer.signatures(), 3);
}

#[tokio::test]
async fn past_their_budget_nonces_are_left_out() {
    let budget = NonZeroU32::new(1).unwrap();
    let fixture = Fixture::with(AnswerSettings {
        fresh_per_second: budget,
        ..settings()
    });
    let ids = [fixture.ca.cert_id(TestHash::Sha1, 1)];
    let with_nonce = request(&ids, Some(b"0123456789abcdef"));
    assert!(fixture.ask(&with_nonce).await.text.contains("OCSP Nonce"));
    for _ in 0..3 {
        let reading = fixture.ask(&with_nonce).await;
        assert_eq!(reading.only(), "good");
        assert!(!reading.text.contains("OCSP Nonce"));
    }
    assert_eq!(fixture.signer.signatures(), 2);
}
