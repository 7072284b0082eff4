//! Intents, issued certificates, abandoned serial numbers.

use api::{CertificateState, RequestState};
use audit::EventKind;
use pki::{SpkiHash, time::SignedDuration};
use uuid::Uuid;

use super::fixture::{
    Engine, Fixture, RA, event, intent, issued, management, on_both_engines, serial,
};
use crate::{Abandonment, IntentRefusal, Listed, Quota, Replacement, StoreError};

on_both_engines!(
    an_issued_certificate_is_found_with_everything_that_was_recorded,
    an_intent_survives_a_restart_as_unfinished,
    a_certificate_is_recorded_once,
    a_certificate_that_differs_from_its_intent_is_not_recorded,
    an_idempotency_key_is_taken_once_per_ra,
    intents_that_come_at_once_are_recorded_as_if_one_after_another,
    a_key_is_certified_for_one_subject_only,
    blocked_keys_and_ca_keys_are_refused,
    a_binding_belongs_to_one_certificate_in_force,
    a_renewal_takes_over_the_binding,
    the_quota_of_a_day_is_enforced,
    an_abandoned_serial_number_goes_on_with_another,
    a_failed_request_may_be_tried_again_with_its_key,
    a_late_result_of_an_abandoned_serial_number_is_not_recorded,
    certificates_of_the_management_ca_are_not_on_the_feed,
);

async fn an_issued_certificate_is_found_with_everything_that_was_recorded(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let intent = intent(1);
    fixture
        .store
        .record_intent(intent.clone())
        .await
        .unwrap()
        .unwrap();
    let running = fixture
        .store
        .request(intent.request.request_id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(running.state, RequestState::Running);
    fixture.later(1);
    let answered = fixture.record(&intent).await.unwrap();
    let sequence = answered.sequence;

    let found = fixture
        .store
        .certificate(intent.serial)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.state, CertificateState::Issued);
    assert_eq!(found.certificate_der, Some(issued(&intent).certificate_der));
    assert_eq!(
        (found.not_before, found.not_after),
        (intent.not_before, intent.not_after)
    );
    let taken = found.issued_at.unwrap().duration_since(found.recorded_at);
    assert_eq!(taken, SignedDuration::from_secs(1));
    assert_eq!((found.sequence, &found.revocation), (sequence, &None));
    assert_eq!(found, answered);
    let held = fixture.store.held_request(RA, "key-1").await.unwrap();
    let request = fixture
        .store
        .request(held.unwrap().request_id)
        .await
        .unwrap();
    let request = request.unwrap();
    assert_eq!(request.state, RequestState::Issued);
    assert_eq!(
        (request.serial, request.received_at),
        (intent.serial, intent.request.received_at)
    );
    let statement = fixture.store.statement(request.request_id).await.unwrap();
    assert_eq!(statement, intent.statement);
    assert_eq!(fixture.store.feed_head().await.unwrap(), sequence);
    fixture.store.check_invariants().await.unwrap();
}

async fn an_intent_survives_a_restart_as_unfinished(engine: Engine) {
    let mut fixture = Fixture::new(engine).await;
    fixture.issue(intent(1)).await;
    fixture
        .store
        .record_intent(intent(2))
        .await
        .unwrap()
        .unwrap();
    fixture.restart().await;
    let unfinished = fixture.store.unfinished().await.unwrap();
    assert_eq!(unfinished.len(), 1);
    assert_eq!(unfinished[0].certificate.serial, serial(2));
    assert_eq!(unfinished[0].tbs_der, intent(2).tbs_der);
}

async fn a_certificate_is_recorded_once(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let sequence = fixture.issue(intent(1)).await;
    let again = fixture.record(&intent(1)).await.unwrap();
    assert_eq!(again.sequence, sequence);
    assert_eq!(fixture.store.feed_head().await.unwrap(), sequence);
    fixture.store.check_invariants().await.unwrap();
}

async fn a_certificate_that_differs_from_its_intent_is_not_recorded(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture
        .store
        .record_intent(intent(1))
        .await
        .unwrap()
        .unwrap();
    let mut other = intent(1);
    other.tbs_der.push(0);
    let error = fixture.record(&other).await.unwrap_err();
    assert!(
        matches!(error, StoreError::IntentMismatch { .. }),
        "{error}"
    );
    let found = fixture.store.certificate(serial(1)).await.unwrap().unwrap();
    assert_eq!(found.state, CertificateState::Signing);
    let error = fixture.record(&intent(2)).await.unwrap_err();
    assert!(
        matches!(error, StoreError::IntentMismatch { .. }),
        "{error}"
    );
}

/// So many at once that they share transactions and statements; of each pair one is recorded.
async fn intents_that_come_at_once_are_recorded_as_if_one_after_another(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..80_u16 {
        let (pair, mut intent) = (number / 2, intent(number));
        match pair % 4 {
            0 => intent.request.idempotency_key = Some(format!("pair-{pair}")),
            1 => intent.spki_hash = SpkiHash::of(&[9, 9, 9, u8::try_from(pair).unwrap()]),
            2 => intent.binding = Some(format!("pair-{pair}")),
            // Twenty of these; half of them are within the quota.
            _ => {
                intent.quota = Some(Quota {
                    day: 20_513,
                    limit: Some(10),
                });
            }
        }
        let store = fixture.store.clone();
        tasks.spawn(async move { (pair, store.record_intent(intent).await.unwrap()) });
    }
    let mut recorded = std::collections::BTreeMap::<u16, u32>::new();
    let mut refused = std::collections::BTreeMap::<&str, u32>::new();
    while let Some(task) = tasks.join_next().await {
        match task.unwrap() {
            (pair, Ok(())) => *recorded.entry(pair).or_default() += 1,
            (_, Err(refusal)) => *refused.entry(refusal.code()).or_default() += 1,
        }
    }
    for pair in (0..40).filter(|pair| pair % 4 != 3) {
        assert_eq!(recorded.get(&pair), Some(&1), "pair {pair}");
    }
    let expected = [
        ("binding-taken", 10),
        ("idempotency-conflict", 0),
        ("key-certified-for-other-subject", 10),
        ("quota-exceeded", 10),
        ("request-running", 10),
    ];
    for (code, count) in expected {
        assert_eq!(refused.get(code).copied().unwrap_or(0), count, "{code}");
    }
    assert_eq!(fixture.store.unfinished().await.unwrap().len(), 40);
    fixture.store.check_invariants().await.unwrap();
}

async fn an_idempotency_key_is_taken_once_per_ra(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.issue(intent(1)).await;
    let mut again = intent(2);
    again.request.idempotency_key = Some("key-1".to_owned());
    let taken = |same_content| {
        let request_id = Uuid::from_u128(1);
        Err(IntentRefusal::IdempotencyTaken {
            request_id,
            same_content,
        })
    };
    assert_eq!(
        fixture.store.record_intent(again.clone()).await.unwrap(),
        taken(true)
    );
    again.request.body_digest = [2; 32];
    assert_eq!(
        fixture.store.record_intent(again.clone()).await.unwrap(),
        taken(false)
    );
    fixture.peer("insurer", api::PeerRole::Ra).await;
    again.request.ra = Some("insurer".to_owned());
    assert_eq!(fixture.store.record_intent(again).await.unwrap(), Ok(()));
    fixture.store.check_invariants().await.unwrap();
}

async fn a_key_is_certified_for_one_subject_only(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.issue(intent(1)).await;
    let mut other = intent(2);
    other.spki_hash = intent(1).spki_hash;
    let refusal = fixture.store.record_intent(other.clone()).await.unwrap();
    assert_eq!(refusal, Err(IntentRefusal::KeyCertifiedForOtherSubject));
    other.subject_hash = intent(1).subject_hash;
    assert_eq!(fixture.store.record_intent(other).await.unwrap(), Ok(()));
}

async fn blocked_keys_and_ca_keys_are_refused(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let blocked = intent(1).spki_hash;
    let block = || {
        fixture
            .store
            .block_key(blocked, "leaked", event(EventKind::KeyBlocked))
    };
    assert!(block().await.unwrap());
    assert!(!block().await.unwrap());
    let refusal = fixture.store.record_intent(intent(1)).await.unwrap();
    assert_eq!(refusal, Err(IntentRefusal::KeyBlocked));
    let mut of_ca = intent(2);
    of_ca.spki_hash = SpkiHash::of(b"esign-ca");
    assert_eq!(
        fixture.store.record_intent(of_ca).await.unwrap(),
        Err(IntentRefusal::KeyOfCa)
    );
}

async fn a_binding_belongs_to_one_certificate_in_force(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let bound = |number| {
        let mut intent = intent(number);
        intent.binding = Some("social_card:aa".to_owned());
        intent
    };
    fixture.issue(bound(1)).await;
    let refusal = fixture.store.record_intent(bound(2)).await.unwrap();
    assert_eq!(refusal, Err(IntentRefusal::BindingTaken));
    let mut other_profile = bound(3);
    other_profile.profile = "event".to_owned();
    fixture.issue(other_profile).await;
    // Once the certificate has expired, the binding is free.
    fixture
        .clock
        .set(bound(1).not_after + jiff::Span::new().seconds(1));
    fixture.issue(bound(2)).await;
    fixture.store.check_invariants().await.unwrap();
}

async fn a_renewal_takes_over_the_binding(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let mut first = intent(1);
    first.binding = Some("social_card:aa".to_owned());
    fixture.issue(first.clone()).await;
    let mut renewal = first.clone();
    renewal.serial = serial(2);
    renewal.predecessor = Some(first.serial);
    renewal.request = intent(2).request;
    renewal.event = event(EventKind::Signing).serial(renewal.serial);
    fixture.issue(renewal).await;
    let found = fixture.store.certificate(serial(2)).await.unwrap().unwrap();
    assert_eq!(found.predecessor, Some(first.serial));
    let mut stranger = intent(3);
    stranger.binding = first.binding;
    stranger.predecessor = Some(first.serial);
    let refusal = fixture.store.record_intent(stranger).await.unwrap();
    assert_eq!(refusal, Err(IntentRefusal::BindingTaken));
}

async fn the_quota_of_a_day_is_enforced(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let on = |number, day| {
        let mut intent = intent(number);
        intent.quota = Some(Quota {
            day,
            limit: Some(2),
        });
        intent
    };
    fixture.issue(on(1, 7)).await;
    fixture.issue(on(2, 7)).await;
    let refusal = fixture.store.record_intent(on(3, 7)).await.unwrap();
    assert_eq!(refusal, Err(IntentRefusal::QuotaExceeded));
    assert_eq!(fixture.store.record_intent(on(3, 8)).await.unwrap(), Ok(()));
}

async fn an_abandoned_serial_number_goes_on_with_another(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture
        .store
        .record_intent(intent(1))
        .await
        .unwrap()
        .unwrap();
    let replacement = Replacement {
        serial: serial(2),
        not_before: intent(1).not_before,
        not_after: intent(1).not_after,
        shard: Some(5),
        tbs_der: b"tbs again".to_vec(),
        event: event(EventKind::Signing).serial(serial(2)),
    };
    let abandonment = Abandonment {
        serial: serial(1),
        replacement: Some(replacement),
        event: event(EventKind::Abandoned).serial(serial(1)),
    };
    let changed = fixture
        .store
        .record_abandoned(abandonment.clone())
        .await
        .unwrap()
        .unwrap();
    let given_up = fixture.store.certificate(serial(1)).await.unwrap().unwrap();
    assert_eq!(given_up.state, CertificateState::Abandoned);
    assert_eq!(
        given_up.revocation.unwrap().effective_at,
        changed.effective_at
    );
    let entries = fixture
        .store
        .feed_after(changed.sequence - 1, 10)
        .await
        .unwrap()
        .entries()
        .unwrap();
    let feed::Event::Certificate { status, .. } = &entries[0].event else {
        panic!("{entries:?}")
    };
    assert_eq!(
        *status,
        feed::Status::Abandoned {
            at: changed.effective_at
        }
    );
    let mut second = intent(1);
    second.serial = serial(2);
    second.tbs_der = b"tbs again".to_vec();
    fixture.record(&second).await.unwrap();
    let request = fixture
        .store
        .request(Uuid::from_u128(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (request.serial, request.state),
        (serial(2), RequestState::Issued)
    );
    assert_eq!(
        fixture.store.record_abandoned(abandonment).await.unwrap(),
        None
    );
    let (_, listed) = fixture.listed(Listed::All).await;
    assert_eq!(
        listed.iter().map(|entry| entry.serial).collect::<Vec<_>>(),
        [serial(1)]
    );
    fixture.store.check_invariants().await.unwrap();
}

async fn a_failed_request_may_be_tried_again_with_its_key(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let mut first = intent(1);
    first.binding = Some("social_card:aa".to_owned());
    fixture
        .store
        .record_intent(first.clone())
        .await
        .unwrap()
        .unwrap();
    give_up(&fixture, 1).await;
    let request = fixture
        .store
        .request(Uuid::from_u128(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(request.state, RequestState::Failed);
    let mut again = first.clone();
    again.serial = serial(2);
    again.event = event(EventKind::Signing).serial(serial(2));
    again.request.body_digest = [9; 32];
    let refusal = fixture
        .store
        .record_intent(again.clone())
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(refusal.code(), "idempotency-conflict");
    again.request.body_digest = first.request.body_digest;
    fixture.issue(again).await;
    let request = fixture
        .store
        .request(Uuid::from_u128(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (request.serial, request.state),
        (serial(2), RequestState::Issued)
    );
    fixture.store.check_invariants().await.unwrap();
}

async fn give_up(fixture: &Fixture, number: u16) {
    let abandonment = Abandonment {
        serial: serial(number),
        replacement: None,
        event: event(EventKind::Abandoned).serial(serial(number)),
    };
    fixture
        .store
        .record_abandoned(abandonment)
        .await
        .unwrap()
        .unwrap();
}

async fn a_late_result_of_an_abandoned_serial_number_is_not_recorded(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture
        .store
        .record_intent(intent(1))
        .await
        .unwrap()
        .unwrap();
    give_up(&fixture, 1).await;
    let error = fixture.record(&intent(1)).await.unwrap_err();
    assert!(
        matches!(error, StoreError::IntentMismatch { .. }),
        "{error}"
    );
    let found = fixture.store.certificate(serial(1)).await.unwrap().unwrap();
    assert_eq!(
        (found.state, found.certificate_der),
        (CertificateState::Abandoned, None)
    );
}

async fn certificates_of_the_management_ca_are_not_on_the_feed(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let head = fixture.store.feed_head().await.unwrap();
    let mut internal = intent(1);
    internal.issuer = management();
    internal.request.ra = None;
    internal.request.idempotency_key = None;
    assert_eq!(fixture.issue(internal).await, 0);
    assert_eq!(fixture.store.feed_head().await.unwrap(), head);
    fixture.store.check_invariants().await.unwrap();
}
