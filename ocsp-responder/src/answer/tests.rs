//! What is answered when: statuses and refusals.

mod again;
mod ahead;
mod budgets;
mod race;
mod signers;

use feed::{Entry, IssuerKind, Status};
use pki::time::{ManualClock, SignedDuration};

use super::*;
use crate::test_ca::{Reading, TestCa, TestHash, TestSigner, at, request, revoked};

/// A CA with the good certificate 1 and the revoked one 2, and a responder that has heard of them.
struct Fixture {
    ca: TestCa,
    clock: ManualClock,
    signer: Arc<TestSigner>,
    keys: Arc<Keys>,
    authorities: Arc<Authorities>,
    index: Arc<StatusIndex>,
    freshness: Arc<Freshness>,
    responder: Arc<Responder>,
}

const HOUR: u64 = 3_600;

fn settings() -> AnswerSettings {
    AnswerSettings {
        reuse: Duration::from_secs(HOUR),
        hot: NonZeroU32::new(3).unwrap(),
        cache_bytes: 1 << 20,
        known_per_second: NonZeroU32::new(100).unwrap(),
        fresh_per_second: NonZeroU32::new(100).unwrap(),
        unknown_per_second: NonZeroU32::new(100).unwrap(),
        never_issued: NeverIssued::Unknown,
    }
}

impl Fixture {
    fn new() -> Self {
        Self::with(settings())
    }

    fn with(settings: AnswerSettings) -> Self {
        let ca = TestCa::new(1);
        let clock = ManualClock::new(at(0));
        let signer = TestSigner::new();
        let keys = Arc::new(Keys::new(vec![Arc::<TestSigner>::clone(&signer)]));
        let authorities = Arc::new(Authorities::new(keys.hashes()));
        let index = Arc::new(StatusIndex::default());
        let freshness = Freshness::new(Arc::new(clock.clone()), Some(at(0)));
        let freshness = Arc::new(freshness);
        let parts = ResponderParts {
            clock: Arc::new(clock.clone()),
            authorities: Arc::clone(&authorities),
            index: Arc::clone(&index),
            freshness: Arc::clone(&freshness),
            keys: Arc::clone(&keys),
        };
        let fixture = Self {
            responder: Arc::new(Responder::new(parts, settings)),
            ca,
            clock,
            signer,
            keys,
            authorities,
            index,
            freshness,
        };
        let delegation = fixture.delegation(0, 14);
        fixture.apply(&[
            fixture.ca.issuer_entry(1, IssuerKind::Issuing),
            fixture.ca.delegation_entry(2, delegation),
            fixture.ca.certificate_entry(3, 1, Status::Good),
            fixture.ca.certificate_entry(4, 2, revoked(-60)),
            fixture.ca.terms_entry(4),
        ]);
        fixture
    }

    /// A certificate for the responder, from day `begin` to day `end`.
    fn delegation(&self, begin: i64, end: i64) -> Vec<u8> {
        let key = self.signer.public_key();
        self.ca.delegate(key, at(begin * 86_400), at(end * 86_400))
    }

    fn apply(&self, entries: &[Entry]) {
        self.authorities.apply(entries);
        self.index.apply(entries);
    }

    fn about(&self, last: u8) -> Vec<u8> {
        request(&[self.ca.cert_id(TestHash::Sha1, last)], None)
    }

    async fn ask(&self, request: &[u8]) -> Reading {
        Reading::of(&self.responder.answer(request).await.der)
    }

    async fn status(&self, last: u8) -> String {
        self.ask(&self.about(last)).await.only().to_owned()
    }

    async fn exception(&self, request: &[u8]) -> String {
        let reading = self.ask(request).await;
        assert_eq!(reading.statuses, Vec::<String>::new());
        reading.status
    }
}

#[tokio::test]
async fn tells_good_revoked_and_unknown_apart_by_both_hashes() {
    let fixture = Fixture::new();
    for hash in [TestHash::Sha1, TestHash::Sha1Bare, TestHash::Sha256] {
        for (last, status) in [(1, "good"), (2, "revoked"), (3, "unknown")] {
            let cert_id = fixture.ca.cert_id(hash, last);
            let answer = fixture
                .responder
                .answer(&request(std::slice::from_ref(&cert_id), None))
                .await;
            assert_eq!(Reading::of(&answer.der).only(), status, "{hash:?} {last}");
            let repeated = answer
                .der
                .windows(cert_id.len())
                .any(|window| window == cert_id);
            assert!(repeated, "the CertID is not repeated octet for octet");
        }
    }
}

#[tokio::test]
async fn answers_about_several_certificates_in_their_order() {
    let fixture = Fixture::new();
    let ids: Vec<_> = [2, 1, 3, 1]
        .map(|last| fixture.ca.cert_id(TestHash::Sha256, last))
        .into();
    let reading = fixture.ask(&request(&ids, None)).await;
    assert_eq!(reading.statuses, ["revoked", "good", "unknown", "good"]);
}

#[tokio::test]
async fn answers_for_its_own_issuers_only() {
    let fixture = Fixture::new();
    let stranger = TestCa::new(9);
    let foreign = stranger.cert_id(TestHash::Sha1, 1);
    let own = fixture.ca.cert_id(TestHash::Sha1, 1);
    for ids in [
        vec![foreign.clone()],
        vec![own.clone(), foreign.clone()],
        vec![foreign, own],
    ] {
        assert_eq!(
            fixture.exception(&request(&ids, None)).await,
            "unauthorized"
        );
    }
    // In the feed for its list, but nobody delegated OCSP to anyone.
    fixture.apply(&[stranger.issuer_entry(9, IssuerKind::Root)]);
    let about = request(&[stranger.cert_id(TestHash::Sha1, 1)], None);
    assert_eq!(fixture.exception(&about).await, "unauthorized");
    assert_eq!(fixture.signer.signatures(), 0);
}

#[tokio::test]
async fn junk_is_malformed() {
    let fixture = Fixture::new();
    let good = fixture.about(1);
    for junk in [
        &b""[..],
        b"GET / HTTP/1.1",
        &good[1..],
        &good[..good.len() - 1],
    ] {
        assert_eq!(fixture.exception(junk).await, "malformedrequest");
    }
}

#[tokio::test]
async fn one_status_cannot_be_asked_for_in_ever_new_ways() {
    let fixture = Fixture::new();
    let about = request(&[fixture.ca.cert_id(TestHash::Sha1Odd, 1)], None);
    assert_eq!(fixture.exception(&about).await, "malformedrequest");
    assert_eq!(fixture.signer.signatures(), 0);
}

#[tokio::test]
async fn a_nonce_of_allowed_length_is_repeated_and_always_signed_anew() {
    let fixture = Fixture::new();
    let with = |length: usize| {
        let nonce: Vec<u8> = (0..length)
            .map(|octet| u8::try_from(octet).unwrap())
            .collect();
        let ids = [fixture.ca.cert_id(TestHash::Sha1, 1)];
        (request(&ids, Some(&nonce)), nonce)
    };
    for length in [1, 15, 16, 32, 33, 128] {
        let (request, nonce) = with(length);
        let answer = fixture.responder.answer(&request).await;
        assert!(
            answer.der.windows(length).any(|window| window == nonce),
            "{length}"
        );
        assert!(Reading::of(&answer.der).text.contains("OCSP Nonce"));
        assert_eq!(answer.shareable, None);
    }
    let signatures = fixture.signer.signatures();
    fixture.ask(&with(16).0).await;
    assert_eq!(fixture.signer.signatures(), signatures + 1);
    for length in [0, 129] {
        assert_eq!(fixture.exception(&with(length).0).await, "malformedrequest");
    }
}

#[tokio::test]
async fn an_answer_is_signed_once_and_given_to_many() {
    let fixture = Fixture::new();
    let first = fixture.responder.answer(&fixture.about(1)).await;
    fixture.clock.advance(SignedDuration::from_secs(1));
    for _ in 0..5 {
        assert_eq!(fixture.responder.answer(&fixture.about(1)).await, first);
    }
    assert_eq!(fixture.signer.signatures(), 1);
    let by_sha256 = request(&[fixture.ca.cert_id(TestHash::Sha256, 1)], None);
    fixture.ask(&by_sha256).await;
    assert_eq!(fixture.signer.signatures(), 2);
}

#[tokio::test]
async fn of_many_who_ask_at_once_one_signs() {
    let fixture = Fixture::new();
    fixture.signer.hold();
    let ask = || {
        let (responder, request) = (Arc::clone(&fixture.responder), fixture.about(1));
        tokio::spawn(async move { responder.answer(&request).await })
    };
    let asking: Vec<_> = (0..20).map(|_| ask()).collect();
    fixture.signer.begun().await;
    fixture.signer.release(20);
    for asked in asking {
        assert!(asked.await.unwrap().shareable.is_some());
    }
    assert_eq!(fixture.signer.signatures(), 1);
}

#[tokio::test]
async fn an_answer_is_signed_again_after_its_reuse() {
    let fixture = Fixture::new();
    fixture.status(1).await;
    fixture.clock.advance(SignedDuration::from_secs(3_601));
    fixture.freshness.heard(at(3_601));
    let answer = fixture.responder.answer(&fixture.about(1)).await;
    assert_eq!(fixture.signer.signatures(), 2);
    assert_eq!(answer.shareable.unwrap().validity.this_update, at(3_601));
}

#[tokio::test]
async fn the_times_say_when_the_status_was_known() {
    let fixture = Fixture::new();
    fixture.freshness.heard(at(-100));
    let good = fixture
        .responder
        .answer(&fixture.about(1))
        .await
        .shareable
        .unwrap();
    assert_eq!(good.validity.this_update, at(-100));
    assert_eq!(good.validity.next_update, at(-100 + 86_400));
    // A revocation is known from the moment of its own.
    let revoked = fixture
        .responder
        .answer(&fixture.about(2))
        .await
        .shareable
        .unwrap();
    assert_eq!(revoked.validity.this_update, at(-60));
}

#[tokio::test]
async fn a_revocation_is_seen_by_the_next_question() {
    let fixture = Fixture::new();
    assert_eq!(fixture.status(1).await, "good");
    fixture.apply(&[fixture.ca.certificate_entry(5, 1, revoked(0))]);
    assert_eq!(fixture.status(1).await, "revoked");
    fixture.apply(&[fixture.ca.certificate_entry(6, 1, Status::Good)]);
    assert_eq!(fixture.status(1).await, "good");
    assert_eq!(fixture.signer.signatures(), 3);
}

#[tokio::test]
async fn an_answer_begun_before_a_revocation_is_neither_given_nor_kept() {
    let with_nonce: fn(&Fixture) -> Vec<u8> = |fixture| {
        request(
            &[fixture.ca.cert_id(TestHash::Sha1, 1)],
            Some(b"0123456789abcdef"),
        )
    };
    let without: fn(&Fixture) -> Vec<u8> = |fixture| fixture.about(1);
    for about in [with_nonce, without] {
        let fixture = Fixture::new();
        fixture.signer.hold();
        let asked = tokio::spawn({
            let (responder, request) = (Arc::clone(&fixture.responder), about(&fixture));
            async move { responder.answer(&request).await }
        });
        fixture.signer.begun().await;
        fixture.apply(&[fixture.ca.certificate_entry(5, 1, revoked(0))]);
        fixture.signer.release(10);
        assert_eq!(Reading::of(&asked.await.unwrap().der).only(), "revoked");
        assert_eq!(fixture.signer.signatures(), 2);
        assert_eq!(fixture.status(1).await, "revoked");
    }
}

#[tokio::test]
async fn a_feed_that_is_silent_for_too_long_ends_all_answers() {
    let fixture = Fixture::new();
    fixture.status(1).await;
    fixture.clock.advance(SignedDuration::from_hours(12));
    assert_eq!(fixture.status(1).await, "good");
    fixture.clock.advance(SignedDuration::from_secs(1));
    for last in [1, 2, 3] {
        assert_eq!(fixture.exception(&fixture.about(last)).await, "trylater");
    }
    fixture.freshness.heard(at(43_201));
    assert_eq!(fixture.status(1).await, "good");
}

#[tokio::test]
async fn expired_certificates_are_answered_for_until_the_archive_ends() {
    let fixture = Fixture::new();
    let expiry = 90 * 86_400;
    let delegation = fixture.delegation(80, 120);
    fixture.apply(&[fixture.ca.delegation_entry(5, delegation)]);
    let go = |seconds: i64| {
        fixture.clock.set(at(expiry + seconds));
        fixture.freshness.heard(at(expiry + seconds));
    };
    go(0);
    assert!(
        !fixture
            .ask(&fixture.about(2))
            .await
            .text
            .contains("Archive Cutoff")
    );
    go(7_200);
    let reading = fixture.ask(&fixture.about(2)).await;
    assert_eq!(reading.only(), "revoked");
    assert!(reading.text.contains("Archive Cutoff"), "{}", reading.text);
    go(10 * 86_400 + 1);
    assert_eq!(fixture.exception(&fixture.about(2)).await, "unauthorized");
}
