//! The state of one evaluation: the arguments and the violations so far.

use api::Violation;
use jiff::Timestamp;
use pki::{DistinguishedName, SubjectAltName};

use crate::{Facts, IssuanceRequest, Policy, Profile, citation};

/// How far ahead of ours another party's clock may be.
const CLOCK_SKEW: jiff::SignedDuration = jiff::SignedDuration::from_mins(5);

/// What a certificate will name.
pub(super) type Names = (DistinguishedName, Vec<SubjectAltName>);

/// First and last second of validity.
pub(super) type Period = (Timestamp, Timestamp);

/// One evaluation.
pub(super) struct Evaluation<'a> {
    pub(super) policy: &'a Policy,
    pub(super) profile: &'a Profile,
    pub(super) request: IssuanceRequest<'a>,
    pub(super) facts: &'a Facts,
    pub(super) now: Timestamp,
    violations: Vec<Violation>,
}

impl<'a> Evaluation<'a> {
    pub(super) const fn new(
        policy: &'a Policy,
        profile: &'a Profile,
        request: IssuanceRequest<'a>,
        facts: &'a Facts,
        now: Timestamp,
    ) -> Self {
        Self {
            policy,
            profile,
            request,
            facts,
            now,
            violations: Vec::new(),
        }
    }

    pub(super) fn into_violations(self) -> Vec<Violation> {
        self.violations
    }

    /// Notes a violation.
    pub(super) fn deny(
        &mut self,
        code: &str,
        field: &str,
        section: &str,
        detail: impl Into<String>,
    ) {
        let violation = violation(code, field, section, detail);
        if !self.violations.contains(&violation) {
            self.violations.push(violation);
        }
    }

    /// Notes a violation unless the rule is kept.
    pub(super) fn require(
        &mut self,
        kept: bool,
        code: &str,
        field: &str,
        section: &str,
        detail: &str,
    ) {
        if !kept {
            self.deny(code, field, section, detail);
        }
    }

    /// Whether a moment that another party states lies after now, its clock being allowed to be
    /// a little ahead.
    pub(super) fn is_future(&self, time: Timestamp) -> bool {
        time.saturating_sub(CLOCK_SKEW)
            .is_ok_and(|time| time > self.now)
    }

    pub(super) fn check_policy_in_force(&mut self) {
        self.require(
            self.policy.effective_from <= self.now,
            "policy-not-in-force",
            "",
            "1.2",
            "this version of the CPS does not apply yet",
        );
    }
}

/// A violation of a section of the CPS.
pub(super) fn violation(
    code: &str,
    field: &str,
    section: &str,
    detail: impl Into<String>,
) -> Violation {
    Violation {
        code: code.to_owned(),
        field: field.to_owned(),
        citation: citation::cps(section),
        detail: detail.into(),
    }
}
