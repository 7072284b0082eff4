//! Evaluation of a request for a certificate.

use jiff::Timestamp;

use crate::{
    Decision, Facts, IssuanceRequest, Policy, RevocationDecision, RevocationFacts,
    RevocationRequest,
};

impl Policy {
    /// Decides on a request: exactly what to issue, or every rule that it breaks.
    ///
    /// A pure function: the same arguments give the same answer.
    pub fn evaluate(
        &self,
        request: &IssuanceRequest<'_>,
        facts: &Facts,
        now: Timestamp,
    ) -> Decision {
        let _ = (request, facts, now);
        Decision::Deny(Vec::new())
    }

    /// Decides on a revocation, a hold or a release.
    pub fn evaluate_revocation(
        &self,
        request: &RevocationRequest<'_>,
        facts: &RevocationFacts,
        now: Timestamp,
    ) -> RevocationDecision {
        let _ = (request, facts, now);
        RevocationDecision::Deny(Vec::new())
    }
}
