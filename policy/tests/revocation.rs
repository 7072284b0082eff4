//! Revocation, hold and release.

mod common;

use api::Evidence;
use common::{DAY, ESIGN, INTERNAL, evidence, now, parse};
use jiff::Timestamp;
use pki::RevocationReason;
use policy::{
    CertificateStatus, Initiator, RevocationAction, RevocationDecision, RevocationFacts,
    RevocationPlan, RevocationRequest,
};

fn facts(profile: &str, status: CertificateStatus) -> RevocationFacts {
    RevocationFacts {
        profile: profile.to_owned(),
        status,
        not_before: now() - DAY * 10,
        not_after: now() + DAY * 10,
    }
}

fn decide(
    text: &str,
    action: RevocationAction<'_>,
    initiator: Initiator,
    evidence: &[Evidence],
    facts: &RevocationFacts,
) -> Result<RevocationPlan, Vec<String>> {
    let request = RevocationRequest {
        action,
        initiator,
        evidence,
    };
    match parse(text).evaluate_revocation(&request, facts, now()) {
        RevocationDecision::Permit(plan) => Ok(plan),
        RevocationDecision::Deny(violations) => {
            Err(violations.into_iter().map(|v| v.code).collect())
        }
    }
}

const fn revoke(ground: &str, compromised_at: Option<Timestamp>) -> RevocationAction<'_> {
    RevocationAction::Revoke {
        ground,
        compromised_at,
    }
}

const GOOD: CertificateStatus = CertificateStatus::Good;

#[test]
fn a_lost_key_is_revoked_at_once_and_blocked() {
    let at = now() - DAY;
    let facts = facts("esign-individual", GOOD);
    let action = revoke("sub.key_lost_or_leaked", Some(at));
    let plan = decide(ESIGN, action, Initiator::Ra, &[], &facts).expect("permitted");
    assert_eq!(plan.reason, RevocationReason::KeyCompromise);
    assert_eq!(plan.invalidity_date, Some(at));
    assert!(plan.block_key);
}

#[test]
fn the_subscribers_own_request_needs_a_verification() {
    let facts = facts("esign-individual", GOOD);
    let action = revoke("sub.request", None);
    assert_eq!(
        decide(ESIGN, action, Initiator::Ra, &[], &facts),
        Err(vec!["evidence-missing".to_owned()])
    );
    let plan = decide(
        ESIGN,
        action,
        Initiator::Ra,
        &[evidence("face_video")],
        &facts,
    );
    assert_eq!(
        plan.expect("permitted").reason,
        RevocationReason::Unspecified
    );
}

#[test]
fn refusals_of_revocation() {
    let good = facts("esign-individual", GOOD);
    let revoked = facts("esign-individual", CertificateStatus::Revoked);
    let mut expired = facts("esign-individual", GOOD);
    expired.not_after = now() - DAY;
    let lost = "sub.key_lost_or_leaked";
    let cases = [
        (
            "ground-unknown",
            revoke("sub.mood", None),
            Initiator::Ra,
            &good,
        ),
        (
            "initiator-not-allowed",
            revoke("ca.unlawful_use", None),
            Initiator::Ra,
            &good,
        ),
        (
            "already-revoked",
            revoke(lost, None),
            Initiator::Ra,
            &revoked,
        ),
        (
            "already-expired",
            revoke("ca.used_after_expiry", None),
            Initiator::Officer,
            &expired,
        ),
        (
            "compromise-in-future",
            revoke(lost, Some(now() + DAY)),
            Initiator::Ra,
            &good,
        ),
        (
            "compromise-before-issue",
            revoke(lost, Some(now() - DAY * 11)),
            Initiator::Ra,
            &good,
        ),
        (
            "compromise-not-expected",
            revoke("ca.unlawful_use", Some(now() - DAY)),
            Initiator::Officer,
            &good,
        ),
    ];
    for (code, action, initiator, facts) in cases {
        assert_eq!(
            decide(ESIGN, action, initiator, &[], facts),
            Err(vec![code.to_owned()])
        );
    }
}

#[test]
fn a_hold_may_be_released_or_end_in_revocation() {
    let suspended = facts("esign-individual", CertificateStatus::Hold);
    let good = facts("esign-individual", GOOD);
    let hold = decide(ESIGN, RevocationAction::Hold, Initiator::Ra, &[], &good);
    assert_eq!(
        hold.expect("hold").reason,
        RevocationReason::CertificateHold
    );
    let release = decide(
        ESIGN,
        RevocationAction::Release,
        Initiator::Ra,
        &[],
        &suspended,
    );
    assert_eq!(
        release.expect("release").reason,
        RevocationReason::RemoveFromCrl
    );
    let lost = revoke("sub.key_lost_or_leaked", None);
    assert!(decide(ESIGN, lost, Initiator::Ra, &[], &suspended).is_ok());
    assert_eq!(
        decide(
            ESIGN,
            RevocationAction::Hold,
            Initiator::Ra,
            &[],
            &suspended
        ),
        Err(vec!["already-on-hold".to_owned()])
    );
    assert_eq!(
        decide(ESIGN, RevocationAction::Release, Initiator::Ra, &[], &good),
        Err(vec!["not-on-hold".to_owned()])
    );
}

#[test]
fn tls_servers_are_never_put_on_hold() {
    let facts = facts("tls-server", GOOD);
    assert_eq!(
        decide(
            INTERNAL,
            RevocationAction::Hold,
            Initiator::Officer,
            &[],
            &facts
        ),
        Err(vec!["hold-not-allowed".to_owned()])
    );
}
