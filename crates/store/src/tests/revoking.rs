//! Revocations, holds, and what stands on the next list.

use api::{AcceptanceBasis, CertificateState};
use audit::EventKind;
use feed::{Event, Status};
use pki::{CrlNumber, CrlScope, Fingerprint, RevocationReason, SerialNumber};
use uuid::Uuid;

use super::fixture::{
    Engine, Fixture, RA, at, event, intent, issued, issuer, on_both_engines, serial,
};
use crate::{
    Acceptance, AuditFilter, CrlRecord, Listed, PinnedCertificate, Revocation, RevocationRefusal,
    StatusChange, StatusChanged,
};

on_both_engines!(
    a_revocation_takes_effect_with_its_commit,
    a_revoked_certificate_stays_revoked,
    a_hold_is_released_or_becomes_a_revocation,
    only_issued_certificates_can_be_revoked,
    a_revocation_frees_the_binding,
    an_entry_stays_until_a_list_made_after_its_end,
    an_entry_that_the_list_did_not_see_stays,
    the_first_acceptance_counts,
    a_revoked_certificate_admits_its_peer_no_more,
    a_key_leads_to_its_certificates_also_while_one_is_being_signed,
);

pub(super) fn revoke(reason: RevocationReason) -> StatusChange {
    StatusChange::Revoke {
        reason,
        invalidity_date: None,
    }
}

pub(super) async fn change(
    fixture: &Fixture,
    number: u16,
    change: StatusChange,
) -> Result<StatusChanged, RevocationRefusal> {
    let kind = match change {
        StatusChange::Revoke { .. } => EventKind::Revoked,
        StatusChange::Hold => EventKind::Held,
        StatusChange::Release => EventKind::Released,
    };
    let revocation = Revocation {
        serial: serial(number),
        change,
        ground: "sub.request".to_owned(),
        requested_at: at("2026-03-01T07:00:00Z"),
        approved_at: at("2026-03-01T07:30:00Z"),
        event: event(kind)
            .serial(serial(number))
            .request(Uuid::from_u128(number.into())),
    };
    fixture.store.record_revocation(revocation).await.unwrap()
}

async fn state(fixture: &Fixture, number: u16) -> CertificateState {
    fixture
        .store
        .certificate(serial(number))
        .await
        .unwrap()
        .unwrap()
        .state
}

async fn listed(fixture: &Fixture) -> Vec<SerialNumber> {
    let (_, entries) = fixture.listed(Listed::All).await;
    entries.iter().map(|entry| entry.serial).collect()
}

/// Records a full list made now from the present entries.
pub(super) async fn list(fixture: &Fixture, as_of: u64) {
    list_of(fixture, CrlScope::Full, as_of).await;
}

/// Records a list of a scope made now from the present entries.
pub(super) async fn list_of(fixture: &Fixture, scope: CrlScope, as_of: u64) -> CrlNumber {
    let number = reserved(fixture, scope).await;
    let octets = format!("list {number}").into_bytes();
    record(fixture, crl(fixture, (scope, number), as_of, octets)).await;
    number
}

pub(super) async fn reserved(fixture: &Fixture, scope: CrlScope) -> CrlNumber {
    let (issuer, floor, event) = (issuer(), CrlNumber::new(1), event(EventKind::CrlSigning));
    let store = &fixture.store;
    let reserved = store.reserve_crl_number(&issuer, scope, floor, event);
    reserved.await.unwrap()
}

/// A list made now.
pub(super) fn crl(
    fixture: &Fixture,
    (scope, number): (CrlScope, CrlNumber),
    as_of: u64,
    octets: Vec<u8>,
) -> CrlRecord {
    let this_update = pki::time::Clock::now(&fixture.clock);
    CrlRecord {
        issuer: issuer(),
        scope,
        base: None,
        number,
        this_update,
        next_update: this_update + jiff::SignedDuration::from_hours(24),
        crl_der: octets.into(),
        as_of,
    }
}

pub(super) async fn record(fixture: &Fixture, crl: CrlRecord) {
    let recorded = fixture.store.record_crl(crl, event(EventKind::CrlIssued));
    recorded.await.unwrap().unwrap();
}

async fn a_revocation_takes_effect_with_its_commit(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let issued = fixture.issue(intent(1)).await;
    fixture.later(60);
    let invalidity_date = Some(at("2026-02-01T00:00:00Z"));
    let reason = RevocationReason::KeyCompromise;
    let changed = change(
        &fixture,
        1,
        StatusChange::Revoke {
            reason,
            invalidity_date,
        },
    )
    .await
    .unwrap();
    assert_eq!(changed.effective_at, at("2026-03-01T08:01:00Z"));
    assert_eq!(changed.sequence, issued + 1);
    let found = fixture.store.certificate(serial(1)).await.unwrap().unwrap();
    let revocation = found.revocation.unwrap();
    assert_eq!(found.state, CertificateState::Revoked);
    assert_eq!(
        (revocation.reason, revocation.ground.as_str()),
        (reason, "sub.request")
    );
    assert_eq!(
        (revocation.sequence, revocation.invalidity_date),
        (changed.sequence, invalidity_date)
    );
    assert_eq!(revocation.request_id, Some(Uuid::from_u128(1)));
    assert_eq!(
        (revocation.requested_at, revocation.approved_at),
        (at("2026-03-01T07:00:00Z"), at("2026-03-01T07:30:00Z"))
    );
    let entries = fixture
        .store
        .feed_after(issued, 10)
        .await
        .unwrap()
        .entries()
        .unwrap();
    let expected = Status::Revoked {
        at: changed.effective_at,
        reason: Some(reason),
        invalidity_date,
    };
    let Event::Certificate { status, .. } = &entries[0].event else {
        panic!("{entries:?}")
    };
    assert_eq!(
        (*status, entries[0].seq, entries.len()),
        (expected, changed.sequence, 1)
    );
    fixture.store.check_invariants().await.unwrap();
}

async fn a_revoked_certificate_stays_revoked(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.issue(intent(1)).await;
    change(&fixture, 1, revoke(RevocationReason::Superseded))
        .await
        .unwrap();
    let head = fixture.store.feed_head().await.unwrap();
    for again in [
        revoke(RevocationReason::KeyCompromise),
        StatusChange::Hold,
        StatusChange::Release,
    ] {
        let refusal = change(&fixture, 1, again).await;
        assert_eq!(refusal, Err(RevocationRefusal::AlreadyRevoked), "{again:?}");
    }
    assert_eq!(fixture.store.feed_head().await.unwrap(), head);
    assert_eq!(state(&fixture, 1).await, CertificateState::Revoked);
}

async fn a_hold_is_released_or_becomes_a_revocation(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.issue(intent(1)).await;
    assert_eq!(
        change(&fixture, 1, StatusChange::Release).await,
        Err(RevocationRefusal::NotOnHold)
    );
    change(&fixture, 1, StatusChange::Hold).await.unwrap();
    assert_eq!(state(&fixture, 1).await, CertificateState::OnHold);
    assert_eq!(listed(&fixture).await, [serial(1)]);
    assert_eq!(
        change(&fixture, 1, StatusChange::Hold).await,
        Err(RevocationRefusal::AlreadyOnHold)
    );
    let released = change(&fixture, 1, StatusChange::Release).await.unwrap();
    let found = fixture.store.certificate(serial(1)).await.unwrap().unwrap();
    assert_eq!(
        (found.state, found.revocation),
        (CertificateState::Issued, None)
    );
    assert_eq!(listed(&fixture).await, []);
    let entry = fixture
        .store
        .feed_after(released.sequence - 1, 1)
        .await
        .unwrap()
        .entries()
        .unwrap();
    let Event::Certificate { status, .. } = entry[0].event else {
        panic!("{entry:?}")
    };
    assert_eq!(status, Status::Good);
    change(&fixture, 1, StatusChange::Hold).await.unwrap();
    change(&fixture, 1, revoke(RevocationReason::Unspecified))
        .await
        .unwrap();
    let (_, entries) = fixture.listed(Listed::All).await;
    assert_eq!(entries[0].reason, None, "unspecified is not written");
    fixture.store.check_invariants().await.unwrap();
}

async fn only_issued_certificates_can_be_revoked(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let why = revoke(RevocationReason::Unspecified);
    assert_eq!(
        change(&fixture, 1, why).await,
        Err(RevocationRefusal::NotFound)
    );
    fixture
        .store
        .record_intent(intent(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        change(&fixture, 1, why).await,
        Err(RevocationRefusal::NotIssued)
    );
}

async fn a_revocation_frees_the_binding(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let bound = |number| {
        let mut intent = intent(number);
        intent.binding = Some("social_card:aa".to_owned());
        intent
    };
    fixture.issue(bound(1)).await;
    change(&fixture, 1, StatusChange::Hold).await.unwrap();
    assert!(
        fixture
            .store
            .record_intent(bound(2))
            .await
            .unwrap()
            .is_err()
    );
    change(&fixture, 1, revoke(RevocationReason::Unspecified))
        .await
        .unwrap();
    assert_eq!(fixture.store.record_intent(bound(2)).await.unwrap(), Ok(()));
}

async fn an_entry_stays_until_a_list_made_after_its_end(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.issue(intent(1)).await;
    fixture.issue(intent(2)).await;
    let changed = change(&fixture, 1, revoke(RevocationReason::Unspecified))
        .await
        .unwrap();
    list(&fixture, changed.sequence).await;
    assert_eq!(listed(&fixture).await, [serial(1)], "before its end");
    fixture.clock.set(intent(1).not_after);
    list(&fixture, changed.sequence).await;
    assert_eq!(listed(&fixture).await, [serial(1)], "at its last second");
    fixture.later(1);
    list(&fixture, changed.sequence).await;
    assert_eq!(
        listed(&fixture).await,
        [],
        "after a list that was made after its end"
    );
    fixture.store.check_invariants().await.unwrap();
}

async fn an_entry_that_the_list_did_not_see_stays(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let issued = fixture.issue(intent(1)).await;
    fixture.clock.set(intent(1).not_after);
    fixture.later(1);
    change(&fixture, 1, revoke(RevocationReason::Unspecified))
        .await
        .unwrap();
    list(&fixture, issued).await;
    assert_eq!(listed(&fixture).await, [serial(1)]);
}

async fn the_first_acceptance_counts(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture.issue(intent(1)).await;
    fixture
        .store
        .record_intent(intent(2))
        .await
        .unwrap()
        .unwrap();
    let accept = |number, basis| Acceptance {
        serial: serial(number),
        at: at("2026-03-01T08:00:05Z"),
        basis,
    };
    let record = |acceptances| {
        fixture
            .store
            .record_acceptances(acceptances, event(EventKind::Accepted))
    };
    let first = vec![
        accept(1, AcceptanceBasis::Delivery),
        accept(2, AcceptanceBasis::Delivery),
    ];
    assert_eq!(record(first).await.unwrap(), 1, "one of them is not issued");
    assert_eq!(
        record(vec![accept(1, AcceptanceBasis::Explicit)])
            .await
            .unwrap(),
        0
    );
    let found = fixture.store.certificate(serial(1)).await.unwrap().unwrap();
    assert_eq!(
        found.acceptance,
        Some((at("2026-03-01T08:00:05Z"), AcceptanceBasis::Delivery))
    );
}

async fn a_revoked_certificate_admits_its_peer_no_more(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let store = &fixture.store;
    let fingerprints: Vec<Fingerprint> = [intent(1), intent(2)]
        .iter()
        .map(|intent| Fingerprint::of(&issued(intent).certificate_der))
        .collect();
    for (number, fingerprint) in (1..).zip(&fingerprints) {
        fixture.issue(intent(number)).await;
        let pin = PinnedCertificate {
            fingerprint: *fingerprint,
            not_after: at("2027-03-01T08:00:00Z"),
            retired_at: None,
        };
        let added = store.add_fingerprint(RA, pin, event(EventKind::FingerprintAdded));
        added.await.unwrap().unwrap();
    }
    let changed = change(&fixture, 1, revoke(RevocationReason::KeyCompromise))
        .await
        .unwrap();
    let retired_at = async |fingerprint| {
        let found = store.peer_by_fingerprint(fingerprint).await.unwrap();
        found.unwrap().1.retired_at
    };
    assert_eq!(
        retired_at(&fingerprints[0]).await,
        Some(changed.effective_at)
    );
    assert_eq!(retired_at(&fingerprints[1]).await, None);
    let filter = AuditFilter {
        kind: Some(EventKind::FingerprintRetired),
        ..AuditFilter::default()
    };
    assert_eq!(store.audit_page(&filter, 0, 10).await.unwrap().len(), 1);
}

async fn a_key_leads_to_its_certificates_also_while_one_is_being_signed(engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let store = &fixture.store;
    let first = intent(1);
    let mut second = intent(2);
    (second.spki_hash, second.subject_hash) = (first.spki_hash, first.subject_hash);
    let key = first.spki_hash;
    assert_eq!(store.last_change_of_key(&key).await.unwrap(), 0);
    let sequence = fixture.issue(first).await;
    store.record_intent(second).await.unwrap().unwrap();
    let found = store.certificates_of_key(&key).await.unwrap();
    let states: Vec<_> = found.iter().map(|found| found.state).collect();
    assert_eq!(
        states,
        [CertificateState::Issued, CertificateState::Signing]
    );
    assert_eq!(store.last_change_of_key(&key).await.unwrap(), sequence);
}
