//! Answers signed ahead of their time, and keys that come and go.

use ocsp::PreferredAlgorithm;
use pki::time::{Clock as _, SignedDuration};

use super::*;

/// The period of reuse that begins after `now`, for the fixture's certificate.
struct Edge {
    /// A moment in the last eighth of the period.
    ahead: Timestamp,
    /// A moment after its end.
    after: Timestamp,
}

impl Fixture {
    /// Goes on, with the feed heard.
    fn go(&self, to: Timestamp) {
        self.clock.set(to);
        self.freshness.heard(to);
    }

    /// Finds the end of the period by asking when an answer is signed anew.
    async fn edge(&self, last: u8) -> Edge {
        self.status(last).await;
        let signed = self.signer.signatures();
        let mut now = self.clock.now();
        while self.signer.signatures() == signed {
            now = now.checked_add(SignedDuration::from_mins(1)).unwrap();
            self.go(now);
            self.status(last).await;
        }
        let later = |minutes| now.checked_add(SignedDuration::from_mins(minutes)).unwrap();
        Edge {
            ahead: later(56),
            after: later(61),
        }
    }
}

#[tokio::test]
async fn what_is_asked_for_often_is_signed_before_its_time_is_over() {
    let fixture = Fixture::new();
    let edge = fixture.edge(1).await;
    for _ in 0..3 {
        fixture.status(1).await;
    }
    let signed = fixture.signer.signatures();
    fixture.responder.refresh_ahead().await;
    assert_eq!(fixture.signer.signatures(), signed, "far too early");
    fixture.go(edge.ahead);
    for _ in 0..3 {
        fixture.responder.refresh_ahead().await;
    }
    assert_eq!(fixture.signer.signatures(), signed + 1, "once");
    // No client can wait for a token that does not sign.
    fixture.signer.fail(Some(SigningFault::Busy));
    fixture.go(edge.after);
    let answer = fixture.responder.answer(&fixture.about(1)).await;
    assert_eq!(Reading::of(&answer.der).only(), "good");
    let validity = answer.shareable.unwrap().validity;
    assert_eq!(validity.this_update, edge.ahead);
}

#[tokio::test]
async fn what_is_asked_for_seldom_just_expires() {
    let fixture = Fixture::new();
    let edge = fixture.edge(1).await;
    fixture.status(1).await;
    let signed = fixture.signer.signatures();
    fixture.go(edge.ahead);
    fixture.responder.refresh_ahead().await;
    assert_eq!(fixture.signer.signatures(), signed);
}

#[tokio::test]
async fn an_answer_signed_ahead_is_not_found_after_a_revocation() {
    let fixture = Fixture::new();
    let edge = fixture.edge(1).await;
    for _ in 0..3 {
        fixture.status(1).await;
    }
    fixture.go(edge.ahead);
    fixture.signer.hold();
    let refreshing = tokio::spawn({
        let responder = Arc::clone(&fixture.responder);
        async move { responder.refresh_ahead().await }
    });
    fixture.signer.begun().await;
    fixture.apply(&[fixture.ca.certificate_entry(9, 1, revoked(0))]);
    fixture.signer.release(100);
    refreshing.await.unwrap();
    assert_eq!(fixture.status(1).await, "revoked");
    fixture.go(edge.after);
    assert_eq!(fixture.status(1).await, "revoked");
}

#[tokio::test]
async fn a_renewed_certificate_does_not_empty_the_cache() {
    let fixture = Fixture::new();
    let edge = fixture.edge(1).await;
    for _ in 0..3 {
        fixture.status(1).await;
    }
    let signed = fixture.signer.signatures();
    let renewed = fixture.delegation(0, 13);
    let mut entry = fixture.ca.delegation_entry(9, renewed.clone());
    entry.at = fixture.clock.now();
    fixture.apply(&[entry]);
    let holds = |der: &[u8]| der.windows(renewed.len()).any(|window| window == renewed);
    let answer = async || fixture.responder.answer(&fixture.about(1)).await.der;
    assert!(!holds(&answer().await));
    assert_eq!(fixture.signer.signatures(), signed);
    fixture.go(edge.ahead);
    fixture.responder.refresh_ahead().await;
    fixture.signer.fail(Some(SigningFault::Broken));
    fixture.go(edge.after);
    assert!(holds(&answer().await));
}

/// `id-pkix-ocsp-extended-revoke`.
const EXTENDED_REVOKE: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x30\x01\x09";

/// The fixture with a second key in front of its own; its certificate has not come yet.
fn with_new_key(fixture: &Fixture) -> Arc<TestSigner> {
    let new = TestSigner::numbered(201);
    fixture.keys.replace(vec![
        Arc::<TestSigner>::clone(&new),
        Arc::<TestSigner>::clone(&fixture.signer),
    ]);
    fixture.authorities.hold(fixture.keys.hashes());
    new
}

#[tokio::test]
async fn a_new_key_answers_when_its_certificate_has_come_and_the_old_one_until_then() {
    let fixture = Fixture::new();
    // Registered and certified before this process holds it.
    let early = TestSigner::numbered(201);
    let certificate = fixture
        .ca
        .delegate(early.public_key(), at(0), at(14 * 86_400));
    let new = with_new_key(&fixture);
    assert_eq!(fixture.status(1).await, "good");
    assert_eq!((fixture.signer.signatures(), new.signatures()), (1, 0));
    fixture.apply(&[fixture.ca.delegation_entry(8, certificate)]);
    assert_eq!(fixture.status(1).await, "good");
    assert_eq!((fixture.signer.signatures(), new.signatures()), (1, 1));
    let retired = fixture.ca.retired_entry(9, fixture.signer.public_key());
    fixture.apply(&[retired]);
    assert_eq!(fixture.status(2).await, "revoked");
    assert_eq!((fixture.signer.signatures(), new.signatures()), (1, 2));
    let gone = fixture.ca.retired_entry(10, new.public_key());
    fixture.apply(&[gone]);
    assert_eq!(fixture.exception(&fixture.about(1)).await, "trylater");
}

#[tokio::test]
async fn a_certificate_that_came_before_its_key_is_held_is_used_when_it_is() {
    let fixture = Fixture::new();
    let early = TestSigner::numbered(201);
    let certificate = fixture
        .ca
        .delegate(early.public_key(), at(0), at(14 * 86_400));
    fixture.apply(&[fixture.ca.delegation_entry(8, certificate)]);
    fixture.status(1).await;
    assert_eq!(fixture.signer.signatures(), 1);
    let new = with_new_key(&fixture);
    fixture.status(1).await;
    assert_eq!((fixture.signer.signatures(), new.signatures()), (1, 1));
}

#[tokio::test]
async fn the_preferred_algorithm_picks_the_key() {
    // All keys here are of one kind, so the choice is looked at by itself.
    let fixture = Fixture::new();
    let authorities = fixture.authorities.all();
    let moment = Moment {
        now: at(0),
        settled: at(0),
    };
    let choose = |preferred: &[PreferredAlgorithm]| {
        let choice = fixture.keys.choose(&authorities[0], preferred, moment);
        choice.unwrap().signer.algorithm()
    };
    let rsa = PreferredAlgorithm::new(pki::SignatureAlgorithm::RsaPssSha256);
    let ed25519 = PreferredAlgorithm::new(pki::SignatureAlgorithm::Ed25519);
    for preferred in [vec![], vec![rsa.clone()], vec![rsa, ed25519]] {
        assert_eq!(choose(&preferred), pki::SignatureAlgorithm::Ed25519);
    }
}

#[tokio::test]
async fn other_issuers_are_unauthorized_and_before_all_certificates_it_is_later() {
    let fixture = Fixture::new();
    let other = TestCa::new(9);
    fixture.apply(&[
        other.issuer_entry(20, IssuerKind::Issuing),
        other.certificate_entry(21, 1, Status::Good),
        other.terms_entry(22),
    ]);
    let about = request(&[other.cert_id(TestHash::Sha1, 1)], None);
    assert_eq!(fixture.exception(&about).await, "unauthorized");
    let retired = fixture.ca.retired_entry(23, fixture.signer.public_key());
    fixture.apply(&[retired]);
    assert_eq!(fixture.exception(&about).await, "trylater");
    assert_eq!(fixture.signer.signatures(), 0);
}

#[tokio::test]
async fn without_the_issuers_policy_it_is_later() {
    let fixture = Fixture::new();
    let other = TestCa::new(9);
    let delegation = other.delegate(fixture.signer.public_key(), at(0), at(86_400));
    fixture.apply(&[
        other.issuer_entry(20, IssuerKind::Issuing),
        other.delegation_entry(21, delegation),
        other.certificate_entry(22, 1, Status::Good),
    ]);
    let about = request(&[other.cert_id(TestHash::Sha1, 1)], None);
    assert_eq!(fixture.exception(&about).await, "trylater");
    fixture.apply(&[other.terms_entry(23)]);
    assert_eq!(fixture.ask(&about).await.only(), "good");
}

#[tokio::test]
async fn never_issued_serials_can_be_told_as_revoked() {
    let fixture = Fixture::with(AnswerSettings {
        never_issued: NeverIssued::Revoked,
        ..settings()
    });
    let extended = |der: &[u8]| der.windows(9).any(|octets| octets == EXTENDED_REVOKE);
    let answer = fixture.responder.answer(&fixture.about(77)).await;
    assert!(extended(&answer.der));
    let reading = Reading::of(&answer.der);
    assert_eq!(reading.only(), "revoked");
    for part in ["Jan  1 00:00:00 1970 GMT", "certificateHold"] {
        assert!(reading.text.contains(part), "{part}: {}", reading.text);
    }
    let revoked = fixture.responder.answer(&fixture.about(2)).await;
    assert!(!extended(&revoked.der));
    assert_eq!(fixture.status(1).await, "good");
}

#[tokio::test]
async fn a_flood_of_random_serials_costs_those_who_ask_for_real_ones_nothing() {
    let two = NonZeroU32::new(2).unwrap();
    let fixture = Fixture::with(AnswerSettings {
        unknown_per_second: two,
        fresh_per_second: two,
        known_per_second: two,
        ..settings()
    });
    let nonce = Some(&b"0123456789abcdef"[..]);
    let mut refused = 0;
    for last in 10..110 {
        let flood = request(&[fixture.ca.cert_id(TestHash::Sha1, last)], nonce);
        let answer = fixture.responder.answer(&flood).await;
        refused += usize::from(answer.der == unsigned(ResponseStatus::Unauthorized));
        assert_eq!(fixture.status(1).await, "good");
    }
    assert_eq!(refused, 98);
    assert_eq!(fixture.signer.signatures(), 3);
}

#[tokio::test]
async fn what_is_not_in_the_cache_is_signed_within_a_budget() {
    let one = NonZeroU32::new(1).unwrap();
    let fixture = Fixture::with(AnswerSettings {
        known_per_second: one,
        ..settings()
    });
    assert_eq!(fixture.status(1).await, "good");
    assert_eq!(fixture.exception(&fixture.about(2)).await, "trylater");
    assert_eq!(fixture.status(1).await, "good");
    fixture.go(at(1));
    assert_eq!(fixture.status(2).await, "revoked");
}
