//! Revocation, hold and release (3.4, 4.9).

use api::Violation;
use jiff::Timestamp;
use pki::RevocationReason;

use super::{evaluation::violation, evidence::is_digest};
use crate::{
    CertificateStatus, Ground, Initiator, Policy, RevocationAction, RevocationDecision,
    RevocationFacts, RevocationPlan, RevocationRequest,
};

impl Policy {
    /// Decides on a revocation, a hold or a release: exactly what to record, or every rule that
    /// the request breaks.
    pub fn evaluate_revocation(
        &self,
        request: &RevocationRequest<'_>,
        facts: &RevocationFacts,
        now: Timestamp,
    ) -> RevocationDecision {
        let mut denials = Denials(Vec::new());
        denials.require(
            now <= facts.not_after,
            "already-expired",
            "",
            "4.9.1",
            "the certificate has expired; its status is final",
        );
        let plan = match request.action {
            RevocationAction::Revoke {
                ground,
                compromised_at,
            } => {
                denials.check_revoke_status(facts.status);
                self.revoke(request, (ground, compromised_at), facts, now, &mut denials)
            }
            RevocationAction::Hold => {
                denials.check_hold_status(facts.status);
                self.suspend(
                    request,
                    facts,
                    ("hold", RevocationReason::CertificateHold),
                    &mut denials,
                )
            }
            RevocationAction::Release => {
                denials.check_release_status(facts.status);
                self.suspend(
                    request,
                    facts,
                    ("release", RevocationReason::RemoveFromCrl),
                    &mut denials,
                )
            }
        };
        match plan {
            Some(plan) if denials.0.is_empty() => RevocationDecision::Permit(plan),
            _ => RevocationDecision::Deny(denials.0),
        }
    }

    fn revoke(
        &self,
        request: &RevocationRequest<'_>,
        (id, compromised_at): (&str, Option<Timestamp>),
        facts: &RevocationFacts,
        now: Timestamp,
        denials: &mut Denials,
    ) -> Option<RevocationPlan> {
        let Some(ground) = self.ground(id) else {
            denials.deny(
                "ground-unknown",
                "ground",
                "4.9.1",
                "the CPS has no such ground",
            );
            return None;
        };
        denials.check_initiator(&ground.initiators, request.initiator, "4.9.2");
        denials.check_evidence(self, request, ground.evidence);
        denials.check_compromise(ground, compromised_at, facts, now);
        Some(RevocationPlan {
            reason: ground.reason,
            ground: ground.id.clone(),
            invalidity_date: compromised_at,
            block_key: ground.compromise,
            approvals: ground.approvals,
        })
    }

    fn suspend(
        &self,
        request: &RevocationRequest<'_>,
        facts: &RevocationFacts,
        (word, reason): (&str, RevocationReason),
        denials: &mut Denials,
    ) -> Option<RevocationPlan> {
        let allowed = self
            .profile(&facts.profile)
            .is_some_and(crate::Profile::hold);
        // What was put on hold under an earlier policy can still be released.
        let needs_profile = reason == RevocationReason::CertificateHold;
        let Some(rules) = self
            .source
            .revocation
            .suspension
            .as_ref()
            .filter(|_| allowed || !needs_profile)
        else {
            denials.deny(
                "hold-not-allowed",
                "",
                "4.9.13",
                "certificates of this profile are not suspended",
            );
            return None;
        };
        let initiators = if needs_profile {
            &rules.hold
        } else {
            &rules.release
        };
        denials.check_initiator(initiators, request.initiator, "4.9.14");
        denials.check_evidence(self, request, rules.evidence);
        Some(RevocationPlan {
            reason,
            ground: word.to_owned(),
            invalidity_date: None,
            block_key: false,
            approvals: 1,
        })
    }
}

struct Denials(Vec<Violation>);

impl Denials {
    fn deny(&mut self, code: &str, field: &str, section: &str, detail: &str) {
        self.0.push(violation(code, field, section, detail));
    }

    fn require(&mut self, kept: bool, code: &str, field: &str, section: &str, detail: &str) {
        if !kept {
            self.deny(code, field, section, detail);
        }
    }

    fn check_revoke_status(&mut self, status: CertificateStatus) {
        self.require(
            status != CertificateStatus::Revoked,
            "already-revoked",
            "",
            "4.9.3",
            "the certificate is revoked already",
        );
    }

    fn check_hold_status(&mut self, status: CertificateStatus) {
        self.check_revoke_status(status);
        self.require(
            status != CertificateStatus::Hold,
            "already-on-hold",
            "",
            "4.9.15",
            "the certificate is on hold already",
        );
    }

    fn check_release_status(&mut self, status: CertificateStatus) {
        self.require(
            status == CertificateStatus::Hold,
            "not-on-hold",
            "",
            "4.9.15",
            "the certificate is not on hold",
        );
    }

    fn check_initiator(&mut self, allowed: &[Initiator], initiator: Initiator, section: &str) {
        let detail = "this party may not ask for it on this ground";
        self.require(
            allowed.contains(&initiator),
            "initiator-not-allowed",
            "ground",
            section,
            detail,
        );
    }

    fn check_evidence(&mut self, policy: &Policy, request: &RevocationRequest<'_>, least: u32) {
        let mut sound = 0_u32;
        for (index, piece) in request.evidence.iter().enumerate() {
            let field = format!("evidence[{index}]");
            let known = policy
                .evidence_kind(&piece.kind)
                .is_some_and(|kind| kind.accepted);
            let counts = known && piece.passed && is_digest(&piece.digest_sha256);
            sound = sound.saturating_add(u32::from(counts));
            self.require(
                counts,
                "evidence-not-accepted",
                &field,
                "3.4",
                "is of an unknown kind, did not pass, or its digest is malformed",
            );
        }
        if sound < least {
            let detail = format!("at least {least} verification(s) of the requester are required");
            self.deny("evidence-missing", "evidence", "3.4", &detail);
        }
    }

    fn check_compromise(
        &mut self,
        ground: &Ground,
        compromised_at: Option<Timestamp>,
        facts: &RevocationFacts,
        now: Timestamp,
    ) {
        let Some(at) = compromised_at else { return };
        let field = "compromised_at";
        self.require(
            ground.compromise,
            "compromise-not-expected",
            field,
            "4.9.12",
            "this ground is not a compromise of the key",
        );
        self.require(
            at <= now,
            "compromise-in-future",
            field,
            "4.9.12",
            "lies in the future",
        );
        self.require(
            at >= facts.not_before,
            "compromise-before-issue",
            field,
            "4.9.12",
            "lies before the certificate began",
        );
    }
}
