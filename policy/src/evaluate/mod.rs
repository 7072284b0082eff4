//! Evaluation of a request for a certificate.

mod agreement;
mod evaluation;
mod evidence;
mod explain;
mod key;
mod names;
mod predecessor;
mod ra;
mod revocation;
mod sans;
mod subject;
mod validity;

use jiff::Timestamp;

use self::evaluation::{Evaluation, Names, Period};
use crate::{
    BasicConstraintsPlan, CertificatePlan, Decision, Facts, IssuanceRequest, Policy,
    PolicyIdentifier, Profile,
};

impl Policy {
    /// Decides on a request: exactly what to issue, or every rule that it breaks.
    ///
    /// A pure function: the same arguments give the same answer. Only an unknown profile ends it
    /// early, since no other rule can be checked then.
    pub fn evaluate(
        &self,
        request: &IssuanceRequest<'_>,
        facts: &Facts,
        now: Timestamp,
    ) -> Decision {
        let Some(profile) = self.profile(request.profile) else {
            return Decision::Deny(vec![evaluation::violation(
                "profile-unknown",
                "profile",
                "7.1",
                "the policy has no such profile",
            )]);
        };
        let mut evaluation = Evaluation::new(self, profile, *request, facts, now);
        evaluation.check_policy_in_force();
        evaluation.check_ra();
        evaluation.check_key();
        evaluation.check_predecessor();
        let names = evaluation.check_names();
        evaluation.check_evidence();
        evaluation.check_consent();
        evaluation.check_person();
        evaluation.check_custody_and_binding();
        let period = evaluation.check_validity();
        let violations = evaluation.into_violations();
        match (names, period) {
            (Some(names), Some(period)) if violations.is_empty() => {
                Decision::Permit(Box::new(self.plan(profile, request, names, period)))
            }
            _ => Decision::Deny(violations),
        }
    }

    fn plan(
        &self,
        profile: &Profile,
        request: &IssuanceRequest<'_>,
        (subject, subject_alt_names): Names,
        (not_before, not_after): Period,
    ) -> CertificatePlan {
        let issuer = request.issuer;
        let published = profile.source.revocation;
        let cps = self.urls.cps(issuer);
        CertificatePlan {
            profile: profile.name.clone(),
            subject,
            subject_alt_names,
            not_before,
            not_after,
            basic_constraints: BasicConstraintsPlan::EndEntity,
            key_usage: profile.key_usage.clone(),
            extended_key_usage: profile.extended_key_usage.clone(),
            policies: profile
                .policies
                .iter()
                .map(|oid| PolicyIdentifier {
                    oid: *oid,
                    cps_uri: Some(cps.clone()),
                })
                .collect(),
            crl_distribution_point: published
                .then(|| self.urls.distribution_point(issuer, self.crl.shards)),
            ocsp_uri: published.then(|| self.urls.ocsp.clone()),
            ca_issuers_uri: Some(self.urls.ca_issuers(issuer)),
            no_rev_avail: !published,
            ocsp_no_check: false,
        }
    }
}
